package campaign

import (
	"debug/buildinfo"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results"
)

// The tests of this file are those of the rules of DESIGN.md, "What makes a
// comparison fair", as far as they are the tool's to keep.

func TestFairnessDigestThatDiffersFailsItsCell(t *testing.T) {
	for _, late := range []string{"", "yes"} {
		t.Run("late="+late, func(t *testing.T) {
			t.Setenv(fakeLate, late)
			// Several rounds and seeds: whoever is measured first, serial is right.
			seeds := uint64(4)
			if testing.Short() {
				seeds = 1
			}
			for seed := range seeds {
				p := planOf(t, Options{Workloads: []string{"wrong", "fine"}, Modes: []string{"process"}, Rounds: 2, Seed: seed})
				s, err := Run(t.Context(), p, self(t), Hooks{})
				if err != nil {
					t.Fatal(err)
				}
				if len(s.Failures) == 0 {
					t.Fatal("the wrong digest was not noticed")
				}
				for _, f := range s.Failures {
					if f.Cell.Workload != "wrong" || f.Cell.Mode != "process" && late == "" {
						t.Errorf("seed %d: cell %s failed", seed, f.Cell.Name())
					}
					for _, name := range []string{"workload=wrong/size=64KiB/mode=process/workers=2", "workload=wrong/size=64KiB/mode=serial/workers=1"} {
						if !strings.Contains(f.Err, name) {
							t.Errorf("error %q does not name %s", f.Err, name)
						}
					}
				}
				if late == "" && (len(s.Failures) != 1 || s.Failures[0].Phase != Calibrate) {
					t.Errorf("failures = %+v, want one, before anything is measured", s.Failures)
				}
				names := sampleNames(t, s.Folder)
				if late == "" && slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "wrong") && strings.Contains(n, "process") }) {
					t.Errorf("a cell that does other work was measured: %q", names)
				}
			}
		})
	}
}

func TestFairnessUnsteadyDigestFailsItsSamples(t *testing.T) {
	p := planOf(t, Options{Workloads: []string{"unsteady"}, Modes: []string{"goroutine"}, Rounds: 2})
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Failures) != 2 || !strings.Contains(s.Failures[0].Err, "not deterministic") && !strings.Contains(s.Failures[0].Err, "serial is the reference") {
		t.Errorf("failures = %+v, want two about digests", s.Failures)
	}
}

func TestFairnessRoundsInterleaveAllCellsInRecordedRandomOrder(t *testing.T) {
	const rounds = 4
	o := Options{Workloads: []string{"fine", "disk"}, Workers: []int{1, 2}, Rounds: rounds, Seed: 7}
	p := planOf(t, o)
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := results.ReadRun(s.Folder)
	if err != nil {
		t.Fatal(err)
	}
	if run.Seed != 7 {
		t.Errorf("recorded seed = %d, want 7", run.Seed)
	}
	entries := logOf(t, s.Folder, results.LogSample)
	cells := len(run.Cells)
	if len(entries) != rounds*cells {
		t.Fatalf("%d samples in the log, want %d", len(entries), rounds*cells)
	}
	var orders [][]string
	for i, e := range entries {
		round := i / cells
		if round == len(orders) {
			orders = append(orders, nil)
		}
		if e.Round != round+1 || e.Order != i%cells+1 {
			t.Errorf("sample %d is recorded as round %d, place %d", i, e.Round, e.Order)
		}
		// What is recorded is what the seed gives.
		if want := run.Cells[order(run.Seed, e.Round, cells)[e.Order-1]].Name(); e.Cell != want {
			t.Errorf("round %d, place %d was %s, and by the seed %s", e.Round, e.Order, e.Cell, want)
		}
		orders[round] = append(orders[round], e.Cell)
	}
	for i, o := range orders {
		for _, c := range run.Cells {
			if !slices.Contains(o, c.Name()) {
				t.Errorf("round %d lacks %s", i+1, c.Name())
			}
		}
		if i > 0 && slices.Equal(o, orders[i-1]) {
			t.Errorf("rounds %d and %d have the same order", i, i+1)
		}
	}
}

func TestFairnessEachSampleHasAFreshHost(t *testing.T) {
	p := planOf(t, Options{Workloads: []string{"fine"}, Rounds: 3})
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for _, e := range append(logOf(t, s.Folder, results.LogSample), logOf(t, s.Folder, results.LogCalibrate)...) {
		if e.PID == 0 || e.PID == os.Getpid() || seen[e.PID] {
			t.Errorf("process %d took more than one sample, or none", e.PID)
		}
		seen[e.PID] = true
	}
	if len(seen) != 4*3+4 {
		t.Errorf("%d hosts, want 16", len(seen))
	}
}

