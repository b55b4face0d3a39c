package workloads

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// A sieve counts primes in intervals: a segmented sieve of Eratosthenes on a
// wheel of 30. A byte stands for 30 numbers, a bit for each of the eight
// residues that 2, 3 and 5 leave over. What a sieving prime p = 30q+r has to
// clear follows from the product of two residues:
//
//	p·(30k+w) = 30·(pk + qw + ⌊rw/30⌋) + rw mod 30
//
// So the multiples repeat every p bytes, one for each residue w of the
// cofactor, and the bit that stands for a multiple depends on r and w alone.
//
// A segment fits the L1 data cache. The smallest primes, which would clear the
// most bits, are not sieved at all: their multiples come from ready-made
// patterns. The middling primes clear one residue after another, with a
// constant stride and mask; the large ones, with few multiples in a segment,
// step from multiple to multiple.
type sieve struct {
	patterns []pattern
	middling []middling
	large    []large
	primes   []uint32 // from 7 on: what the sieve uses, and clears with its multiples
	segment  [segmentBytes]byte
}

const (
	segmentBytes = 32 << 10 // 983,040 numbers
	middlingMax  = 2048     // measured: from 1024 to 4096 it makes no great difference
)

// wheel holds the residues modulo 30 that are coprime to 30, in bit order.
var wheel = [8]uint32{1, 7, 11, 13, 17, 19, 23, 29}

// A step leads from one multiple of a prime to the next.
type step struct {
	keep     byte  // the mask that clears the multiple
	mul, add uint8 // the next multiple is q·mul + add bytes on
}

// A class holds the steps of all primes p = 30q+r with the same r, by the
// residue of the cofactor.
type class [8]step

// classes are in the order of the wheel.
var classes = makeClasses()

func makeClasses() (cs [8]class) {
	for ri, r := range wheel {
		for wi, w := range wheel {
			next := uint32(31) // the next turn's 1
			if wi < 7 {
				next = wheel[wi+1]
			}
			cs[ri][wi] = step{
				keep: ^bit(r * w),
				mul:  uint8(next - w),
				add:  uint8(r*next/30 - r*w/30),
			}
		}
	}
	return cs
}

// bit returns the bit that stands for n in its byte.
func bit(n uint32) byte { return 1 << indexOf(n) }

// indexOf returns the place of n, which is coprime to 30, in the wheel.
func indexOf(n uint32) int {
	i := 0
	for wheel[i] != n%30 {
		i++
	}
	return i
}

// A middling prime knows where its turns begin.
type middling struct {
	class *class
	p     uint32
	at    uint32 // bytes from the segment's start to the next turn's, below p
}

// A large prime knows its next multiple.
type large struct {
	q     uint32
	class uint32 // place of the prime in the wheel
	w     uint32 // place in the wheel of the next multiple's cofactor
	at    uint32 // bytes from the segment's start to the next multiple
}

func (l *large) prime() uint64 { return uint64(l.q)*30 + uint64(wheel[l.class]) }

// newSieve returns a sieve for numbers up to limit, which is below 2^62.
func newSieve(limit uint64) *sieve {
	s := &sieve{patterns: newPatterns()}
	for _, p := range primesTo(uint32(math.Sqrt(float64(limit))) + 1) {
		c := indexOf(p)
		switch {
		case p <= patternMax:
		case p <= middlingMax:
			s.middling = append(s.middling, middling{p: p, class: &classes[c]})
		default:
			s.large = append(s.large, large{q: p / 30, class: uint32(c)})
		}
		s.primes = append(s.primes, p)
	}
	return s
}

// primesTo returns the primes from 7 to n, or to patternMax where that is
// more: the patterns clear those primes, so they have to be known.
func primesTo(n uint32) []uint32 {
	n = max(n, patternMax)
	composite := make([]bool, n+1)
	var primes []uint32
	for p := uint32(2); p <= n; p++ {
		if composite[p] {
			continue
		}
		if p >= 7 {
			primes = append(primes, p)
		}
		for m := uint64(p) * uint64(p); m <= uint64(n); m += uint64(p) {
			composite[m] = true
		}
	}
	return primes
}

