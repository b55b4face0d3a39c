package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A fakeWork is how a workload of a made-up run behaves.
type fakeWork struct {
	cell  results.Cell
	cpu   float64 // CPU seconds of a unit
	wait  float64 // seconds that a unit waits
	bytes float64 // of a unit
}

func fakeWorks() []fakeWork {
	size := []results.Param{{Name: "size", Value: "64KiB"}}
	return []fakeWork{
		{results.Cell{Workload: "hash", Params: size}, 35e-6, 0, 65536},
		{results.Cell{Workload: "primes", Params: []results.Param{{Name: "size", Value: "1MiB"}}}, 410e-6, 0, 0},
		{results.Cell{Workload: "spin", Params: []results.Param{{Name: "iterations", Value: "1000"}}}, 1.1e-6, 0, 0},
		{results.Cell{Workload: "sleep", Params: []results.Param{{Name: "duration", Value: "1ms"}}}, 9e-6, 1.06e-3, 0},
		{results.Cell{Workload: "file", Params: append(size, results.Param{Name: "sync", Value: "false"})}, 61e-6, 4e-6, 65536},
		{results.Cell{Workload: "mixed", Params: []results.Param{{Name: "wait", Value: "1ms"}}}, 520e-6, 1.06e-3, 0},
	}
}

// fakeModes are the modes with what handing out a unit costs, in seconds, and
// what the workers need to start, in seconds and bytes.
var fakeModes = []struct {
	name                string
	handOut, start, mem float64
}{
	{"serial", 0, 1e-6, 6 << 20},
	{"goroutine", 0.2e-6, 9e-6, 6.2 * (1 << 20)},
	{"gomaxprocs1", 0.15e-6, 8e-6, 6.1 * (1 << 20)},
	{"thread", 0.6e-6, 45e-6, 6.4 * (1 << 20)},
	{"process", 1.1e-6, 5.1e-3, 11 * (1 << 20)},
	{"spawn", 4.4e-3, 2e-6, 12 * (1 << 20)},
	{"hybrid", 1.3e-6, 5.6e-3, 11 * (1 << 20)},
}

// fakeSamples returns made-up samples of a run on a machine with two CPUs, in
// random order, as a run writes them. The same seed gives the same bytes.
func fakeSamples(o fakeOptions) string {
	rng := rand.New(rand.NewPCG(o.seed, 2))
	var b strings.Builder
	for _, kv := range fakeMachine().Config() {
		fmt.Fprintf(&b, "%s: %s\n", kv[0], kv[1])
	}
	b.WriteString("\n")
	for _, u := range results.Units() {
		fmt.Fprintf(&b, "Unit %s better=%s\n", u.Name, map[int]string{-1: "lower", 1: "higher"}[u.Better])
	}
	for range o.rounds {
		var lines []string
		for _, w := range o.works {
			for m := range fakeModes {
				for _, n := range o.workers {
					if fakeModes[m].name == serial && n > 1 {
						continue
					}
					lines = append(lines, fakeLine(rng, w, m, n))
				}
			}
		}
		control := fakeWork{cell: results.Cell{Workload: results.ControlWorkload}, cpu: 1e-3}
		lines = append(lines, fakeLine(rng, control, 0, 1))
		rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		b.WriteString(strings.Join(lines, ""))
	}
	return b.String()
}

func fakeLine(rng *rand.Rand, w fakeWork, mode, workers int) string {
	m := fakeModes[mode]
	cpus := math.Min(float64(workers), 2)
	if m.name == "gomaxprocs1" || m.name == serial {
		cpus = 1
	}
	noise := func() float64 { return 1 + 0.012*rng.ExpFloat64() }
	unit := w.cpu + w.wait + m.handOut
	sec := math.Max((w.cpu+m.handOut)/cpus, unit/float64(workers)) * noise()
	user, sys := w.cpu*0.97*noise()+m.handOut*0.3, w.cpu*0.03*noise()+m.handOut*0.7
	extra := 1.0
	if m.name == "process" || m.name == "hybrid" || m.name == "spawn" {
		extra = 0.6 + 0.4*float64(workers)
	}
	c := w.cell
	c.Mode, c.Workers = m.name, workers
	var b strings.Builder
	fmt.Fprintf(&b, "Benchmark%s %d", c.Name(), int(0.25/sec))
	put := func(v float64, unit string) { fmt.Fprintf(&b, " %g %s", v, unit) }
	put(sec, results.SecPerOp)
	if w.bytes > 0 {
		put(w.bytes/sec, results.BytesPerSec)
	}
	put(user, results.UserPerOp)
	put(sys, results.SysPerOp)
	put(m.start*float64(workers)*noise(), results.StartupSec)
	put(m.mem*extra*noise(), results.PeakPSS)
	late := unit * math.Max(1, float64(workers)/cpus)
	put(late*noise(), results.P50Sec)
	put(late*1.1*noise(), results.P90Sec)
	put(late*1.6*noise()*noise(), results.P99Sec)
	put(0.001*rng.Float64(), results.StealRatio)
	b.WriteString("\n")
	return b.String()
}

