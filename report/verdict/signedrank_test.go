package verdict

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// allSigns calls f with each choice of signs for n values.
func allSigns(n int, f func(signs []float64)) {
	signs := make([]float64, n)
	for bits := range 1 << n {
		for i := range signs {
			signs[i] = 1
			if bits>>i&1 == 1 {
				signs[i] = -1
			}
		}
		f(signs)
	}
}

// rankSum is the signed-rank sum by its definition, with midranks for ties,
// twice over so that it is whole. Zeros have ranks but are in no sum.
func rankSum(xs []float64) int {
	sum := 0
	for _, x := range xs {
		if x <= 0 {
			continue
		}
		for _, y := range xs {
			switch cmp.Compare(math.Abs(y), math.Abs(x)) {
			case -1:
				sum += 2
			case 0:
				sum++
			}
		}
		sum++ // midrank of t ties above s smaller: s + (t+1)/2
	}
	return sum
}

// averages returns all Walsh averages, sorted.
func averages(xs []float64) []float64 {
	var ws []float64
	for i, x := range xs {
		for _, y := range xs[i:] {
			ws = append(ws, (x+y)/2)
		}
	}
	slices.Sort(ws)
	return ws
}

// coarse returns n values that tie and are zero often, or, if grain is 0, never.
func coarse(rng *rand.Rand, n int, grain float64) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = rng.NormFloat64()
		if grain > 0 {
			xs[i] = grain * math.Round(xs[i]/grain)
		}
	}
	return xs
}

func TestNullIsThatOfAllSigns(t *testing.T) {
	for n := 1; n <= 12; n++ {
		counts := make([]float64, n*(n+1)/2+1)
		allSigns(n, func(signs []float64) {
			sum := 0
			for i, s := range signs {
				if s > 0 {
					sum += i + 1
				}
			}
			for v := range sum + 1 {
				counts[v]++
			}
		})
		f := newNull(n)
		for v, c := range counts {
			if want := c / math.Ldexp(1, n); f[v] != want {
				t.Errorf("n=%d: P(V ≥ %d) = %v, want %v", n, v, f[v], want)
			}
		}
	}
}

func TestNullOfManyPairs(t *testing.T) {
	f := newNull(MaxPairs)
	if got, want := f[len(f)-1], math.Ldexp(1, -MaxPairs); got != want {
		t.Errorf("smallest probability = %v, want %v", got, want)
	}
	// Hollander, Wolfe and Chicken 2014, section 3.1: mean n(n+1)/4 and
	// variance n(n+1)(2n+1)/24, normal in the limit.
	n := float64(MaxPairs)
	mean, sd := n*(n+1)/4, math.Sqrt(n*(n+1)*(2*n+1)/24)
	for _, z := range []float64{-3, -1, 0, 1, 2, 3} {
		got := f[int(math.Ceil(mean+z*sd))]
		want := math.Erfc(z/math.Sqrt2) / 2
		if math.Abs(got/want-1) > 0.02 {
			t.Errorf("P(V ≥ mean + %v sd) = %v, want about %v", z, got, want)
		}
	}
}

// The critical values of tables in textbooks: the largest sum against, at one
// side.
func TestCriticalIsThatOfTables(t *testing.T) {
	tests := []struct {
		n     int
		level float64
		sum   int
	}{
		{5, 0.05, 0}, {6, 0.05, 2}, {8, 0.05, 5}, {10, 0.05, 10}, {12, 0.05, 17}, {15, 0.05, 30}, {20, 0.05, 60},
		{10, 0.01, 5}, {12, 0.01, 9}, {20, 0.01, 43},
		{10, 0.025, 8}, {20, 0.025, 52}, {25, 0.025, 89}, {30, 0.025, 137},
	}
	for _, test := range tests {
		f := newNull(test.n)
		if got := len(f) - 1 - f.critical(test.level); got != test.sum {
			t.Errorf("n=%d at %v: critical sum %d, want %d", test.n, test.level, got, test.sum)
		}
	}
}

func TestLeast(t *testing.T) {
	tests := []struct {
		level float64
		want  int
	}{{0.5, 1}, {0.49, 2}, {0.05, 5}, {1.0 / 32, 5}, {0.03, 6}, {0.00125, 10}, {0, MaxPairs + 1}}
	for _, test := range tests {
		if got := least(test.level); got != test.want {
			t.Errorf("least(%v) = %d, want %d", test.level, got, test.want)
		}
	}
}

func TestSumIsThatOfSignedRanks(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 500 {
		xs := coarse(rng, 1+rng.IntN(14), 0)
		s := newSample(xs)
		if got, want := 2*s.above(0), rankSum(xs); got != want {
			t.Errorf("%v: twice the sum = %d, want %d", xs, got, want)
		}
	}
}

// With neither ties nor zeros the test is the exact permutation test; with them
// it is valid, whatever signs the values have.
func TestPAgainstAllSigns(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for round := range 60 {
		n := 1 + round%9
		grain := []float64{0, 0.5, 1}[round%3]
		xs := coarse(rng, n, grain)
		f := newNull(n)

		own, atLeast := rankSum(xs), 0
		var ps []float64
		flipped := make([]float64, n)
		allSigns(n, func(signs []float64) {
			for i, x := range xs {
				flipped[i] = x * signs[i]
			}
			if rankSum(flipped) >= own {
				atLeast++
			}
			ps = append(ps, newSample(flipped).worse(f, 0))
		})
		got, exact := newSample(xs).worse(f, 0), float64(atLeast)/math.Ldexp(1, n)
		if grain == 0 && got != exact {
			t.Errorf("%v: p = %v, want %v", xs, got, exact)
		}

		// P(p ≤ a) ≤ a for each a that p can be.
		slices.Sort(ps)
		for i, p := range ps {
			if part := float64(i+1) / float64(len(ps)); p < part && (i+1 == len(ps) || ps[i+1] > p) {
				t.Errorf("signs of %v: p ≤ %v has a chance of %v", xs, p, part)
			}
		}
	}
}

