package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkStart shows what a start of the bench binary costs, from exec to
// exit, beside an empty Go program's. Both are run in turn, so that they share
// the machine's moods; the ratio is that of the medians.
func BenchmarkStart(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "empty.go"), []byte("package main\n\nfunc main() {}\n"), 0o666); err != nil {
		b.Fatal(err)
	}
	empty, bench := filepath.Join(dir, "empty.exe"), filepath.Join(dir, "bench.exe")
	for _, args := range [][]string{{empty, filepath.Join(dir, "empty.go")}, {bench, "../cmd/gvp-bench"}} {
		if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", args[0], args[1]).CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
	var tookEmpty, tookBench []float64
	for b.Loop() {
		tookEmpty = append(tookEmpty, start(b, empty))
		tookBench = append(tookBench, start(b, bench, "--help"))
	}
	b.ReportMetric(median(tookEmpty), "empty-sec")
	b.ReportMetric(median(tookBench), "bench-sec")
	b.ReportMetric(median(tookBench)/median(tookEmpty), "ratio")
}

// start runs a program and returns the seconds it took.
func start(b *testing.B, program string, args ...string) float64 {
	b.Helper()
	begin := time.Now()
	if err := exec.CommandContext(b.Context(), program, args...).Run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(begin).Seconds()
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
