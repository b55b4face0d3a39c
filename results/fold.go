package results

import (
	"errors"
	"slices"
)

// A Fold is the digests of a sample folded into one, whatever the order in
// which the units were done and whoever did them. It is kept in parts, cut at
// some unit numbers, so that samples of different length can be compared on
// the units that both did.
type Fold struct {
	Units uint64 `json:"units"` // how many were folded

	// Cuts are unit numbers in rising order. Sums[k] folds the units below
	// Cuts[k], from Cuts[k-1] on; the last one, those from the last cut on.
	Cuts []uint64 `json:"cuts,omitempty"`
	Sums []uint64 `json:"sums"`

	at int // the part of the unit added last: the next is rarely in another
}

// NewFold returns an empty fold with the given cuts.
func NewFold(cuts []uint64) Fold {
	// Each unit writes to it: with room to spare, no two folds share a cache line.
	const line = 16
	return Fold{Cuts: cuts, Sums: make([]uint64, len(cuts)+1, max(line, len(cuts)+1))}
}

// CutsOf returns where the fold of a sample of n units is to be cut: at the
// lengths of the other samples of the same work, which makes it comparable
// with all of the shorter ones, and at the powers of two, for samples whose
// length is not known yet.
func CutsOf(n uint64, lengths []uint64) []uint64 {
	var cuts []uint64
	for c := uint64(1); c != 0 && c < n; c <<= 1 {
		cuts = append(cuts, c)
	}
	for _, c := range lengths {
		if 0 < c && c < n {
			cuts = append(cuts, c)
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// Reset empties the fold.
func (f *Fold) Reset() {
	clear(f.Sums)
	f.Units, f.at = 0, 0
}

// Add folds in the digest of unit i.
func (f *Fold) Add(i, digest uint64) {
	for f.at < len(f.Cuts) && i >= f.Cuts[f.at] {
		f.at++
	}
	for f.at > 0 && i < f.Cuts[f.at-1] {
		f.at--
	}
	f.Units++
	f.Sums[f.at] += mix(digest ^ mix(i))
}

// ErrCuts is what [Fold.Merge] returns for folds that are cut differently.
var ErrCuts = errors.New("folds are cut differently")

// Merge folds in the units of g, which are others than those of f and cut at
// the same numbers.
func (f *Fold) Merge(g Fold) error {
	if !slices.Equal(f.Cuts, g.Cuts) || len(f.Sums) != len(g.Sums) {
		return ErrCuts
	}
	f.Units += g.Units
	for k, s := range g.Sums {
		f.Sums[k] += s
	}
	return nil
}

// ErrDigest is what [Fold.Check] returns for two samples that did not do the
// same work.
var ErrDigest = errors.New("digests differ")

// Check compares two samples that both did the units from 0 on. It returns
// ErrDigest unless they agree up to every cut that both have, the end of a
// sample being one.
func (f Fold) Check(g Fold) error {
	if f.Units > g.Units {
		f, g = g, f
	}
	var sum uint64
	for k, s := range f.Sums {
		sum += s
		end := f.Units
		if k < len(f.Cuts) {
			end = min(end, f.Cuts[k])
		}
		if other, ok := g.upTo(end); ok && other != sum {
			return ErrDigest
		}
	}
	return nil
}

// upTo folds the units below n; false if f is not cut there.
func (f Fold) upTo(n uint64) (sum uint64, ok bool) {
	k, ok := slices.BinarySearch(f.Cuts, n)
	switch {
	case n == f.Units:
		k = len(f.Sums) - 1
	case !ok:
		return 0, false
	}
	for _, s := range f.Sums[:min(k+1, len(f.Sums))] {
		sum += s
	}
	return sum, true
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast splittable
// pseudorandom number generators", OOPSLA 2014): one changed bit of x changes
// every bit of the result with probability one half.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