// count returns the number of primes p with lo < p <= hi. It allocates
// nothing and keeps nothing: the counts do not depend on their order.
func (s *sieve) count(lo, hi uint64) uint64 {
	n := uint64(0)
	for _, p := range [...]uint64{2, 3, 5} {
		if lo < p && p <= hi {
			n++
		}
	}
	first, end := (lo+1)/30, hi/30+1 // in bytes
	middling, large := s.seek(first, hi)
	segments := (end - first + segmentBytes - 1) / segmentBytes
	length := (end - first + segments - 1) / segments // even ones: no short last one
	for at := first; at < end; at += length {
		seg := s.segment[:min(length, end-at)]
		s.presieve(seg)
		for i := range middling {
			middling[i].clear(seg)
		}
		clearLarge(seg, large)
		s.putBack(seg, at)
		if at == first {
			seg[0] &^= upTo(lo, at)
		}
		if at+uint64(len(seg)) == end {
			seg[len(seg)-1] &= upTo(hi, end-1)
		}
		n += ones(seg)
	}
	return n
}

// seek sets everything to the byte at which an interval begins, and returns
// the primes that are needed up to hi.
func (s *sieve) seek(first, hi uint64) ([]middling, []large) {
	for i := range s.patterns {
		s.patterns[i].seek(first)
	}
	nm := 0
	for ; nm < len(s.middling); nm++ {
		m := &s.middling[nm]
		p := uint64(m.p)
		if p*p > hi {
			return s.middling[:nm], nil
		}
		m.at = uint32((p - first%p) % p)
	}
	nl := 0
	for ; nl < len(s.large); nl++ {
		l := &s.large[nl]
		p := l.prime()
		if p*p > hi {
			break
		}
		l.seek(p, first)
	}
	return s.middling, s.large[:nl]
}

// clear clears the multiples of m in seg and moves on to the next segment.
func (m *middling) clear(seg []byte) {
	p, q := m.p, m.p/30
	at := m.at + q // the turn begins at cofactor 0, the wheel at cofactor 1
	for w := range m.class {
		st := &m.class[w]
		i := at
		if i >= p {
			i -= p // the turn that began before the segment
		}
		keep := st.keep // in a register: for all the compiler knows, seg holds st
		for j := uint(i); j < uint(len(seg)); j += uint(p) {
			seg[j] &= keep
		}
		at += q*uint32(st.mul) + uint32(st.add)
	}
	over := uint32(len(seg)) % p
	if m.at < over {
		m.at += p
	}
	m.at -= over
}

// seek finds the first multiple of l, which is p, from byte first on.
func (l *large) seek(p, first uint64) {
	cofactor := (first*30 + p - 1) / p
	turn, rest := cofactor/30, uint32(cofactor%30)
	w := 0
	for wheel[w] < rest {
		w++
	}
	l.w = uint32(w)
	l.at = uint32(p*turn + p*uint64(wheel[w])/30 - first)
}

// clearLarge clears the multiples of all primes in seg and moves on to the
// next segment. It is one function for all because most are done in a few steps.
func clearLarge(seg []byte, primes []large) {
	for i := range primes {
		l := &primes[i]
		q, at, w := l.q, l.at, l.w
		class := &classes[l.class&7]
		for uint(at) < uint(len(seg)) {
			st := &class[w&7]
			seg[at] &= st.keep
			at += q*uint32(st.mul) + uint32(st.add)
			w++
		}
		l.at, l.w = at-uint32(len(seg)), w&7
	}
}

// putBack sets the bits of the sieving primes themselves in seg, which begins
// at byte at, and clears the bit of 1.
func (s *sieve) putBack(seg []byte, at uint64) {
	if at == 0 {
		seg[0] &^= bit(1)
	}
	if len(s.primes) == 0 || at > uint64(s.primes[len(s.primes)-1]/30) {
		return
	}
	for _, p := range s.primes {
		if i := uint64(p / 30); at <= i && i < at+uint64(len(seg)) {
			seg[i-at] |= bit(p)
		}
	}
}

// upTo returns the bits of byte at that stand for numbers up to n.
func upTo(n, at uint64) byte {
	mask := byte(0)
	for i, w := range wheel {
		if at*30+uint64(w) <= n {
			mask |= 1 << i
		}
	}
	return mask
}

// ones counts the bits that are set.
func ones(seg []byte) uint64 {
	n := 0
	for ; len(seg) >= 8; seg = seg[8:] {
		n += bits.OnesCount64(binary.LittleEndian.Uint64(seg))
	}
	for _, b := range seg {
		n += bits.OnesCount8(b)
	}
	return uint64(n)
}
