package report

import (
	"math"
	"slices"
	"sort"

	"github.com/aclements/go-moremath/stats"
	"golang.org/x/perf/benchmath"
)

// confidence is the level of all intervals, and alpha that of all tests.
const (
	confidence = 0.95
	alpha      = 0.05
)

// A Ratio says how many times as large the values of one sample are as those of
// another.
type Ratio struct {
	// Center is the ratio of the medians, as in the tables.
	Center float64

	// Lo and Hi bound its 95 % confidence interval. They are ±Inf when there
	// are too few values for one.
	Lo, Hi float64

	// P is the p-value of the Mann–Whitney test of the two samples.
	P float64

	N1, N2 int
}

// Known reports whether there were values to compare.
func (r Ratio) Known() bool { return r.N1 > 0 && r.N2 > 0 }

// Bounded reports whether there were enough values for an interval.
func (r Ratio) Bounded() bool { return r.Known() && !math.IsInf(r.Lo, 0) && !math.IsInf(r.Hi, 0) }

// ratioOf compares xs with ys. If one of them is empty or has a value that is
// not above zero, nothing is known.
//
// The interval is Moses's for a shift between two samples, taken of logarithms:
// the ratios of all pairs, cut at the order statistics that the exact
// distribution of Mann and Whitney's U gives (Hollander, Wolfe and Chicken,
// Nonparametric Statistical Methods, 3rd ed. 2014, section 4.3; Lehmann,
// Nonparametrics, 1975, section 2.6). It holds the true ratio with at least its
// level if the two distributions have the same shape on a log scale. In large
// samples the ratio of medians can lie outside; the interval then reaches out
// to it, which only makes it safer.
func ratioOf(xs, ys []float64) Ratio {
	if len(xs) == 0 || len(ys) == 0 {
		return Ratio{}
	}
	xs, ys = slices.Clone(xs), slices.Clone(ys)
	slices.Sort(xs)
	slices.Sort(ys)
	if xs[0] <= 0 || ys[0] <= 0 {
		return Ratio{}
	}
	a, b := benchmath.NewSample(xs, &benchmath.DefaultThresholds), benchmath.NewSample(ys, &benchmath.DefaultThresholds)
	r := Ratio{
		Center: median(xs) / median(ys),
		Lo:     math.Inf(-1), Hi: math.Inf(1),
		P:  benchmath.AssumeNothing.Compare(a, b).P,
		N1: len(xs), N2: len(ys),
	}
	if cut := pairsOutside(len(xs), len(ys)); cut > 0 {
		r.Lo = math.Min(pairRatio(xs, ys, cut), r.Center)
		r.Hi = math.Max(pairRatio(xs, ys, len(xs)*len(ys)+1-cut), r.Center)
	}
	return r
}

// median returns the median of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1] + (sorted[n/2]-sorted[n/2-1])/2
}

// exactLimit is the size of samples up to which the distribution of U is
// computed exactly, as benchmath's test does; beyond it the normal one is as
// good.
const exactLimit = 50

// pairsOutside returns the largest k for which P(U < k) is at most half of what
// the confidence level leaves: the interval reaches from the k-th smallest of
// all pairs to the k-th largest. It is 0 if the samples are too small.
func pairsOutside(n1, n2 int) int {
	const tail = (1 - confidence) / 2
	if n1 > exactLimit || n2 > exactLimit {
		n, m := float64(n1), float64(n2)
		mean, sd := n*m/2, math.Sqrt(n*m*(n+m+1)/12)
		z := stats.InvCDF(stats.StdNormal)(1 - tail)
		return max(0, int(mean-z*sd))
	}
	u := stats.UDist{N1: n1, N2: n2}
	return sort.Search(n1*n2/2+1, func(k int) bool { return u.CDF(float64(k)) > tail })
}

// pairRatio returns the k-th smallest, from 1, of the ratios of all pairs of
// sorted positive xs and ys. It looks for it between the bit patterns of the
// smallest and the largest, which rise with the numbers, so that it needs no
// room for the pairs.
func pairRatio(xs, ys []float64, k int) float64 {
	lo := math.Float64bits(xs[0] / ys[len(ys)-1])
	hi := math.Float64bits(xs[len(xs)-1] / ys[0])
	for lo < hi {
		mid := lo + (hi-lo)/2
		if pairsUpTo(xs, ys, math.Float64frombits(mid)) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return math.Float64frombits(lo)
}

// pairsUpTo counts the pairs whose ratio is at most t.
func pairsUpTo(xs, ys []float64, t float64) int {
	n := 0
	j := 0 // ys[j:] are those that give xs[i] a ratio of at most t
	for _, x := range xs {
		for j < len(ys) && x/ys[j] > t {
			j++
		}
		n += len(ys) - j
	}
	return n
}
