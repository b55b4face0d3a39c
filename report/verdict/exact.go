package verdict

import (
	"math"
	"slices"
)

// zeroCount is what a count of zero is taken for where counts vary and their
// logarithms are compared. go test rounds averages down, so that zero is
// anything below one; this is the middle.
const zeroCount = 0.5

// ExactUnit reports whether values in a unit of go test are counts that the same
// code repeats, so that a Decision in it is Exact.
func ExactUnit(unit string) bool { return unit == "allocs/op" || unit == "B/op" }

// grain returns the least by which counts in a unit differ that are not the same.
//
// go test divides the counts of a whole run by its iterations and rounds down
// (testing.BenchmarkResult.AllocsPerOp, AllocedBytesPerOp). What a benchmark or
// the runtime allocates once is then spread over however many iterations the clock
// allowed, and comes out as a byte or a few, or tips the quotient. The smallest
// thing that Go allocates takes eight bytes (runtime/sizeclasses.go), so that a
// difference of fewer is of nothing that each operation allocates. One allocation
// more is real far more often than not, and is what people look for: it counts.
func grain(unit string) float64 {
	if unit == "B/op" {
		return 8
	}
	return 0
}

// same reports whether both counts of a pair are the same.
func (d Decision) same(p Pair) bool {
	return p.Base == p.Head || d.Exact && math.Abs(p.Head-p.Base) < grain(d.Unit)
}

// fewestCounts is how many pairs there must be for a difference between counts to be
// certain: it is the fewest that a plan can look at with an alpha of 5 %. Of fewer, the
// chance that usual speaks of is up to 0.25, of one pair, and a difference is tested
// like any other. That both sides have the same count needs no evidence beyond it.
const fewestCounts = 5

// constant returns the counts of both sides if those of the first n pairs do not
// vary. Such a change is certain, not estimated: it is judged by its size alone
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
	var base, head []float64
	for _, p := range d.Pairs[:n] {
		base, head = append(base, p.Base), append(head, p.Head)
	}
	b, steady := d.usual(base)
	h, too := d.usual(head)
	return Pair{b, h}, steady && too
}

// usual returns what is usual among some counts, and whether at least three
// quarters are the same as the least: then the usual is their median, and what the
// code allocates, and the others have something on top. The runtime allocates for
// itself in the same process, a thread's descriptors (runtime.allocm) or a
// timer's, and go test divides that by the iterations like everything else: in
// every tenth process or so, 5 KiB in half a dozen allocations were seen. As this
// only ever adds, the others are no evidence of anything. The median of those that
// are the same, not the least itself, is what the other side is compared with: two
// that differ by less than the grain from it could else differ by more from each
// other.
//
// A count that has something on top with chance q would have to have it on
// head each time, and on base in at most a quarter. Whatever q, the chance of that
// is at most 0.007 of five pairs, see fewestCounts, at most 0.0009 of seven or more, where the default plan looks
// first if there is but one decision, and at most 0.00008 of ten or more.
func (d Decision) usual(counts []float64) (usual float64, steady bool) {
	for _, c := range counts {
		if !(c >= 0) || math.IsInf(c, 0) {
			return 0, false
		}
	}
	sorted := slices.Sorted(slices.Values(counts))
	same := 0 // those from the least on
	for same < len(sorted) && d.same(Pair{sorted[0], sorted[same]}) {
		same++
	}
	return sorted[(same-1)/2], 4*same >= 3*len(counts)
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
	case d.same(p):
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
