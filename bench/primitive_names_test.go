package bench

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gvp-bench/gvp/results"
)

// byName matches the ways in the names of benchmarks, here and in Python's.
var byName = regexp.MustCompile(`\bby=(?:f?")?([a-z]+)`)

// The report compares goroutines, processes and Python by the value of /by: one
// that [results.SideOf] does not know would be compared with nothing.
func TestWaysAreOfASide(t *testing.T) {
	files, err := filepath.Glob("primitive_*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var ways []string
	for _, c := range carriers {
		ways = append(ways, c.by)
	}
	for _, k := range keepers {
		ways = append(ways, k.by)
	}
	for _, file := range append(files, "../scripts/peers/primitives.py") {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range byName.FindAllSubmatch(source, -1) {
			ways = append(ways, string(m[1]))
		}
	}
	if len(ways) < 20 {
		t.Errorf("found only %q", ways)
	}
	for _, by := range ways {
		if results.SideOf(by) == results.UnknownSide {
			t.Errorf("by=%s is of no side: add it to results.SideOf", by)
		}
	}
}
