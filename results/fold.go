package results

import (
	"errors"
	"math/bits"
)

// A Fold is the digests of a sample folded into one, whatever the order in
// which the units were done and whoever did them. Units are folded by the bit
// length of their number, so that two samples of different length can still be
// compared on the units that both did: all below the largest power of two that
// fits in the shorter one.
type Fold struct {
	Units uint64     `json:"units"`
	Sums  [65]uint64 `json:"sums"` // Sums[k] folds the units of bit length k
}

// Add folds in the digest of unit i.
func (f *Fold) Add(i, digest uint64) {
	f.Units++
	f.Sums[bits.Len64(i)] += mix(digest ^ mix(i))
}

// Merge folds in the units of g, which are others than those of f.
func (f *Fold) Merge(g Fold) {
	f.Units += g.Units
	for k, s := range g.Sums {
		f.Sums[k] += s
	}
}

// ErrDigest is what [Fold.Check] returns for two samples that did not do the
// same work.
var ErrDigest = errors.New("digests differ")

// Check compares two samples that both did the units from 0 on. It returns
// ErrDigest unless they agree on every unit that both can be compared on.
func (f Fold) Check(g Fold) error {
	if f.Units == g.Units {
		if f.Sums != g.Sums {
			return ErrDigest
		}
		return nil
	}
	// Units 0 to 2^k-1 have bit lengths 0 to k.
	for k := 0; k <= 64 && lastOf(k) < min(f.Units, g.Units); k++ {
		if f.Sums[k] != g.Sums[k] {
			return ErrDigest
		}
	}
	return nil
}

// lastOf returns the largest number of bit length k.
func lastOf(k int) uint64 { return 1<<k - 1 }

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", OOPSLA 2014): one changed bit of x changes
// every bit of the result with probability one half.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
