package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Figures are drawn beside each other, and do not get into each other's way: the
// same one is the same twice.
func TestFiguresAreDrawnBesideEachOther(t *testing.T) {
	dir := t.TempDir()
	r := load(t, fakeFolder(t, fakeOptions{seed: 1, rounds: 2, workers: []int{1}, works: fakeWorks()[:1]}))
	one := r.Suites[0].Figures()[0]
	one.Name = "one"
	other := one
	other.Name = "other"
	drawings, err := drawAll([]Figure{one, other}, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range drawings {
		if d.err != nil {
			t.Error(d.err)
		}
	}
	for _, suffix := range []string{".svg", "-dark.svg", ".png", "-dark.png"} {
		a, err := os.ReadFile(filepath.Join(dir, "one"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, "other"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if len(a) == 0 || !bytes.Equal(a, b) {
			t.Errorf("%s: %d and %d bytes, and not the same", suffix, len(a), len(b))
		}
	}
}