func TestFairnessSurroundingsAreRecorded(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1") // is the mode's business, not the caller's
	t.Setenv("GOGC", "123")
	t.Setenv("GOMEMLIMIT", "9GiB")
	p := planOf(t, Options{Workloads: []string{"fine"}, Rounds: 1, Command: []string{"gvp", "run"}})
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	run, err := results.ReadRun(s.Folder)
	if err != nil {
		t.Fatal(err)
	}
	m, b := run.Machine, run.Bench
	if m.OS != runtime.GOOS || m.Arch != runtime.GOARCH || m.PageSize == 0 || m.UsableCPUs == 0 {
		t.Errorf("machine = %+v", m)
	}
	if runtime.GOOS == "linux" && (m.Kernel == "" || m.CPUs == 0 || m.Memory == 0) {
		t.Errorf("machine = %+v", m)
	}
	if m.Env["GOGC"] != "123" || m.Env["GOMEMLIMIT"] != "9GiB" {
		t.Errorf("environment = %v", m.Env)
	}
	if b.GoVersion != runtime.Version() || len(b.SHA256) != 64 || !strings.HasPrefix(b.Module, "github.com/gvp-bench/gvp") || b.Name == "" {
		t.Errorf("bench binary = %+v", b)
	}
	if runtime.GOARCH == "amd64" && b.Level == "" {
		t.Errorf("bench binary = %+v, without GOAMD64", b)
	}
	for _, e := range logOf(t, s.Folder, results.LogSample) {
		if len(e.Processes) != 1 || e.Processes[0].GOMAXPROCS != 3 {
			t.Errorf("%s ran with %+v, want GOMAXPROCS 3, the fake's own", e.Cell, e.Processes)
		}
	}
}

// What a binary was built from is recorded: that of a checkout with its
// revision, and whether it differed from that.
func TestFairnessSourceIsRecorded(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	in := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GOFLAGS=-mod=mod", "GOWORK=off")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, &stderr)
		}
		return strings.TrimSpace(string(out))
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/bench\n\ngo 1.26\n")
	write("main.go", "package main\n\nfunc main() {}\n")
	in("git", "init", "-q")
	in("git", "add", ".")
	in("git", "-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "m")
	revision := in("git", "log", "-1", "--format=%H")
	for _, dirty := range []bool{false, true} {
		if dirty {
			write("main.go", "package main\n\nfunc main() { println() }\n")
		}
		exe := filepath.Join(t.TempDir(), "bench.exe")
		in("go", "build", "-buildvcs=true", "-o", exe)
		b, err := Identify(exe)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Binary; got.Revision != revision || got.Modified == nil || *got.Modified != dirty {
			t.Errorf("bench binary = %+v, want revision %s, modified %t", got, revision, dirty)
		}
	}
}

func TestFairnessBuildSettingsAreRecorded(t *testing.T) {
	got := binaryOf(&buildinfo.BuildInfo{
		GoVersion: "go1.99", Main: debug.Module{Path: "example.com/bench", Version: "v1.2.3"},
		Settings: []debug.BuildSetting{
			{Key: "GOEXPERIMENT", Value: "fast"}, {Key: "GOAMD64", Value: "v3"},
			{Key: "vcs.revision", Value: "cafe"}, {Key: "vcs.modified", Value: "true"},
		},
	})
	modified := true
	want := results.Binary{
		GoVersion: "go1.99", Module: "example.com/bench@v1.2.3", Experiment: "fast", Level: "v3",
		Revision: "cafe", Modified: &modified,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("recorded (-want +got):\n%s", diff)
	}
}

func TestFairnessWhatWasNotMeasuredIsAbsent(t *testing.T) {
	p := planOf(t, Options{Workloads: []string{"fine"}, Rounds: 1})
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	data := samplesOf(t, s.Folder)
	for _, u := range results.Units() {
		measured := slices.Contains([]string{results.SecPerOp, results.UserPerOp, results.PeakRSS}, u.Name)
		noise := slices.Contains([]string{results.StealRatio, results.PressureRatio, results.Load}, u.Name)
		if noise {
			continue // as the system has it
		}
		if mentioned := strings.Contains(data, " "+u.Name+"\n") || strings.Contains(data, " "+u.Name+" "); mentioned != measured {
			t.Errorf("%s: mentioned %t, measured %t", u.Name, mentioned, measured)
		}
	}
	// A measured zero, and base units.
	if !strings.Contains(data, " 0.001 sec/op 0 user-sec/op 1.048576e+06 peak-RSS-B") {
		t.Errorf("samples:\n%s", data)
	}
}

func TestFairnessNoiseIsMeasuredAndSaid(t *testing.T) {
	t.Setenv(fakeNoise, "yes")
	p := planOf(t, Options{Workloads: []string{"fine"}, Modes: []string{"serial"}, Rounds: 6})
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	control := 0
	for _, n := range sampleNames(t, s.Folder) {
		if n == "Workload/workload=control/mode=serial/workers=1" {
			control++
		}
	}
	if control != 6 {
		t.Errorf("the control kernel was measured %d times in 6 rounds", control)
	}
	if !slices.ContainsFunc(s.Noise, func(w string) bool { return strings.Contains(w, "control kernel") }) {
		t.Errorf("noise = %q, want a word about the control kernel, which varies", s.Noise)
	}
	entries := logOf(t, s.Folder, results.LogSample)
	for _, unit := range measurableNoise() {
		for _, e := range entries {
			if !slices.ContainsFunc(e.Noise, func(m results.Metric) bool { return m.Unit == unit }) {
				t.Errorf("%s without %s: %v", e.Cell, unit, e.Noise)
			}
		}
		// Beside the figures, too.
		if n := strings.Count(samplesOf(t, s.Folder), " "+unit); n < len(entries) {
			t.Errorf("%d of %d samples say their %s", n, len(entries), unit)
		}
	}
}

// measurableNoise are the metrics of noise that this machine has.
func measurableNoise() []string {
	if runtime.GOOS != "linux" {
		return nil
	}
	units := []string{results.StealRatio, results.Load}
	if _, err := os.ReadFile("/proc/pressure/cpu"); err == nil {
		units = append(units, results.PressureRatio)
	}
	return units
}

// samplesOf returns the text of a run's sample file.
func samplesOf(t *testing.T, folder string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, results.SamplesFile))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
