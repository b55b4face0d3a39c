package gate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	pprof "github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/report/profile"
)

// An Explanation says which functions made a benchmark slower.
type Explanation struct {
	Benchmark  string
	Base, Head float64 // CPU seconds per op, of the whole profile

	// Functions that gained, the largest gain first, those left out that gained
	// no more than chance may give.
	Functions []Gain

	// Warnings must be said beside the numbers.
	Warnings []string
}

// A Gain is the CPU time of one function, in itself and not in what it calls.
type Gain struct {
	Function   string
	Base, Head float64 // CPU seconds per op
	Share      float64 // of what all the head gained; above 1 if others lost; NaN if head gained nothing
}

// Gained returns the CPU seconds per op by which the head is above the base.
func (g Gain) Gained() float64 { return g.Head - g.Base }

// beyondChance is how many standard errors a gain must have.
//
// The number of samples that a function is seen in is taken for a Poisson count, of
// which the variance is the mean, so that n of them have a standard error of about
// √n, and the difference of two independent counts of √(n+m) (Przyborowski and
// Wilenski 1940, Biometrika 31:313, compare two such counts). A sample stands for s
// seconds per op: of x = n·s the standard error is s·√n = √(x·s). Two of them leave
// out all but about one in forty of the functions that gained nothing: what is named
// is a hint, no verdict.
const beyondChance = 2

// Explain compares the CPU profiles of a benchmark on both sides, each merged of
// all that were taken, with the number of ops that they were taken over, and
// returns the functions that gained most per op, at most so many.
func Explain(benchmark string, base, head *pprof.Profile, baseOps, headOps uint64, most int) (Explanation, error) {
	e := Explanation{Benchmark: benchmark}
	if base == nil || head == nil || baseOps == 0 || headOps == 0 {
		return e, fmt.Errorf("explaining %s: %w", benchmark, errNoProfile)
	}
	b, h := newCosts(base, baseOps), newCosts(head, headOps)
	e.Base, e.Head = b.total, h.total
	for _, s := range []struct {
		side  string
		costs costs
	}{{"base", b}, {"head", h}} {
		for _, w := range s.costs.warnings {
			e.Warnings = append(e.Warnings, s.side+": "+w)
		}
	}
	for name, x := range h.functions {
		y := b.functions[name]
		chance := math.Sqrt(x*h.sample + y*b.sample)
		if x-y <= beyondChance*chance {
			continue
		}
		g := Gain{Function: name, Base: y, Head: x, Share: math.NaN()}
		if e.Head > e.Base {
			g.Share = (x - y) / (e.Head - e.Base)
		}
		e.Functions = append(e.Functions, g)
	}
	slices.SortFunc(e.Functions, func(a, b Gain) int {
		return cmp.Or(cmp.Compare(b.Gained(), a.Gained()), cmp.Compare(a.Function, b.Function))
	})
	if len(e.Functions) > most {
		e.Functions = e.Functions[:max(0, most)]
	}
	if !(e.Head > e.Base) {
		e.Warnings = append(e.Warnings, "head takes no more CPU time per op here: it may wait longer, or the profiles missed it")
	}
	return e, nil
}

var errNoProfile = errors.New("no profile, or no ops, of a side")

// costs are the CPU seconds per op of a profile.
type costs struct {
	total     float64
	functions map[string]float64
	sample    float64 // what one sample stands for
	warnings  []string
}

func newCosts(p *pprof.Profile, ops uint64) costs {
	s := profile.Summarize(p, -1)
	n := float64(ops)
	c := costs{total: s.Seconds / n, functions: make(map[string]float64), warnings: s.Warnings}
	if s.Samples > 0 {
		c.sample = s.Seconds / float64(s.Samples) / n
	}
	for _, f := range s.Top {
		c.functions[f.Name] += f.Flat / n
	}
	return c
}

// Lines say the explanation, a line for each function.
func (e Explanation) Lines() []string {
	lines := []string{fmt.Sprintf("CPU time per op: %s, was %s", quantity(e.Head, "sec/op"), quantity(e.Base, "sec/op"))}
	for _, g := range e.Functions {
		line := fmt.Sprintf("%s: +%s, from %s to %s", g.Function, quantity(g.Gained(), "sec/op"), quantity(g.Base, "sec/op"), quantity(g.Head, "sec/op"))
		if !math.IsNaN(g.Share) {
			line += fmt.Sprintf(", %s of the gain", percent(g.Share))
		}
		lines = append(lines, line)
	}
	if len(e.Functions) == 0 {
		lines = append(lines, "no function gained more than chance may give")
	}
	return append(lines, e.Warnings...)
}
