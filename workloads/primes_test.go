package workloads

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"
)

// Values of π; those of powers of ten are OEIS A006880.
var pi = []struct{ limit, count uint64 }{
	{1, 0}, {2, 1}, {10, 4}, {100, 25}, {1000, 168}, {1e4, 1229}, {1e5, 9592},
	{1e6, 78498}, {1e7, 664579}, {1e8, 5761455}, {1e9, 50847534},
	{163, 38}, {2039, 309}, // the last primes of the patterns and of the middling ones
}

func TestUnitsOfPrimesAddUpToPi(t *testing.T) {
	for _, c := range pi {
		if testing.Short() && c.limit > 1e7 {
			continue
		}
		for _, interval := range []uint64{1, 29, 30, 12_345, 983_040, 4e6, 1e7 + 1, 1e12} {
			if c.limit/interval > 2000 {
				continue
			}
			if got := sumPrimes(t, c.limit, interval); got != c.count {
				t.Errorf("intervals of %d: π(%d) = %d, want %d", interval, c.limit, got, c.count)
			}
		}
	}
}

// sumPrimes adds up the units of a whole turn of the primes workload.
func sumPrimes(tb testing.TB, limit, interval uint64) (sum uint64) {
	tb.Helper()
	w := mustWorker(tb, Primes, 0, map[string]string{
		"limit":    strconv.FormatUint(limit, 10),
		"interval": strconv.FormatUint(interval, 10),
	})
	for i := range (limit + interval - 1) / interval {
		sum += mustUnit(tb, w, i)
	}
	return sum
}

// The test for primality that this is compared with is exact below 2^64.
func TestSieveAgainstPrimalityTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, limit := range []uint64{300, 30_000, 1e6, 1e9, 1e12} {
		s := newSieve(limit)
		for range 30 {
			lo := rng.Uint64N(limit)
			hi := min(lo+rng.Uint64N(2000), limit)
			want := uint64(0)
			for n := lo + 1; n <= hi; n++ {
				if new(big.Int).SetUint64(n).ProbablyPrime(0) {
					want++
				}
			}
			if got := s.count(lo, hi); got != want {
				t.Errorf("limit %d: %d primes above %d up to %d, want %d", limit, got, lo, hi, want)
			}
		}
	}
}

func TestSieveCountsTheSameInOneGoAndInPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	s := newSieve(1e12)
	for range 4 {
		lo := rng.Uint64N(1e12 - 1e7)
		mid := lo + rng.Uint64N(5e6)
		hi := mid + rng.Uint64N(5e6)
		whole, below, above := s.count(lo, hi), s.count(lo, mid), s.count(mid, hi)
		if whole != below+above {
			t.Errorf("%d primes above %d up to %d, but %d up to %d and %d from there", whole, lo, hi, below, mid, above)
		}
	}
}

func TestScatterMeetsEveryNumberOnce(t *testing.T) {
	for n := uint64(1); n < 300; n++ {
		s, seen := newScatter(n), make([]bool, n)
		for i := range n {
			at := s.at(i)
			if at >= n || seen[at] {
				t.Fatalf("n=%d: the order goes to %d twice, or there is no such number", n, at)
			}
			seen[at] = true
			if again := s.at(i + 7*n); again != at {
				t.Fatalf("n=%d: number %d is %d at first and %d later", n, i, at, again)
			}
		}
	}
	if at := newScatter(1e12).at(1e12 - 1); at >= 1e12 {
		t.Errorf("%d is not below 10^12", at)
	}
}

// Units must cost the same on average however many a sample has. Their cost
// grows with the height of their interval, so the mean height must not drift:
// after k units it is within 2/k of the middle, or within 0.015, where a random
// order would be off by more than that most of the time.
func TestScatterIsFairFromTheStart(t *testing.T) {
	for _, n := range []uint64{100, 250, 1000, 1e6} {
		s, sum := newScatter(n), 0.0
		for i := range min(n, 1000) {
			sum += (float64(s.at(i)) + 0.5) / float64(n)
			k := float64(i + 1)
			if mean := sum / k; math.Abs(mean-0.5) > max(2/k, 0.015) {
				t.Fatalf("n=%d: the first %v numbers have a mean of %.3f·n, want n/2", n, k, mean)
			}
		}
	}
}

// BenchmarkPrimes1e9 is measured beside primesieve.
func BenchmarkPrimes1e9(b *testing.B) {
	w := mustWorker(b, Primes, 0, nil)
	for b.Loop() {
		sum := uint64(0)
		for i := range uint64(250) {
			sum += mustUnit(b, w, i)
		}
		if sum != 50847534 {
			b.Fatalf("π(10⁹) = %d", sum)
		}
	}
}
