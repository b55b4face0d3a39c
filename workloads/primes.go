package workloads

import "math/bits"

// Primes counts primes: CPU-bound work that lives in the L1 cache.
var Primes = Workload{
	Name: "primes",
	Help: "count the primes in the unit's interval with a segmented sieve",
	Note: "The intervals are taken in a scattered order and all over again after limit/interval units; higher ones cost a little more, so compare only the same limit.",
	Params: []Param{
		Int("limit", 1e9, 1, 1e12, "largest number looked at"),
		Int("interval", 4e6, 1, 1e12, "numbers per unit; well above the square root of limit, or finding each prime's first multiple costs more than sieving"),
	},
	New: newPrimes,
}

func newPrimes(v Values) (Job, error) {
	limit, interval := uint64(v.Int("limit")), uint64(v.Int("interval"))
	order := newScatter((limit + interval - 1) / interval)
	return Job{NewWorker: func(int) (Worker, error) {
		s := newSieve(limit)
		return UnitFunc(func(i uint64) (uint64, error) {
			lo := order.at(i) * interval
			return s.count(lo, min(lo+interval, limit)), nil
		}), nil
	}}, nil
}

// A scatter is an order of the numbers below n in which every stretch is a
// fair cross-section of them: the work of a sample then costs the same per
// unit however many units the sample has, though some units cost more.
type scatter struct{ n, stride uint64 }

// newScatter uses strides of n over the golden ratio, which leave the evenest
// gaps of all (Knuth, The Art of Computer Programming 3, 6.4), or the next one
// above that shares no factor with n and therefore meets every number.
func newScatter(n uint64) scatter {
	hi, lo := bits.Mul64(n, 0x9e3779b97f4a7c15) // 2^64 over the golden ratio
	stride := hi + lo>>63
	for stride == 0 || gcd(stride, n) != 1 {
		stride++
	}
	return scatter{n, stride}
}

// at returns the i-th number of the order. It begins in the middle.
func (s scatter) at(i uint64) uint64 {
	hi, lo := bits.Mul64(i%s.n, s.stride)
	lo, carry := bits.Add64(lo, s.n/2, 0)
	return bits.Rem64(hi+carry, lo, s.n)
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
