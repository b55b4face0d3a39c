package verdict

import (
	"math"
	"slices"
	"sort"
)

// MaxPairs is how many pairs a look may have at most. Up to there the null
// distribution is counted out in a moment, and its smallest probability, 2⁻ⁿ,
// is a float64 of full precision.
const MaxPairs = 1000

// A null is the distribution of the signed-rank sum of n pairs when each sign is
// equally likely: null[v] is the probability of a sum of v or more. The last sum
// is that of all ranks, n(n+1)/2.
//
// Of the 2ⁿ choices of signs, as many have the sum v as there are subsets of
// 1…n with that sum, which is a recurrence over n (Wilcoxon 1945, Biometrics
// Bulletin 1:80; Hollander, Wolfe and Chicken, Nonparametric Statistical
// Methods, 3rd ed. 2014, section 3.1). It takes n³/6 additions, where drawing
// signs at random would take more and be inexact.
type null []float64

func newNull(n int) null {
	f := make(null, n*(n+1)/2+1)
	f[0] = 1
	for k := 1; k <= n; k++ {
		for v := k * (k + 1) / 2; v >= k; v-- {
			f[v] = (f[v] + f[v-k]) / 2
		}
		for v := range k {
			f[v] /= 2
		}
	}
	for v := len(f) - 2; v >= 0; v-- {
		f[v] += f[v+1]
	}
	f[0] = 1
	return f
}

// critical returns the smallest sum that is significant at a level; it is beyond
// all sums if none is.
func (f null) critical(level float64) int {
	return sort.Search(len(f), func(v int) bool { return f[v] <= level })
}

// nulls holds the distributions that have been used, by number of pairs.
type nulls map[int]null

func (ns nulls) of(n int) null {
	f, ok := ns[n]
	if !ok {
		f = newNull(n)
		ns[n] = f
	}
	return f
}

// least returns how many pairs it takes at least to be significant at a level:
// the smallest p is 2⁻ⁿ, of all pairs on one side.
func least(level float64) int {
	n := 1
	for math.Ldexp(1, -n) > level && n <= MaxPairs {
		n++
	}
	return n
}

// A sample is the changes of some pairs, sorted.
//
// All of its methods see the changes through their Walsh averages, (dᵢ+dⱼ)/2 for
// i ≤ j. The signed-rank sum of d−θ is the number of averages above θ (Tukey
// 1949; Lehmann, Nonparametrics, 1975, section 4.2), so that test, interval and
// estimate cannot contradict each other.
//
// Ties and zeros make averages that equal θ. They count against rejection, on
// either side, and the null distribution is that without ties. That is valid:
// break the ties by adding to each dᵢ−θ noise that is symmetric and smaller than
// all differences; then the sum has the null distribution exactly, and no
// average that was above θ has come to lie elsewhere, so the sum is at least
// that which is counted here. And unlike with zeros dropped, p never falls when θ
// rises (Pratt 1959, JASA 54:655, shows that it may): {−8, 4, 8, 8} against 4
// would have p = 0.625, against 5 only 0.5625. What it costs are those pairs
// only that tie at θ exactly: with a margin, measured times do not.
type sample []float64

// newSample returns the sample of changes; xs is left as it is.
func newSample(xs []float64) sample {
	s := sample(slices.Clone(xs))
	slices.Sort(s)
	return s
}

// size returns the number of Walsh averages.
func (s sample) size() int { return len(s) * (len(s) + 1) / 2 }

// walsh returns an average. Whoever compares averages takes this one, so that
// all round alike.
func walsh(x, y float64) float64 { return (x + y) / 2 }

// above counts the Walsh averages above t.
func (s sample) above(t float64) int {
	n := 0
	i := 0 // s[i:j+1] are those whose average with s[j] is above t
	for j, x := range slices.Backward(s) {
		for i <= j && walsh(s[i], x) <= t {
			i++
		}
		if i > j {
			// Averages of values below s[j] are smaller still.
			break
		}
		n += j - i + 1
	}
	return n
}

// upTo counts the Walsh averages of at most t.
func (s sample) upTo(t float64) int { return s.size() - s.above(t) }

// below counts the Walsh averages below t.
func (s sample) below(t float64) int { return s.upTo(math.Nextafter(t, math.Inf(-1))) }

// worse returns the one-sided p-value of θ ≤ t, and better that of θ ≥ t.
func (s sample) worse(f null, t float64) float64  { return f[s.above(t)] }
func (s sample) better(f null, t float64) float64 { return f[s.below(t)] }

// lower returns the limit that θ is above, and upper the one it is below, at a
// level each: the tests of worse and better reject all t beyond them, and those
// alone. They are infinite if there are too few pairs to reject any. They are
// order statistics of Walsh averages (Tukey 1949; Hollander, Wolfe and Chicken
// 2014, section 3.3).
func (s sample) lower(f null, level float64) float64 {
	c := f.critical(level)
	if c > s.size() {
		return math.Inf(-1)
	}
	return s.kth(s.size() - c + 1)
}

func (s sample) upper(f null, level float64) float64 {
	c := f.critical(level)
	if c > s.size() {
		return math.Inf(1)
	}
	return s.kth(c)
}

// center returns the estimate of θ: the median of the Walsh averages (Hodges and
// Lehmann 1963, Annals of Mathematical Statistics 34:598).
func (s sample) center() float64 {
	m := s.size()
	lo := s.kth((m + 1) / 2)
	if m%2 == 1 {
		return lo
	}
	return walsh(lo, s.kth(m/2+1))
}

// kth returns the k-th smallest Walsh average, from 1. It looks for it between
// the bit patterns of the smallest and the largest, put in the order of the
// numbers, so that it needs no room for the averages.
func (s sample) kth(k int) float64 {
	lo, hi := ordered(s[0]), ordered(s[len(s)-1])
	for lo < hi {
		mid := lo + (hi-lo)/2
		if s.upTo(unordered(mid)) >= k {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return unordered(lo)
}

// ordered returns the bits of x so that they rise with x, and unordered the x
// that has them.
func ordered(x float64) uint64 {
	b := math.Float64bits(x)
	if b>>63 == 1 {
		return ^b
	}
	return b | 1<<63
}

func unordered(b uint64) float64 {
	if b>>63 == 1 {
		return math.Float64frombits(b &^ (1 << 63))
	}
	return math.Float64frombits(^b)
}
