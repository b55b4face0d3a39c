package check

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// hashCells are one cell of each built-in bench binary.
func hashCells(all []results.Catalog) ([][]results.Cell, error) {
	var cells [][]results.Cell
	for _, c := range all {
		cells = append(cells, hashCell(c))
	}
	return cells, nil
}

func hashCell(c results.Catalog) []results.Cell {
	for _, w := range c.Workloads {
		if w.Name != "hash" {
			continue
		}
		cell := results.Cell{Workload: w.Name, Mode: c.Modes[0].Name, Workers: 1}
		for _, p := range w.Params {
			cell.Params = append(cell.Params, results.Param{Name: p.Name, Value: p.Default})
		}
		return []results.Cell{cell}
	}
	return nil
}

func TestCellsOfABenchBinaryAreBenchmarks(t *testing.T) {
	long(t)
	_, cache := sharedRepository()
	o := Options{
		Dir: "../..", Cache: cache, Out: t.TempDir(), Packages: []string{"./cmd/gvp-bench"}, Cells: hashCells,
		Rounds: 2, Target: 5 * time.Millisecond, Timeout: 5 * time.Minute,
	}
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Check.Benchmarks) != 1 || r.Check.Benchmarks[0].Units == 0 || !strings.HasPrefix(r.Check.Benchmarks[0].Name, "Workload/workload=hash/") {
		t.Fatalf("benchmarks = %+v, failures %v", r.Check.Benchmarks, failuresOf(r.Samples))
	}
	series, failures := checks.Pairs(r.Samples)
	if len(failures) > 0 || len(series) < 3 {
		t.Errorf("series = %v, failures %v", series, failures)
	}
	// The same by its file, and with a profile.
	bin := filepath.Join(t.TempDir(), exeName("bench"))
	must(t, "../..", "go", "build", "-buildvcs=false", "-o", bin, "./cmd/gvp-bench")
	o.Base, o.Head, o.Rounds, o.Target = Source{Binary: bin}, Source{Binary: bin}, 1, 500*time.Millisecond
	s, err := Open(t.Context(), o, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Measure(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := s.Profile(t.Context(), s.Check().Benchmarks[0].Name); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	o.Cells = nil
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "is no test binary") {
		t.Errorf("Run without cells = %v", err)
	}
	o.Cells, o.Kinds = hashCells, TestsAndCells
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "is no test binary") {
		t.Errorf("Run of tests and cells of a bench binary = %v", err)
	}
	o.Kinds = CellsAlone
	// A program that is neither.
	other := filepath.Join(t.TempDir(), exeName("other"))
	dir := t.TempDir()
	put(t, dir, map[string]string{"go.mod": goMod, "main.go": "package main\n\nfunc main() { println(\"hello\") }\n"})
	must(t, dir, "go", "build", "-buildvcs=false", "-o", other, ".")
	o.Cells, o.Base, o.Head = hashCells, Source{Binary: other}, Source{Binary: other}
	r, err = Run(t.Context(), o, Hooks{})
	if err != nil || len(r.Check.Benchmarks) != 0 || len(r.Samples) != 2 || !strings.Contains(r.Samples[0].Error, "not a bench binary") {
		t.Errorf("Run of another program = %+v, %v", r, err)
	}
}

func exeName(name string) string { return name + exeExt(runtime.GOOS) }
