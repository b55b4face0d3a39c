package results

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// foldOf folds units 0 to n-1 in a random order, by several workers, with one
// digest changed.
func foldOf(t *testing.T, rng *rand.Rand, n uint64, lengths []uint64, wrong uint64) Fold {
	t.Helper()
	cuts := CutsOf(n, lengths)
	workers := []Fold{NewFold(cuts), NewFold(cuts), NewFold(cuts)}
	for _, i := range rng.Perm(int(n)) {
		digest := uint64(i) * 7
		if uint64(i) == wrong {
			digest++
		}
		workers[rng.IntN(len(workers))].Add(uint64(i), digest)
	}
	all := NewFold(cuts)
	for _, w := range workers {
		if err := all.Merge(w); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// Whichever unit of the shorter sample is wrong in one of the two, it shows.
func TestCheckCoversTheWholeShorterSample(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const none = 1 << 60
	lengths := []uint64{1, 5, 22, 38, 64, 100}
	for _, n := range lengths {
		for _, m := range lengths {
			f, g := foldOf(t, rng, n, lengths, none), foldOf(t, rng, m, lengths, none)
			if f.Units != n || f.Check(g) != nil || g.Check(f) != nil {
				t.Errorf("%d and %d units: they do not agree", n, m)
			}
			for wrong := range max(n, m) {
				g := foldOf(t, rng, m, lengths, wrong)
				want := wrong < min(n, m)
				if got := errors.Is(f.Check(g), ErrDigest); got != want {
					t.Errorf("%d and %d units, unit %d wrong in the latter: noticed %v, want %v", n, m, wrong, got, want)
				}
			}
		}
	}
}

func TestPowersOfTwoMakeUnknownLengthsComparable(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	f, g := foldOf(t, rng, 100, nil, 1<<60), foldOf(t, rng, 70, nil, 63)
	if !errors.Is(f.Check(g), ErrDigest) {
		t.Error("unit 63 of 70 and 100 is not compared")
	}
}

// A unit done twice, or by its neighbour's number, is not the same work.
func TestFoldNoticesSwappedAndRepeatedUnits(t *testing.T) {
	right, swapped, twice := NewFold(nil), NewFold(nil), NewFold(nil)
	for i := range uint64(10) {
		right.Add(i, i)
		swapped.Add(i, i^1)
		twice.Add(i&^1, i&^1)
	}
	if right.Check(swapped) == nil || right.Check(twice) == nil {
		t.Error("not noticed")
	}
}

func TestCutsOf(t *testing.T) {
	if got, want := CutsOf(40, []uint64{22, 38, 40, 41, 0, 16}), []uint64{1, 2, 4, 8, 16, 22, 32, 38}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := CutsOf(1<<63+5, nil); len(got) != 64 {
		t.Errorf("%d cuts below 2^63+5, want 64", len(got))
	}
}

func TestFoldsCutDifferentlyDoNotMerge(t *testing.T) {
	f := NewFold([]uint64{4})
	if err := f.Merge(NewFold(nil)); !errors.Is(err, ErrCuts) {
		t.Errorf("error %v", err)
	}
}