func fakeMachine() results.Machine {
	yes := true
	return results.Machine{
		OS: "linux", Arch: "amd64", Kernel: "6.8.0-45-generic", CPU: "AMD EPYC 7763 64-Core Processor",
		CPUs: 2, UsableCPUs: 2, Memory: 8 << 30, PageSize: 4096, Hypervisor: &yes,
	}
}

// fakeOptions say what a made-up run has.
type fakeOptions struct {
	seed    uint64
	rounds  int
	workers []int
	works   []fakeWork
	run     bool // the run file and the log, too
}

// usual are the options of most made-up runs.
func usual(works ...fakeWork) fakeOptions {
	return fakeOptions{seed: 1, rounds: 6, workers: []int{1, 2}, works: works, run: true}
}

// fakeFolder writes the folder of a made-up run and returns its name.
func fakeFolder(t *testing.T, o fakeOptions) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, results.SamplesFile), []byte(fakeSamples(o)), 0o666); err != nil {
		t.Fatal(err)
	}
	if o.run {
		writeFakeRun(t, dir, o)
	}
	return dir
}

// writeFakeRun writes the run file and the log of a made-up run, in which a
// sample failed.
func writeFakeRun(t *testing.T, dir string, o fakeOptions) {
	t.Helper()
	started := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	run := results.Run{
		Format: results.RunFormat, Started: started, Finished: true, Seed: o.seed, Rounds: o.rounds,
		Target: 250 * time.Millisecond, Timeout: time.Minute, Machine: fakeMachine(),
		Bench: results.Binary{Name: "gvp-bench", SHA256: "0", GoVersion: "go1.26.8", Level: "v1", Revision: "0123456789abcdef"},
	}
	for _, w := range o.works {
		c := w.cell
		c.Mode, c.Workers = serial, 1
		run.Cells = append(run.Cells, results.RunCell{Cell: c, Units: 100})
		run.Workloads = append(run.Workloads, results.CatalogWorkload{
			Name: c.Workload, Help: "does " + c.Workload, Note: "Read " + c.Workload + " with care.",
		})
	}
	if err := run.Write(dir); err != nil {
		t.Fatal(err)
	}
	log, _, err := results.OpenLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	failed := o.works[0].cell
	failed.Mode, failed.Workers = "process", 2
	for _, e := range []results.LogEntry{
		{Event: results.LogStart, Time: started, OK: true},
		{Event: results.LogSample, Time: started, Round: 3, Order: 7, Cell: failed.Name(), Error: "host crashed: exit status 2", Stderr: "panic: a <b>bold</b> lie\n\tmain.go:7\n"},
	} {
		if err := log.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// samplesFile writes a file of samples and returns its name.
func samplesFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "samples.txt")
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

// suiteOfLines reads samples that were taken on a machine with two CPUs.
func suiteOfLines(t *testing.T, lines ...string) *Suite {
	t.Helper()
	return load(t, samplesFile(t, "cpus: 2\n"+strings.Join(lines, ""))).Suites[0]
}

// someLines are samples of a row in some modes, for suiteOfLines.
func someLines(name string, seconds map[string]float64) string {
	var b strings.Builder
	for _, mode := range []string{serial, "goroutine", "process", "spawn"} {
		sec, ok := seconds[mode]
		if !ok {
			continue
		}
		workers := 2
		if mode == serial {
			workers = 1
		}
		for i := range 6 {
			fmt.Fprintf(&b, "BenchmarkWorkload/workload=%s/mode=%s/workers=%d 10 %g ns/op\n", name, mode, workers, sec*1e9*(1+0.001*float64(i)))
		}
	}
	return b.String()
}

// noise makes samples that differ by chance.
type noise struct{ rng *rand.Rand }

func newNoise(seed uint64) noise { return noise{rand.New(rand.NewPCG(seed, 11))} }

func (n noise) around(v float64, count int) []float64 {
	out := make([]float64, count)
	for i := range out {
		out[i] = v * (1 + 0.02*n.rng.ExpFloat64())
	}
	return out
}
