package workloads

import "encoding/binary"

// A pattern is what remains of the sieve, over and over, when the multiples of
// a group of primes are cleared. Its period in bytes is their product.
type pattern struct {
	bits []byte // one period
	at   int    // where in it the next byte of the segment falls
}

// patternMax is the largest prime that is never sieved.
const patternMax = 163

// patternPrimes are grouped so that the periods are alike: long enough for
// few turns in a segment, short enough for all to stay in the L2 cache.
func patternPrimes() [16][]uint32 {
	return [16][]uint32{
		{7, 23, 37}, {11, 19, 31}, {13, 17, 29}, {41, 163},
		{43, 157}, {47, 151}, {53, 149}, {59, 139},
		{61, 137}, {67, 131}, {71, 127}, {73, 113},
		{79, 109}, {83, 107}, {89, 103}, {97, 101},
	}
}

func newPatterns() []pattern {
	var ps []pattern
	for _, group := range patternPrimes() {
		period := uint32(1)
		for _, p := range group {
			period *= p
		}
		b := make([]byte, period)
		for i := range b {
			b[i] = 0xff
		}
		for _, p := range group {
			for _, w := range wheel {
				keep := ^bit(p * w)
				for i := p * w / 30; i < period; i += p {
					b[i] &= keep
				}
			}
		}
		ps = append(ps, pattern{bits: b})
	}
	return ps
}

// seek sets p to a byte of the sieve.
func (p *pattern) seek(first uint64) { p.at = int(first % uint64(len(p.bits))) }

// presieve fills seg with what the patterns leave, in runs in which no pattern
// comes to its end.
func (s *sieve) presieve(seg []byte) {
	for len(seg) > 0 {
		n := len(seg)
		for i := range s.patterns {
			n = min(n, len(s.patterns[i].bits)-s.patterns[i].at)
		}
		copy(seg, s.patterns[0].take(n))
		for i := 1; i < len(s.patterns); i += 3 {
			and(seg[:n], s.patterns[i:i+3])
		}
		seg = seg[n:]
	}
}

// and keeps in seg what three patterns keep, and moves them on.
func and(seg []byte, ps []pattern) {
	a, b, c := ps[0].take(len(seg)), ps[1].take(len(seg)), ps[2].take(len(seg))
	i := 0
	for ; i <= len(seg)-8; i += 8 {
		word := binary.LittleEndian.Uint64(seg[i : i+8])
		word &= binary.LittleEndian.Uint64(a[i : i+8])
		word &= binary.LittleEndian.Uint64(b[i : i+8])
		word &= binary.LittleEndian.Uint64(c[i : i+8])
		binary.LittleEndian.PutUint64(seg[i:i+8], word)
	}
	for ; i < len(seg); i++ {
		seg[i] &= a[i] & b[i] & c[i]
	}
}

// take returns the next n bytes, which do not go beyond the period.
func (p *pattern) take(n int) []byte {
	b := p.bits[p.at : p.at+n]
	if p.at += n; p.at == len(p.bits) {
		p.at = 0
	}
	return b
}
