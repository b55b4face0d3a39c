package table

import (
	"cmp"
	"fmt"
	"strings"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchproc"

	"github.com/gvp-bench/gvp/results/samples"
)

// Options says which samples to put where. The zero value is what benchstat
// does when no flag is given. Projections and filters are written as for
// benchstat (https://pkg.go.dev/golang.org/x/perf/benchproc/syntax); a blank
// one that is not empty, such as " ", has no keys.
type Options struct {
	Filter string // which samples; empty means all

	Table  string // a table for each of ...; empty means .config
	Row    string // a row for each of ...; empty means .fullname
	Col    string // a column for each of ...; empty means .file
	Ignore string // keys in which samples of a cell may differ without warning

	Confidence float64 // level of the intervals; 0 means 0.95
	Alpha      float64 // level of the tests; 0 means 0.05
}

// Build makes the tables of what is in a set. The set is left as it is. An
// error names the option that is wrong.
func Build(set *samples.Set, opts Options) (*Tables, error) {
	b, err := newBuilder(opts)
	if err != nil {
		return nil, err
	}
	if err := b.add(set.Groups); err != nil {
		return nil, err
	}
	if len(b.drafts) == 0 {
		return nil, fmt.Errorf("no samples match filter %q and the values that the projections list", cmp.Or(opts.Filter, "*"))
	}
	return b.tables(set.Units), nil
}

// A builder places groups of samples in the tables.
type builder struct {
	confidence float64
	thresholds benchmath.Thresholds

	filter                      *benchproc.Filter
	table, row, column, residue *benchproc.Projection
	unit                        *benchproc.Field // of table

	drafts map[benchproc.Key]*draft // by the key of their table
}

// A draft is a table of samples not yet summarised.
type draft struct {
	rows, cols map[benchproc.Key]bool
	cells      map[position]draftCell
}

type position struct{ row, col benchproc.Key }

// A draftCell is where the values lie that belong in a cell.
type draftCell []source

// A source is one metric of a group.
type source struct {
	group   *samples.Group
	metric  int
	residue benchproc.Key // what the group is besides its table, row and column
}

func newBuilder(opts Options) (*builder, error) {
	b := &builder{
		confidence: cmp.Or(opts.Confidence, 0.95),
		thresholds: benchmath.DefaultThresholds,
		drafts:     make(map[benchproc.Key]*draft),
	}
	b.thresholds.CompareAlpha = cmp.Or(opts.Alpha, b.thresholds.CompareAlpha)
	if !(b.confidence > 0 && b.confidence < 1) {
		return nil, fmt.Errorf("confidence %v: want a level between 0 and 1, such as 0.95", b.confidence)
	}
	if a := b.thresholds.CompareAlpha; !(a > 0 && a < 1) {
		return nil, fmt.Errorf("alpha %v: want a level between 0 and 1, such as 0.05", a)
	}
	if err := b.parse(opts); err != nil {
		return nil, err
	}
	return b, nil
}

// parse parses the filter and the projections. They belong together: a key that
// one of them names is no part of .config and .fullname in the others.
func (b *builder) parse(opts Options) error {
	var err error
	query := cmp.Or(opts.Filter, "*")
	if b.filter, err = benchproc.NewFilter(query); err != nil {
		return syntaxError("filter", query, err)
	}
	var parser benchproc.ProjectionParser
	tables := cmp.Or(opts.Table, ".config")
	if b.table, b.unit, err = parser.ParseWithUnit(tables, b.filter); err != nil {
		return syntaxError("table", tables, err)
	}
	project := func(option, keys string) (p *benchproc.Projection) {
		if err == nil {
			if p, err = parser.Parse(keys, b.filter); err != nil {
				err = syntaxError(option, keys, err)
			}
		}
		return p
	}
	b.row = project("row", cmp.Or(opts.Row, ".fullname"))
	b.column = project("col", cmp.Or(opts.Col, ".file"))
	project("ignore", opts.Ignore)
	b.residue = parser.Residue()
	return err
}

// syntaxError says in one line what is wrong with the text of an option. The
// parser's own error is three lines: what, the text, and a caret below it.
func syntaxError(option, text string, err error) error {
	what, rest, _ := strings.Cut(err.Error(), "\n")
	what = strings.TrimPrefix(what, "syntax error: ")
	_, caret, _ := strings.Cut(rest, "\n")
	if at := strings.IndexByte(caret, '^'); at > 0 {
		return fmt.Errorf("%s %q: %s at character %d", option, text, what, at)
	}
	return fmt.Errorf("%s %q: %s", option, text, what)
}

// add places groups. A projection numbers what it sees in the order in which it
// sees it, and that is the order of the report; nothing that it looks at
// differs between the lines of a group, so that a group needs but one look.
func (b *builder) add(groups []*samples.Group) error {
	var line benchfmt.Result
	var of *samples.Series
	for _, g := range groups {
		if of == nil || !sameSettings(of, g.Series) {
			line = benchfmt.Result{Config: config(g.Series)}
		}
		of = g.Series
		line.Name = benchfmt.Name(of.Name)
		line.Values = line.Values[:0]
		for _, m := range g.Metrics {
			line.Values = append(line.Values, benchfmt.Value{Unit: m.Unit, OrigUnit: m.Orig})
		}
		match, err := b.filter.Match(&line)
		if err != nil {
			return fmt.Errorf("filter: %w", err)
		}
		if match.Any() {
			b.place(g, &line, match)
		}
	}
	return nil
}

// sameSettings reports whether two series share their configuration.
func sameSettings(a, b *samples.Series) bool {
	return a.File == b.File && len(a.Config) == len(b.Config) && (len(a.Config) == 0 || &a.Config[0] == &b.Config[0])
}

// config returns a series' configuration in the form in which projections want
// it.
func config(s *samples.Series) []benchfmt.Config {
	c := make([]benchfmt.Config, 0, len(s.Config)+1)
	if s.File != "" {
		c = append(c, benchfmt.Config{Key: ".file", Value: []byte(s.File)})
	}
	for _, l := range s.Config {
		c = append(c, benchfmt.Config{Key: l.Key, Value: []byte(l.Value), File: true})
	}
	return c
}

// place places those metrics of a group that match the filter.
func (b *builder) place(g *samples.Group, line *benchfmt.Result, match benchproc.Match) {
	var metrics []int
	for i := range g.Metrics {
		if match.Test(i) {
			line.Values[len(metrics)] = line.Values[i]
			metrics = append(metrics, i)
		}
	}
	line.Values = line.Values[:len(metrics)]
	tables := b.table.ProjectValues(line)
	at := position{row: b.row.Project(line), col: b.column.Project(line)}
	residue := b.residue.Project(line)
	for i, key := range tables {
		d := b.drafts[key]
		if d == nil {
			d = &draft{
				rows:  make(map[benchproc.Key]bool),
				cols:  make(map[benchproc.Key]bool),
				cells: make(map[position]draftCell),
			}
			b.drafts[key] = d
		}
		if d.cells[at] == nil {
			d.rows[at.row], d.cols[at.col] = true, true
		}
		d.cells[at] = append(d.cells[at], source{g, metrics[i], residue})
	}
}
