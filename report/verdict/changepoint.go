package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// A Trend says how a series is searched for changes. The zero value is ready to
// use.
type Trend struct {
	// Level is that of the test which each further change must pass; zero means
	// 0.05.
	Level float64

	// Permutations is how many random orders each change is compared with; zero
	// means 499.
	Permutations int

	Seed uint64

	// Exact says that the values are counts, of which any may be zero; see
	// ExactUnit.
	Exact bool
}

// A Change is a point from which on a series has another level.
type Change struct {
	At            int     // index of the first value of the new level
	P             float64 // of the permutation test
	Before, After float64 // medians from the change before it, and up to the next
}

// minSegment is the smallest number of values that can have a level of their
// own: the distance within a segment is not defined for fewer. A single value
// that is far out is therefore never a change.
const minSegment = 2

// maxSeries bounds the table of distances, which is quadratic.
const maxSeries = 2000

// Changes returns where the level of a series of positive values, or of counts,
// changes, such as the medians of a benchmark over revisions, oldest first.
//
// The algorithm is E-divisive with means (Matteson and James 2014, JASA 109:334)
// on logarithms, with exponent 1: the point that makes the energy distance
// between what lies before and after it largest is a change if few random
// orders of the values, within the segments found so far, do as well; then each
// segment is searched in turn. MongoDB found regressions with it (Daly et al.
// 2020, ICPE '20) and so did DataStax, as Hunter (Fleming et al. 2023, ICPE
// '23). Hunter puts a t-test in place of the permutations, to be faster and
// always give the same answer; a fixed seed does that too, without supposing
// normal values.
func (t Trend) Changes(series []float64) ([]Change, error) {
	if t.Level == 0 {
		t.Level = 0.05
	}
	if t.Permutations == 0 {
		t.Permutations = 499
	}
	if !(t.Level > 0 && t.Level < 1) || t.Permutations < 1 {
		return nil, fmt.Errorf("level %v with %d permutations: want one between 0 and 1 and at least one", t.Level, t.Permutations)
	}
	if len(series) > maxSeries {
		return nil, fmt.Errorf("series of %d values: at most %d", len(series), maxSeries)
	}
	logs := make([]float64, len(series))
	for i, x := range series {
		l, err := Decision{Exact: t.Exact}.log(x)
		if err != nil {
			return nil, fmt.Errorf("value %d of the series: %w", i+1, err)
		}
		logs[i] = l
	}

	rng := rand.New(rand.NewPCG(t.Seed, 0))
	var changes []Change
	bounds := []int{0, len(logs)}
	for {
		at, q := widest(logs, bounds)
		if at == 0 {
			break
		}
		p := t.test(logs, bounds, q, rng)
		if p > t.Level {
			break
		}
		changes = append(changes, Change{At: at, P: p})
		bounds = append(bounds, at)
		slices.Sort(bounds)
	}
	slices.SortFunc(changes, func(a, b Change) int { return a.At - b.At })
	for i := range changes {
		changes[i].Before = Median(series[bounds[i]:bounds[i+1]])
		changes[i].After = Median(series[bounds[i+1]:bounds[i+2]])
	}
	return changes, nil
}

// test returns the p-value of a change with the statistic q: the part of random
// orders, the present one among them, that have one as large. It gives up as
// soon as p is above the level.
func (t Trend) test(logs []float64, bounds []int, q float64, rng *rand.Rand) float64 {
	// Sums of the same numbers in another order round differently.
	const rounding = 1e-9
	q -= rounding * math.Abs(q)

	shuffled := slices.Clone(logs)
	atLeast := 1
	for range t.Permutations {
		for i := 1; i < len(bounds); i++ {
			segment := shuffled[bounds[i-1]:bounds[i]]
			rng.Shuffle(len(segment), func(i, j int) { segment[i], segment[j] = segment[j], segment[i] })
		}
		if _, r := widest(shuffled, bounds); r >= q {
			atLeast++
		}
		if float64(atLeast) > t.Level*float64(t.Permutations+1) {
			break
		}
	}
	return float64(atLeast) / float64(t.Permutations+1)
}

// widest returns the best point to divide one of the segments, and its
// statistic; at is 0 if none can be divided.
func widest(logs []float64, bounds []int) (at int, q float64) {
	for i := 1; i < len(bounds); i++ {
		lo, hi := bounds[i-1], bounds[i]
		if tau, r := split(logs[lo:hi]); tau > 0 && (at == 0 || r > q) {
			at, q = lo+tau, r
		}
	}
	return at, q
}

// split returns the best point to divide a segment, and its statistic: for
// x = xs[:tau] and y = xs[tau:kappa], the scaled energy distance
//
//	mn/(m+n) · (2·mean|x−y| − mean|x−x'| − mean|y−y'|)
//
// at its largest over tau and kappa (Matteson and James 2014, eq. 5 to 7). That
// kappa may be short of the end lets a bump be seen whose two sides are alike.
func split(xs []float64) (tau int, q float64) {
	n := len(xs)
	if n < 2*minSegment {
		return 0, 0
	}
	// sum[i][j] is the sum of |xs[a]−xs[b]| for a < i and b < j.
	flat := make([]float64, (n+1)*(n+1))
	sum := func(i, j int) float64 { return flat[i*(n+1)+j] }
	for i := range n {
		row := 0.0
		for j := range n {
			row += math.Abs(xs[i] - xs[j])
			flat[(i+1)*(n+1)+j+1] = sum(i, j+1) + row
		}
	}
	for t := minSegment; t <= n-minSegment; t++ {
		for kappa := t + minSegment; kappa <= n; kappa++ {
			nx, ny := float64(t), float64(kappa-t)
			within := sum(t, t)
			between := sum(t, kappa) - within
			beyond := sum(kappa, kappa) - 2*sum(t, kappa) + within
			// Each sum within has every distance twice, as n(n−1) does.
			e := 2*between/(nx*ny) - within/(nx*(nx-1)) - beyond/(ny*(ny-1))
			if r := nx * ny / (nx + ny) * e; tau == 0 || r > q {
				tau, q = t, r
			}
		}
	}
	return tau, q
}

// Median returns the median of values, which are left in their order; NaN of none.
func Median(xs []float64) float64 {
	if len(xs) == 0 {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return s[(n-1)/2] + (s[n/2]-s[(n-1)/2])/2
}
