package verdict

import (
	"fmt"
	"math"
)

// A Pair is what one round measured, in the unit of its decision.
type Pair struct{ Base, Head float64 }

// A Decision is what is judged: one benchmark in one unit.
type Decision struct {
	Benchmark, Unit string

	// Higher says that more is better, as with throughput.
	Higher bool

	// Exact says that the values are counts, which the same code repeats; see
	// ExactUnit.
	Exact bool

	// Pairs are in the order in which they were measured.
	Pairs []Pair
}

// String returns the benchmark and the unit.
func (d Decision) String() string { return d.Benchmark + " " + d.Unit }

// change returns ln(head/base) of a pair, turned so that more is worse. It takes
// the difference of logarithms, not the logarithm of a ratio, so that swapped
// sides give exactly the opposite and no ratio overflows.
func (d Decision) change(p Pair) (float64, error) {
	base, err := d.log(p.Base)
	if err != nil {
		return 0, fmt.Errorf("base: %w", err)
	}
	head, err := d.log(p.Head)
	if err != nil {
		return 0, fmt.Errorf("head: %w", err)
	}
	switch {
	case d.same(p):
		return 0, nil
	case d.Higher:
		return base - head, nil
	}
	return head - base, nil
}

// log returns the logarithm of a measured value.
func (d Decision) log(x float64) (float64, error) {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return 0, fmt.Errorf("%v is not a finite number", x)
	case d.Exact && x == 0:
		return math.Log(zeroCount), nil
	case x <= 0:
		return 0, fmt.Errorf("%v %s is not above zero and has no ratio", x, d.Unit)
	}
	return math.Log(x), nil
}

// changes returns those of the first n pairs, and an error that names the first
// one that cannot be used, where they end.
func (d Decision) changes(n int) ([]float64, error) {
	out := make([]float64, 0, min(n, len(d.Pairs)))
	for i := range min(n, len(d.Pairs)) {
		c, err := d.change(d.Pairs[i])
		if err != nil {
			return out, fmt.Errorf("%s: pair %d: %w", d, i+1, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// natural turns a change back into a ratio head/base.
func (d Decision) natural(change float64) float64 {
	if d.Higher {
		return math.Exp(-change)
	}
	return math.Exp(change)
}
