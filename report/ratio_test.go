package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// bruteRatios returns the sorted ratios of all pairs.
func bruteRatios(xs, ys []float64) []float64 {
	var all []float64
	for _, x := range xs {
		for _, y := range ys {
			all = append(all, x/y)
		}
	}
	slices.Sort(all)
	return all
}

func TestPairRatioIsOrderStatisticOfAllPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		xs, ys := sample(rng, 1+rng.IntN(12)), sample(rng, 1+rng.IntN(12))
		all := bruteRatios(xs, ys)
		for k := 1; k <= len(all); k++ {
			if got := pairRatio(xs, ys, k); got != all[k-1] {
				t.Fatalf("pairRatio(%v, %v, %d) = %v, want %v", xs, ys, k, got, all[k-1])
			}
		}
	}
}

// sample returns sorted positive numbers, some of them equal.
func sample(rng *rand.Rand, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = math.Exp(rng.NormFloat64())
		if rng.IntN(3) == 0 {
			xs[i] = math.Ceil(xs[i])
		}
	}
	slices.Sort(xs)
	return xs
}

// bruteTail returns P(U < k) for samples of n and m values without ties, by
// looking at every way in which they can lie among each other.
func bruteTail(n, m, k int) float64 {
	below, ways := 0, 0
	for mask := range 1 << (n + m) {
		ones, u := 0, 0
		for i := range n + m {
			if mask>>i&1 == 1 {
				ones++
			} else {
				u += ones // of the pairs, those with the first sample's value below
			}
		}
		if ones != n {
			continue
		}
		ways++
		if u < k {
			below++
		}
	}
	return float64(below) / float64(ways)
}

func TestPairsOutsideIsLargestCutWithinLevel(t *testing.T) {
	const tail = 0.025
	for n := 1; n <= 7; n++ {
		for m := 1; m <= 7; m++ {
			k := pairsOutside(n, m)
			if k > 0 && bruteTail(n, m, k) > tail {
				t.Errorf("pairsOutside(%d, %d) = %d, which misses more than %v: %v", n, m, k, tail, bruteTail(n, m, k))
			}
			if bruteTail(n, m, k+1) <= tail {
				t.Errorf("pairsOutside(%d, %d) = %d, but %d would do", n, m, k, k+1)
			}
		}
	}
}

// The tables of Hollander and Wolfe and of every textbook since have these.
func TestPairsOutsideAgreesWithPublishedTables(t *testing.T) {
	for _, c := range []struct{ n, m, critical int }{
		{4, 4, 0}, {5, 5, 2}, {6, 6, 5}, {8, 8, 13}, {10, 10, 23}, {5, 10, 8}, {20, 20, 127},
	} {
		// A table lists the largest U that is significant at 5 %, two-sided.
		if got := pairsOutside(c.n, c.m); got != c.critical+1 {
			t.Errorf("pairsOutside(%d, %d) = %d, want %d", c.n, c.m, got, c.critical+1)
		}
	}
}

func TestPairsOutsideGoesOnSmoothlyBeyondTheExactLimit(t *testing.T) {
	before, after := pairsOutside(exactLimit, exactLimit), pairsOutside(exactLimit+1, exactLimit)
	if d := after - before; d < 0 || d > 40 {
		t.Errorf("from %d to %d values the cut goes from %d to %d", exactLimit, exactLimit+1, before, after)
	}
}

// The interval must hold the true ratio in at least 95 of 100 cases.
func TestRatioIntervalCovers(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: thousands of draws")
	}
	const trials, truth = 2000, 1.25
	for _, n := range []int{4, 6, 10, 60} {
		rng := rand.New(rand.NewPCG(uint64(n), 7))
		held := 0
		for range trials {
			xs, ys := make([]float64, n), make([]float64, n)
			for i := range n {
				xs[i], ys[i] = truth*math.Exp(0.1*rng.ExpFloat64()), math.Exp(0.1*rng.ExpFloat64())
			}
			if r := ratioOf(xs, ys); r.Lo <= truth && truth <= r.Hi {
				held++
			}
		}
		// Three standard errors of 2000 trials are 1.5 %.
		if share := float64(held) / trials; share < 0.95-0.015 {
			t.Errorf("n=%d: the interval held the true ratio in %.1f %% of the trials", n, 100*share)
		}
	}
}

func TestRatioHoldsItsCenterAndTurnsAround(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	times := 300
	if testing.Short() {
		times = 20
	}
	for range times {
		xs, ys := sample(rng, 1+rng.IntN(60)), sample(rng, 1+rng.IntN(60))
		r, back := ratioOf(xs, ys), ratioOf(ys, xs)
		if !(r.Lo <= r.Center && r.Center <= r.Hi) {
			t.Fatalf("%+v does not hold its center", r)
		}
		if r.Bounded() && !(near(r.Lo, 1/back.Hi) && near(r.Hi, 1/back.Lo) && near(r.Center, 1/back.Center)) {
			t.Fatalf("%+v turned around is %+v", r, back)
		}
		if scaled := ratioOf(times3(xs), ys); r.Bounded() && !(near(scaled.Lo, 3*r.Lo) && near(scaled.Hi, 3*r.Hi)) {
			t.Fatalf("%+v times 3 is %+v", r, scaled)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(a) }

func times3(xs []float64) []float64 {
	out := make([]float64, len(xs))
	for i, x := range xs {
		out[i] = 3 * x
	}
	return out
}

func TestRatioOfTooLittle(t *testing.T) {
	if r := ratioOf([]float64{1, 2, 3}, []float64{1, 2, 3}); r.Bounded() || !r.Known() {
		t.Errorf("ratio of 3 and 3 values = %+v, want one without bounds", r)
	}
	for _, xs := range [][]float64{nil, {0, 1}, {-1}} {
		if r := ratioOf(xs, []float64{1, 2}); r.Known() {
			t.Errorf("ratio of %v = %+v, want none", xs, r)
		}
	}
}

func TestRatioOfHugeSamplesNeedsNoPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	xs := make([]float64, 100_000)
	for i := range xs {
		xs[i] = 1 + rng.ExpFloat64()
	}
	if r := ratioOf(times3(xs), xs); math.Abs(r.Center-3) > 1e-9 || !(2.9 < r.Lo && r.Lo < 3 && 3 < r.Hi && r.Hi < 3.1) {
		t.Errorf("ratio of 10⁵ values with three times those = %+v", r)
	}
}

func TestHolm(t *testing.T) {
	ps := []float64{0.04, 0.01, 0.03, 0.9}
	for family, want := range map[int][]float64{4: {0.09, 0.04, 0.09, 0.9}, 10: {0.32, 0.1, 0.27, 1}} {
		got := holm(ps, family)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-12 {
				t.Errorf("in a family of %d, holm = %v, want %v", family, got, want)
				break
			}
		}
	}
}

func TestSmallestP(t *testing.T) {
	for _, c := range []struct {
		n, m int
		want float64
	}{{3, 3, 2.0 / 20}, {4, 4, 2.0 / 70}, {6, 6, 2.0 / 924}, {1, 1, 1}, {0, 5, 1}} {
		if got := smallestP(c.n, c.m); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("smallestP(%d, %d) = %v, want %v", c.n, c.m, got, c.want)
		}
	}
}
