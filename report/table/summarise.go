package table

import (
	"errors"
	"math"
	"strings"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// tables summarises all drafts.
func (b *builder) tables(units benchfmt.UnitMetadataMap) *Tables {
	ts := &Tables{Confidence: b.confidence, Alpha: b.thresholds.CompareAlpha}
	for _, key := range sorted(b.drafts) {
		d := b.drafts[key]
		t := &Table{Unit: key.Get(b.unit)}
		for _, s := range settings(key) {
			if s.Key != ".unit" {
				t.Keys = append(t.Keys, s)
			}
		}
		t.Better = better(t.Unit, units)
		cols := sorted(d.cols)
		for _, col := range cols {
			t.Cols = append(t.Cols, Column{Keys: settings(col)})
		}
		sum := summariser{
			assumption: units.GetAssumption(t.Unit),
			confidence: b.confidence,
			thresholds: &b.thresholds,
		}
		for _, row := range sorted(d.rows) {
			t.Rows = append(t.Rows, sum.row(d, row, cols))
		}
		for i := range t.Cols {
			t.Geomean = append(t.Geomean, geomean(t.Rows, i))
		}
		ts.Tables = append(ts.Tables, t)
		delete(b.drafts, key)
	}
	return ts
}

// sorted returns the keys of a map in the order that their projection gives.
func sorted[V any](m map[benchproc.Key]V) []benchproc.Key {
	keys := make([]benchproc.Key, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	benchproc.SortKeys(keys)
	return keys
}

// settings returns the fields of a key.
func settings(key benchproc.Key) []samples.Setting {
	var s []samples.Setting
	for _, f := range key.Projection().FlattenedFields() {
		s = append(s, samples.Setting{Key: f.Name, Value: key.Get(f)})
	}
	return s
}

// better returns which direction of a unit is better: what the files say, or
// else what is known of Go's units and gvp's.
func better(unit string, units benchfmt.UnitMetadataMap) int {
	if b := units.GetBetter(unit); b != 0 || units.Get(unit, "better") != nil {
		return b
	}
	for _, u := range results.Units() {
		if u.Name == unit {
			return u.Better
		}
	}
	return 0
}

// A summariser summarises the cells of a table, one row after another.
type summariser struct {
	assumption benchmath.Assumption
	confidence float64
	thresholds *benchmath.Thresholds

	// A cell's values are copied to be sorted, into the same two buffers for
	// all cells: what is kept of a cell does not grow with its values.
	base, values []float64
}

// row summarises the cells of a row.
func (s *summariser) row(d *draft, key benchproc.Key, cols []benchproc.Key) Row {
	r := Row{Label: key.StringValues(), Cells: make([]*Cell, len(cols))}
	var base *benchmath.Sample
	for i, col := range cols {
		draft := d.cells[position{key, col}]
		if draft == nil {
			continue
		}
		buffer := &s.values
		if i == 0 {
			buffer = &s.base
		}
		*buffer = (*buffer)[:0]
		for _, v := range draft {
			*buffer = v.group.AppendValues(*buffer, v.metric)
		}
		sample := benchmath.NewSample(*buffer, s.thresholds)
		c := &Cell{N: len(sample.Values), Summary: s.assumption.Summary(sample, s.confidence)}
		c.Warnings = draft.warnings()
		if i == 0 {
			base = sample
		} else if base != nil {
			c.Base = r.Cells[0]
			c.Comparison = s.assumption.Compare(base, sample)
		}
		r.Cells[i] = c
	}
	return r
}

// warnings warns if the values of a cell were measured under different
// circumstances, so that they are perhaps no sample of one thing.
func (c draftCell) warnings() []error {
	residues := make([]benchproc.Key, len(c))
	for i, s := range c {
		residues[i] = s.residue
	}
	var vary []string
	for _, f := range benchproc.NonSingularFields(residues) {
		vary = append(vary, f.Name)
	}
	if len(vary) == 0 {
		return nil
	}
	return []error{errors.New("benchmarks vary in " + strings.Join(vary, ", "))}
}

var (
	errSets     = errors.New("benchmark set differs from baseline; geomeans may not be comparable")
	errCentres  = errors.New("summaries must be >0 to compute geomean")
	errQuotient = errors.New("ratios must be >0 to compute geomean")
)

// geomean summarises column col. The mean of the ratios is taken over the rows
// that both columns have, rather than as the ratio of the means, which compares
// different things where the columns do not have the same rows.
func geomean(rows []Row, col int) Geomean {
	var centers, ratios []float64
	bases, pairs, overZero := 0, 0, false
	for _, r := range rows {
		if r.Cells[0] != nil {
			bases++
		}
		c := r.Cells[col]
		if c == nil {
			continue
		}
		centers = append(centers, c.Summary.Center)
		if c.Base == nil {
			continue
		}
		pairs++
		switch a, b := c.Summary.Center, c.Base.Summary.Center; {
		case a == b:
			ratios = append(ratios, 1) // also if both are zero
		case b == 0:
			overZero = true
		default:
			ratios = append(ratios, a/b)
		}
	}
	g := Geomean{Center: stats.GeoMean(centers), Ratio: math.NaN()}
	if col > 0 && pairs != bases {
		g.Warnings = append(g.Warnings, errSets)
	}
	if !g.HasCenter() {
		g.Warnings = append(g.Warnings, errCentres)
	}
	if col > 0 && !overZero {
		if g.Ratio = stats.GeoMean(ratios); !g.HasRatio() {
			g.Warnings = append(g.Warnings, errQuotient)
		}
	}
	return g
}
