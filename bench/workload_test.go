// Package bench measures every workload in every mode by `go test -bench`.
// Here the test binary is the host: samples of one cell follow each other in
// one process, which profiles of go test need, where `gvp run` takes each in a
// fresh one and shuffles them.
package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner"
	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/workloads"
)

var suite *runner.Runner

func TestMain(m *testing.M) {
	var err error
	if suite, err = runner.New(workloads.All()...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	multiproc.Main()
	os.Exit(m.Run())
}

func BenchmarkWorkload(b *testing.B) {
	catalog := suite.Catalog()
	for _, w := range catalog.Workloads {
		for _, m := range catalog.Modes {
			for _, workers := range workerCounts(m) {
				c := cell(w, m.Name, workers)
				b.Run(strings.TrimPrefix(c.Name(), "Workload/"), func(b *testing.B) { benchmark(b, c) })
			}
		}
	}
}

// workerCounts are one worker and one for each CPU.
func workerCounts(m results.CatalogMode) []int {
	if m.Single || runtime.NumCPU() == 1 {
		return []int{1}
	}
	return []int{1, runtime.NumCPU()}
}

// cell is a workload with its default parameters.
func cell(w results.CatalogWorkload, mode string, workers int) results.Cell {
	c := results.Cell{Workload: w.Name, Mode: mode, Workers: workers}
	for _, p := range w.Params {
		c.Params = append(c.Params, results.Param{
			Name: p.Name, Value: p.Default, Unnamed: p.Kind == string(workloads.KindPath),
		})
	}
	return c
}

// benchmark takes one sample of b.N units.
func benchmark(b *testing.B, c results.Cell) {
	b.StopTimer()
	b.ReportAllocs() // without it, testing keeps the metrics of that name to itself
	s, err := suite.Measure(b.Context(), results.Spec{Cell: c, Units: uint64(b.N)}, runner.Clock{Start: b.StartTimer, Stop: b.StopTimer})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range s.Metrics {
		if m.Unit == results.SecPerOp {
			// Under its own name it would stand beside what testing reports.
			b.ReportMetric(m.Value*1e9, "ns/op")
			continue
		}
		b.ReportMetric(m.Value, m.Unit)
	}
}