func TestPNeverFallsAsTheThresholdRises(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for range 300 {
		s := newSample(coarse(rng, 1+rng.IntN(10), 0.5))
		f := newNull(len(s))
		lastWorse, lastBetter := 0.0, 1.0
		for x := -4.0; x <= 4; x += 0.125 {
			worse, better := s.worse(f, x), s.better(f, x)
			if worse < lastWorse || better > lastBetter {
				t.Fatalf("%v: p = %v, %v at %v, after %v, %v", s, worse, better, x, lastWorse, lastBetter)
			}
			lastWorse, lastBetter = worse, better
		}
	}
}

// This is the example in the comment on sample.
func TestDroppedZerosWouldTurnTheTestAround(t *testing.T) {
	dropped := func(d []float64, threshold float64) float64 {
		var xs []float64
		for _, x := range d {
			if x != threshold {
				xs = append(xs, x-threshold)
			}
		}
		own, atLeast := rankSum(xs), 0.0
		allSigns(len(xs), func(signs []float64) {
			flipped := slices.Clone(xs)
			for i := range flipped {
				flipped[i] *= signs[i]
			}
			if rankSum(flipped) >= own {
				atLeast++
			}
		})
		return atLeast / math.Ldexp(1, len(xs))
	}
	d := []float64{-8, 4, 8, 8}
	if p, q := dropped(d, 4), dropped(d, 5); p != 0.625 || q != 0.5625 {
		t.Errorf("p = %v against 4 and %v against 5, want 0.625 and 0.5625", p, q)
	}
}

func TestKthAndCenterAgainstAllAverages(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	for round := range 300 {
		xs := coarse(rng, 1+rng.IntN(12), []float64{0, 0.25, 1}[round%3])
		s, ws := newSample(xs), averages(xs)
		for k, want := range ws {
			if got := s.kth(k + 1); got != want {
				t.Fatalf("%v: average %d = %v, want %v", xs, k+1, got, want)
			}
		}
		m := len(ws)
		if got, want := s.center(), (ws[(m-1)/2]+ws[m/2])/2; got != want {
			t.Errorf("%v: center = %v, want %v", xs, got, want)
		}
	}
}

// A threshold is outside of the interval if and only if its test rejects, as
// found by counting all averages.
func TestIntervalInvertsTheTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	for round := range 150 {
		n := 1 + round%12
		xs := coarse(rng, n, []float64{0, 0.25, 1}[rng.IntN(3)])
		s, f := newSample(xs), newNull(n)
		for _, level := range []float64{0.3, 0.1, 0.05, 0.01, math.Ldexp(1, -n)} {
			lower, upper := s.lower(f, level), s.upper(f, level)
			for _, w := range averages(xs) {
				for _, at := range []float64{math.Nextafter(w, -9), w, math.Nextafter(w, 9)} {
					above, below := 0, 0
					for _, v := range averages(xs) {
						if v > at {
							above++
						}
						if v < at {
							below++
						}
					}
					if got, want := lower > at, f[above] <= level; got != want {
						t.Errorf("%v at %v: lower limit %v is above %v: %v, rejected: %v", xs, level, lower, at, got, want)
					}
					if got, want := upper < at, f[below] <= level; got != want {
						t.Errorf("%v at %v: upper limit %v is below %v: %v, rejected: %v", xs, level, upper, at, got, want)
					}
					if p := s.worse(f, at); p != f[above] {
						t.Errorf("%v: p of at most %v = %v, want %v", xs, at, p, f[above])
					}
					if p := s.better(f, at); p != f[below] {
						t.Errorf("%v: p of at least %v = %v, want %v", xs, at, p, f[below])
					}
				}
			}
		}
	}
}

func TestTooFewPairsHaveNoInterval(t *testing.T) {
	s, f := newSample([]float64{1, 2, 3, 4}), newNull(4)
	if lo, hi := s.lower(f, 0.05), s.upper(f, 0.05); !math.IsInf(lo, -1) || !math.IsInf(hi, 1) {
		t.Errorf("interval of four pairs = %v to %v, want none", lo, hi)
	}
	if lo, hi := s.lower(f, 0.0625), s.upper(f, 0.0625); lo != 1 || hi != 4 {
		t.Errorf("interval of four pairs at 1/16 = %v to %v, want 1 to 4", lo, hi)
	}
}

func TestOrderedBitsRiseWithNumbers(t *testing.T) {
	xs := []float64{math.Inf(-1), -1e300, -1, -5e-324, 0, 5e-324, 1, 1e300, math.Inf(1)}
	for i, x := range xs {
		if got := unordered(ordered(x)); got != x {
			t.Errorf("%v came back as %v", x, got)
		}
		if i > 0 && ordered(xs[i-1]) >= ordered(x) {
			t.Errorf("bits of %v are not below those of %v", xs[i-1], x)
		}
	}
}

func BenchmarkNull(b *testing.B) {
	for _, n := range []int{30, 100, MaxPairs} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			for b.Loop() {
				newNull(n)
			}
		})
	}
}
