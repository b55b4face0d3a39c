package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A Granularity is a workload that was measured with tasks of several sizes, and
// what the size does to each mode.
type Granularity struct {
	Workload string
	Param    string // the parameter that the work of a task is proportional to
	Workers  int    // of all modes but serial

	// Chunk is how many tasks a worker was handed at once; empty means a share of
	// what was left.
	Chunk string

	// PerSize is the seconds of work in a task of size 1: what serial takes at the
	// size at which it is fastest, over that size.
	PerSize float64

	Modes []METG // in the suite's order; those with two sizes and more

	rows []*Row // by rising size
}

// LeastSizes is how many sizes of tasks make a curve.
const LeastSizes = 4

// Granularities returns the workloads of which one parameter, and no other, has
// four values and more that the work of a task is proportional to.
func (s *Suite) Granularities() []Granularity { return s.granularities() }

// curves is what Granularities does the first time.
func (s *Suite) curves() []Granularity {
	var all []Granularity
	var seen []string
	for _, r := range s.Rows {
		if slices.Contains(seen, r.Workload) {
			continue
		}
		seen = append(seen, r.Workload)
		if g, ok := s.granularity(r.Workload); ok {
			all = append(all, g)
		}
	}
	return all
}

func (s *Suite) granularity(workload string) (Granularity, bool) {
	g := Granularity{Workload: workload, Chunk: s.setting(results.ChunkKey)}
	for _, r := range s.Rows {
		if r.Workload == workload {
			g.rows = append(g.rows, r)
		}
	}
	if len(g.rows) < LeastSizes || !g.findParam() {
		return g, false
	}
	if !g.proportional() {
		return g, false
	}
	g.Workers = s.headline(g.rows[len(g.rows)-1])
	g.PerSize = g.perSize()
	for _, mode := range s.Modes {
		m := METG{Mode: mode, Workers: g.Workers}
		if mode == serial {
			m.Workers = 1
		}
		if m.Cores = m.Workers; s.CPUs > 0 {
			m.Cores = min(m.Workers, s.CPUs)
		}
		for _, r := range g.rows {
			m.Points = append(m.Points, Grain{Size: g.size(r), samples: charged(r.values(mode, m.Workers, results.SecPerOp), m.Cores)})
		}
		if !m.measured() {
			continue
		}
		for _, p := range m.Points {
			m.Peak = max(m.Peak, g.PerSize*p.rate())
		}
		g.Modes = append(g.Modes, m)
	}
	return g, len(g.Modes) > 0
}

// findParam finds the one parameter in which the rows differ, and sorts them by
// it. There is none if they differ in several, or if its values are no sizes.
func (g *Granularity) findParam() bool {
	first := g.rows[0]
	for _, r := range g.rows[1:] {
		if len(r.Params) != len(first.Params) {
			return false
		}
		for i, p := range r.Params {
			switch {
			case p.Name != first.Params[i].Name:
				return false
			case p.Value == first.Params[i].Value:
			case g.Param != "" && g.Param != p.Name:
				return false
			default:
				g.Param = p.Name
			}
		}
	}
	var sizes []float64
	for _, r := range g.rows {
		size := g.size(r)
		if !(size > 0) || math.IsInf(size, 0) {
			return false
		}
		sizes = append(sizes, size)
	}
	slices.SortStableFunc(g.rows, func(a, b *Row) int { return cmp.Compare(g.size(a), g.size(b)) })
	slices.Sort(sizes)
	return len(slices.Compact(sizes)) == len(g.rows) // 64KiB and 65536B are not two sizes
}

// size returns the size of a row's tasks, or NaN if it has none.
func (g *Granularity) size(r *Row) float64 {
	for _, p := range r.Params {
		if p.Name == g.Param {
			return sizeOf(p.Value)
		}
	}
	return math.NaN()
}

// sizeOf returns the number that the value of a parameter stands for: 1000,
// 64KiB or 10ms; NaN if it stands for none.
func sizeOf(value string) float64 {
	if v, err := strconv.ParseFloat(value, 64); err == nil {
		return v
	}
	if d, err := time.ParseDuration(value); err == nil {
		return d.Seconds()
	}
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if number, ok := strings.CutSuffix(value, unit); ok {
			if v, err := strconv.ParseFloat(number, 64); err == nil {
				return v * float64(int64(1)<<(10*(i+1)))
			}
		}
	}
	if v, err := strconv.ParseFloat(strings.TrimSuffix(value, "B"), 64); err == nil {
		return v
	}
	return math.NaN()
}

// perSize returns what serial takes for a task of size 1 where it is fastest.
func (g *Granularity) perSize() float64 {
	least := math.Inf(1)
	for _, r := range g.rows {
		if v := g.serialPerSize(r); v < least {
			least = v
		}
	}
	return least
}

// serialPerSize returns what serial takes for the tasks of a row, over their
// size; NaN if that was not measured.
func (g *Granularity) serialPerSize(r *Row) float64 {
	return summarise(positive(r.base())).Center / g.size(r)
}

// proportional reports whether the parameter is one that the work of a task is
// proportional to: twice the interval of primes is twice the work, twice their
// limit is not. It shows in the upper half of the sizes, in which what is charged
// for a task counts least, and in serial, which charges least of all: there, the
// time grows with the first power of the size. The bounds are wide, so that noise
// does not hide the whole result.
func (g *Granularity) proportional() bool {
	low, high := g.rows[len(g.rows)/2-1], g.rows[len(g.rows)-1]
	size := g.size(high) / g.size(low)
	power := 1 + math.Log(g.serialPerSize(high)/g.serialPerSize(low))/math.Log(size)
	return power > 0.5 && power < 1.5 // which NaN is not
}

// charged returns the CPU seconds that tasks are charged for.
func charged(walls []float64, cores int) []float64 {
	all := positive(walls)
	for i := range all {
		all[i] *= float64(cores)
	}
	return all
}

// positive returns a copy of those values that can be a time.
func positive(values []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return !(v > 0) || math.IsInf(v, 0) })
}
