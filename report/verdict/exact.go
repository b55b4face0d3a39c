package verdict

import "math"

// zeroCount is what a count of zero is taken for where counts vary and their
// logarithms are compared. go test rounds averages down, so that zero is
// anything below one; this is the middle.
const zeroCount = 0.5

// ExactUnit reports whether values in a unit of go test are counts that the same
// code repeats, so that a Decision in it is Exact.
func ExactUnit(unit string) bool { return unit == "allocs/op" || unit == "B/op" }

// rounding returns by how much counts in a unit may differ that are the same.
//
// go test divides the counts of a whole run by its iterations and rounds down
// (testing.BenchmarkResult.AllocsPerOp, AllocedBytesPerOp). What a benchmark
// allocates once is then spread over however many iterations the clock allowed,
// and can tip the quotient. A single byte is never more than that, since the
// smallest thing that Go allocates takes eight (runtime/sizeclasses.go). One
// allocation more is real far more often than not, and is what people look for:
// it counts.
func rounding(unit string) float64 {
	if unit == "B/op" {
		return 1
	}
	return 0
}

// constant returns the counts of both sides if the first n pairs all have the
// same. Such a change is certain, not estimated: it is judged by its size alone
// and takes no part in the correction for many tests. Where a count varies, the
// decision is made on pairs like any other.
//
// Whether a count varies is a property of the benchmark, not of chance, so
// leaving out those that do not is no selection; and whatever varies, decisions
// that are not exact are always corrected for at least their own number.
func (d Decision) constant(n int) (Pair, bool) {
	if !d.Exact || len(d.Pairs) < n {
		return Pair{}, false
	}
	first := d.Pairs[0]
	for _, p := range d.Pairs[:n] {
		if p != first { // also if either is NaN
			return Pair{}, false
		}
	}
	return first, first.Base >= 0 && first.Head >= 0 && !math.IsInf(first.Base, 0) && !math.IsInf(first.Head, 0)
}

// certain judges a change between counts that do not vary: it is a regression
// if it is worse by more than the margin; where there was none, anything is.
func (d Decision) certain(p Pair, margin float64, n int) Result {
	good, bad := p.Base, p.Head
	if d.Higher {
		good, bad = bad, good
	}
	r := Result{
		Verdict: Fine, Certain: true, Look: 1, N: n,
		Ratio: p.Head / p.Base, Level: 1,
		P: 1, Adjusted: 1, Detectable: d.natural(math.Log1p(margin)),
	}
	switch {
	case math.Abs(bad-good) <= rounding(d.Unit):
		r.Ratio = 1
	case exceeds(bad, good, margin):
		r.Verdict, r.P, r.Adjusted = Regressed, 0, 0
	case exceeds(good, bad, margin):
		r.Improved = true
	}
	r.Lo, r.Hi = r.Ratio, r.Ratio
	return r
}

// exceeds reports whether x is larger than y, which may be zero, by more than
// the margin.
func exceeds(x, y, margin float64) bool { return x-y > margin*y }
