package report

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// Primitives are the benchmarks of a file that do the same thing in several
// ways, which they name by /by: in goroutines, in processes, in Python.
type Primitives struct {
	Label string // of the file
	All   []Primitive

	config []samples.Setting // of the first of them
}

// A Primitive is what is done, and what each way charges for it.
type Primitive struct {
	Name   string
	Params []results.Param // without /by
	Unit   string          // of what is charged: sec/op unless it reports a metric of its own
	Ways   []Way           // by side, in the order of [sides]; in each, the cheapest first
}

// A Way is one of those in which a primitive is done.
type Way struct {
	By     string
	Side   results.Side
	Charge Interval
	Rate   Interval // in B/s; unknown if it was not measured

	values, rates []float64
}

// sides are in the order in which they are shown.
var sides = []results.Side{results.GoroutineSide, results.ProcessSide, results.PythonSide, results.UnknownSide}

// plainUnits are those in which Go's own benchmarks report. Any other is what a
// benchmark is about.
var plainUnits = []string{results.SecPerOp, results.BytesPerSec, results.AllocBytesOp, results.AllocsPerOp}

// primitivesOf gathers the primitives of a file. It returns nil if no benchmark of
// it says that it does something in a way that is known: another project may
// mean something else by /by.
func primitivesOf(set *samples.Set, label string) *Primitives {
	p := &Primitives{Label: label}
	index := make(map[string]int)
	known := false
	clashes := clashing(set, label)
	for _, s := range set.Series {
		if s.File != label {
			continue
		}
		name, params, by := splitBy(s.Name)
		if _, cell := cellOf(s); cell || by == "" {
			continue
		}
		for _, key := range clashes {
			if v := s.Key(key); v != "" {
				params = append(params, results.Param{Name: key, Value: v})
			}
		}
		if p.config == nil {
			p.config = s.Config
		}
		id := name + "/" + paramWords(params, "/")
		i, ok := index[id]
		if !ok {
			i = len(p.All)
			index[id] = i
			p.All = append(p.All, Primitive{Name: name, Params: params, Unit: chargedIn(s)})
		}
		known = p.All[i].add(s, by) || known
	}
	p.All = slices.DeleteFunc(p.All, func(one Primitive) bool { return len(one.Ways) == 0 })
	for i := range p.All {
		p.All[i].summarise()
	}
	if !known {
		return nil
	}
	return p
}

// splitBy takes the way out of the name of a benchmark, and what says how many
// CPUs it had.
func splitBy(full string) (name string, params []results.Param, by string) {
	base, parts := benchfmt.Name(full).Parts()
	for _, p := range parts {
		key, value, ok := strings.Cut(strings.TrimPrefix(string(p), "/"), "=")
		switch {
		case !ok && p[0] == '-':
		case ok && key == results.ByKey:
			by = value
		default:
			params = append(params, results.Param{Name: key, Value: value})
		}
	}
	return string(base), params, by
}

// chargedIn returns the unit of what a primitive charges.
func chargedIn(s *samples.Series) string {
	for _, unit := range s.Units() {
		if !slices.Contains(plainUnits, unit) {
			return unit
		}
	}
	return results.SecPerOp
}

// add adds the samples of a series. It reports whether they are of a side that is
// known.
func (p *Primitive) add(s *samples.Series, by string) bool {
	values := s.Unit(p.Unit)
	if len(values) == 0 {
		return false
	}
	side := results.SideOf(by)
	i := slices.IndexFunc(p.Ways, func(w Way) bool { return w.By == by })
	if i < 0 {
		i = len(p.Ways)
		p.Ways = append(p.Ways, Way{By: by, Side: side})
	}
	w := &p.Ways[i]
	w.values = append(w.values, values...)
	w.rates = append(w.rates, s.Unit(results.BytesPerSec)...)
	return side != results.UnknownSide
}

func (p *Primitive) summarise() {
	for i := range p.Ways {
		w := &p.Ways[i]
		w.Charge, w.Rate = summarise(w.values), summarise(w.rates)
	}
	slices.SortStableFunc(p.Ways, func(a, b Way) int {
		return cmp.Or(cmp.Compare(slices.Index(sides, a.Side), slices.Index(sides, b.Side)), cmp.Compare(a.Charge.Center, b.Charge.Center))
	})
}

// Label names the primitive: RoundTrip (size=8B).
func (p Primitive) Label() string {
	if len(p.Params) == 0 {
		return p.Name
	}
	return p.Name + " (" + paramWords(p.Params, ", ") + ")"
}

// of returns the ways of a side, the cheapest first.
func (p Primitive) of(side results.Side) []Way {
	return slices.DeleteFunc(slices.Clone(p.Ways), func(w Way) bool { return w.Side != side })
}

// Ratio returns how many times as much one side charges as another, each in its
// cheapest way; it is not known unless both have one.
func (p Primitive) Ratio(side, over results.Side) Ratio {
	a, b := p.of(side), p.of(over)
	if len(a) == 0 || len(b) == 0 {
		return Ratio{}
	}
	return ratioOf(a[0].values, b[0].values)
}

// A sizeSeries is a primitive that was measured at several sizes.
type sizeSeries struct {
	name  string // with the other parameters
	param string
	all   []Primitive // by rising size
}

// series returns the primitives with sizes enough for curves, and the others.
func (p *Primitives) series() (curves []sizeSeries, rest []Primitive) {
	found := make(map[string]int)
	var candidates []sizeSeries
	for _, one := range p.All {
		i := slices.IndexFunc(one.Params, func(q results.Param) bool { size := sizeOf(q.Value); return size > 0 && !math.IsInf(size, 0) })
		if i < 0 {
			continue
		}
		others := slices.Delete(slices.Clone(one.Params), i, i+1)
		id := Primitive{Name: one.Name, Params: others}.Label() + "/" + one.Params[i].Name
		at, ok := found[id]
		if !ok {
			at = len(candidates)
			found[id] = at
			candidates = append(candidates, sizeSeries{name: Primitive{Name: one.Name, Params: others}.Label(), param: one.Params[i].Name})
		}
		candidates[at].all = append(candidates[at].all, one)
	}
	inCurves := make(map[string]bool)
	for _, c := range candidates {
		slices.SortStableFunc(c.all, func(a, b Primitive) int { return cmp.Compare(c.size(a), c.size(b)) })
		distinct := slices.CompactFunc(slices.Clone(c.all), func(a, b Primitive) bool { return c.size(a) == c.size(b) })
		if len(distinct) < LeastSizes || len(distinct) < len(c.all) {
			continue
		}
		curves = append(curves, c)
		for _, one := range c.all {
			inCurves[one.Label()] = true
		}
	}
	for _, one := range p.All {
		if !inCurves[one.Label()] {
			rest = append(rest, one)
		}
	}
	return curves, rest
}

// size returns the size of one of the series.
func (c sizeSeries) size(p Primitive) float64 { return sizeOf(c.valueOf(p)) }

// valueOf returns its size as it is written.
func (c sizeSeries) valueOf(p Primitive) string {
	for _, q := range p.Params {
		if q.Name == c.param {
			return q.Value
		}
	}
	return ""
}
