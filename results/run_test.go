package results

import (
	"bytes"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func exampleRun() Run {
	yes := true
	return Run{
		Format: RunFormat, Started: time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC), Command: []string{"gvp", "run"},
		Seed: 1<<63 + 1, Rounds: 3, Target: time.Second, Timeout: time.Minute,
		Cells: []RunCell{
			{Cell: Cell{Workload: "hash", Params: []Param{{Name: "size", Value: "64KiB"}, {Name: "dir", Value: "/tmp", Unnamed: true}}, Mode: "process", Workers: 2}, Units: 7},
			{Cell: Cell{Workload: ControlWorkload, Mode: "serial", Workers: 1}},
		},
		Machine: Machine{OS: "linux", Arch: "amd64", CPU: "Fast CPU 9", CPUs: 4, PageSize: 4096, SMT: &yes, Env: map[string]string{"GOGC": "off"}},
		Bench:   Binary{Name: "bench", SHA256: "00", GoVersion: "go1.26.8", Level: "v3", Flags: "-race=true -tags=a,b", Modified: &yes},
	}
}

func TestRunComesBackAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	want := exampleRun()
	for range 2 { // the second replaces the first
		if err := want.Write(dir); err != nil {
			t.Fatal(err)
		}
		got, err := ReadRun(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("run (-want +got):\n%s", diff)
		}
		want.Finished = true
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("folder = %v, %v, want the run file alone", entries, err)
	}
}

func TestRunThatCannotBeWrittenLeavesTheOldOne(t *testing.T) {
	dir := t.TempDir()
	run := exampleRun()
	if err := run.Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, RunFile+".new"), 0o777); err != nil {
		t.Fatal(err)
	}
	run.Finished = true
	if err := run.Write(dir); err == nil || !strings.Contains(err.Error(), RunFile) {
		t.Errorf("Write = %v, want an error that names the file", err)
	}
	if old, err := ReadRun(dir); err != nil || old.Finished {
		t.Errorf("ReadRun = %+v, %v, want the old run", old, err)
	}
}

func FuzzReadRun(f *testing.F) {
	dir := f.TempDir()
	if err := exampleRun().Write(dir); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, RunFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":2,"cells":7}`))
	f.Add([]byte(`{"format":1,"rounds":1,"target":1,"timeout":1,"cells":[{}]}`))
	f.Add([]byte("\x00\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := parseRun(data)
		if err != nil {
			return
		}
		for _, c := range run.Cells {
			if c.Name() == "" || c.Workers < 1 {
				t.Errorf("cell %+v was taken", c)
			}
		}
		if run.Rounds < 1 || run.Target <= 0 || run.Timeout <= 0 {
			t.Errorf("run %+v was taken", run)
		}
	})
}

func TestDiffNamesEachProperty(t *testing.T) {
	yes, no := true, false
	a := Machine{OS: "linux", CPUs: 2, SMT: &yes, CPU: "x"}
	b := Machine{OS: "linux", CPUs: 4, SMT: &no, Governor: "powersave", CPU: "x"}
	want := []string{`cpus was 2, is 4`, `governor was unknown, is "powersave"`, `smt was true, is false`}
	if diff := cmp.Diff(want, a.Diff(b)); diff != "" {
		t.Errorf("Diff (-want +got):\n%s", diff)
	}
	if d := a.Diff(a); len(d) > 0 {
		t.Errorf("Diff with itself = %q", d)
	}
}

func TestLogComesBackWithoutItsHalfLine(t *testing.T) {
	dir := t.TempDir()
	w, entries, err := OpenLog(dir)
	if err != nil || len(entries) > 0 {
		t.Fatalf("OpenLog = %v, %v", entries, err)
	}
	fold := NewFold([]uint64{2})
	fold.Add(3, 1<<63)
	want := []LogEntry{
		{Event: LogStart, Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), OK: true},
		{Event: LogSample, Round: 1, Order: 2, Cell: "c", OK: true, PID: 4, Wall: .25, Units: 1, Digest: &fold, Processes: []Process{{"host", 2}}, Noise: []Metric{{Load, 0}}},
		{Event: LogSample, Error: "it broke", Stderr: "line\nline"},
	}
	for _, e := range want {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, LogFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	// Wherever the last line breaks off, the others come back, and the next
	// entry is whole again.
	for cut := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1; cut <= len(whole); cut++ {
		if err := os.WriteFile(name, whole[:cut], 0o666); err != nil {
			t.Fatal(err)
		}
		expect := want[:2]
		if cut == len(whole) {
			expect = want
		}
		w, got, err := OpenLog(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(expect, got, cmpopts.IgnoreUnexported(Fold{})); diff != "" {
			t.Fatalf("cut at %d: entries (-want +got):\n%s", cut, diff)
		}
		if err := errors.Join(w.Write(want[0]), w.Close()); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadLog(dir); err != nil || len(got) != len(expect)+1 {
			t.Fatalf("cut at %d and appended to: %d entries, %v", cut, len(got), err)
		}
	}
}

func FuzzParseLog(f *testing.F) {
	f.Add([]byte("{\"event\":\"start\"}\n{\"event\":\"sam"))
	f.Add([]byte("}{\n"))
	f.Add([]byte("{\"digest\":{\"sums\":[1,2]}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, size, err := parseLog(data)
		if err != nil {
			return
		}
		again, size2, err := parseLog(data[:size])
		if err != nil || size2 != size || len(again) != len(entries) || bytes.ContainsRune(data[size:], '\n') {
			t.Errorf("%q: %d entries in %d bytes, and of those %d in %d, %v", data, len(entries), size, len(again), size2, err)
		}
	})
}

func TestCheckMetrics(t *testing.T) {
	good := []Metric{{SecPerOp, 1}, {AllocsPerOp, 0}}
	tests := []struct {
		metrics []Metric
		want    string
	}{
		{good, ""},
		{nil, "sec/op is missing"},
		{append(slices.Clone(good), Metric{"furlongs", 1}), `unknown metric "furlongs"`},
		{append(slices.Clone(good), Metric{SecPerOp, 1}), "sec/op stands there twice"},
		{[]Metric{{SecPerOp, math.NaN()}}, "sec/op is NaN"},
		{[]Metric{{SecPerOp, math.Inf(1)}}, "sec/op is +Inf"},
		{[]Metric{{SecPerOp, -1}}, "sec/op is -1"},
	}
	for _, tt := range tests {
		err := CheckMetrics(tt.metrics)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("CheckMetrics(%v) = %v, want %q", tt.metrics, err, tt.want)
		}
	}
}

// writeSamples writes n samples of each of some cells into a new folder.
func writeSamples(t *testing.T, dir string, n int) {
	t.Helper()
	run := exampleRun()
	w, err := OpenSamples(dir, append(run.Machine.Config(), run.Bench.Config("amd64")...))
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		for j, mode := range []string{"serial", "process", "goroutine"} {
			c := Cell{Workload: "hash", Params: []Param{{Name: "size", Value: "64KiB"}}, Mode: mode, Workers: 1}
			metrics := []Metric{{SecPerOp, 1e-3 + 1e-5*float64(i+j)}, {UserPerOp, 0}, {BytesPerSec, 1e9 / 3}}
			if i == 1 { // a metric that comes later
				metrics = append(metrics, Metric{P99Sec, 1e-9})
			}
			if err := w.Write(c, 250, metrics); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestBenchstatReadsSamplesWithoutAWord(t *testing.T) {
	dir := t.TempDir()
	writeSamples(t, dir, 6)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", "tool", "benchstat", "-col", "/mode@(serial goroutine process)", filepath.Join(dir, SamplesFile))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Errorf("benchstat = %v, and said %q", err, &stderr)
	}
	out := stdout.String()
	for _, want := range []string{"cpu: Fast CPU 9", "Workload/workload=hash/size=64KiB/workers=1", "1.025m", "user-sec/op", "B/s", "p99-sec"} {
		if !strings.Contains(out, want) {
			t.Errorf("benchstat's table lacks %q:\n%s", want, out)
		}
	}
	if n := strings.Count(out, "cpu: "); n != 1 {
		t.Errorf("benchstat made %d tables of one configuration's:\n%s", n, out)
	}
}

// TestSamplesGoOnWhereverTheyBrokeOff cuts the file at each byte, goes on, and
// wants whole samples, each metric's Unit line before its first.
func TestSamplesGoOnWhereverTheyBrokeOff(t *testing.T) {
	dir := t.TempDir()
	writeSamples(t, dir, 2)
	name := filepath.Join(dir, SamplesFile)
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	run := exampleRun()
	config := append(run.Machine.Config(), run.Bench.Config("amd64")...)
	next := Cell{Workload: "next", Mode: "serial", Workers: 1}
	for cut := range len(whole) + 1 {
		for _, drop := range []int{0, 1} {
			if err := os.WriteFile(name, whole[:cut], 0o666); err != nil {
				t.Fatal(err)
			}
			w, err := OpenSamples(dir, config)
			if err != nil {
				t.Fatal(err)
			}
			had := len(w.Names())
			if want := bytes.Count(whole[:cut], []byte("\nBenchmark")) - halfLine(whole[:cut]); had != want {
				t.Fatalf("cut at %d: %d samples, want %d", cut, had, want)
			}
			kept := max(0, had-drop)
			if err := errors.Join(w.Keep(kept), w.Write(next, 1, []Metric{{SecPerOp, 1}, {P99Sec, 1}}), w.Close()); err != nil {
				t.Fatal(err)
			}
			checkUnits(t, name, kept+1)
			if t.Failed() {
				t.Fatalf("cut at %d, dropped %d", cut, drop)
			}
		}
	}
}

// TestRunOfAnOlderToolGoesOn has a file whose head says nothing of the settings, which
// was all that there was to say once.
func TestRunOfAnOlderToolGoesOn(t *testing.T) {
	config := [][2]string{{"goos", "linux"}, {"gogc", "off"}, {"gomaxprocs", "pinned by mode"}, {"goamd64", "v3"}, {"goexperiment", "fast"}}
	const head = "goos: linux\ngomaxprocs: pinned by mode\n\n"
	const sample = "Unit sec/op better=lower\nBenchmarkA 1 2 sec/op\n"
	for _, tt := range []struct {
		text    string
		samples int
		err     string
	}{
		{head + sample, 1, ""},
		{head, 0, ""},
		{"goos: plan9\ngomaxprocs: pinned by mode\n\n" + sample, 0, "does not begin as this run's"},
	} {
		dir := t.TempDir()
		name := filepath.Join(dir, SamplesFile)
		if err := os.WriteFile(name, []byte(tt.text), 0o666); err != nil {
			t.Fatal(err)
		}
		w, err := OpenSamples(dir, config)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: %v, want %q", tt.text, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", tt.text, err)
			continue
		}
		if n := len(w.Names()); n != tt.samples {
			t.Errorf("%q: %d samples, want %d", tt.text, n, tt.samples)
		}
		if err := errors.Join(w.Keep(0), w.Close()); err != nil {
			t.Fatal(err)
		}
		if data, err := os.ReadFile(name); err != nil || string(data) != head {
			t.Errorf("%q: without samples it is %q, %v, want the head that it had", tt.text, data, err)
		}
	}
}

// halfLine returns 1 if data ends in a part of a sample's line.
func halfLine(data []byte) int {
	if bytes.HasPrefix(data[bytes.LastIndexByte(data, '\n')+1:], []byte("Benchmark")) {
		return 1
	}
	return 0
}

// checkUnits wants n samples in the file, and one Unit line for each metric,
// before it is first measured.
func checkUnits(t *testing.T, name string, n int) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	known := make(map[string]bool)
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "Unit "):
			if known[fields[1]] {
				t.Errorf("second line %q", line)
			}
			known[fields[1]] = true
		case strings.HasPrefix(line, "Benchmark"):
			n--
			for i := 3; i < len(fields); i += 2 {
				if !known[fields[i]] {
					t.Errorf("%s is measured before its Unit line: %q", fields[i], line)
				}
			}
		}
	}
	if n != 0 || !strings.HasPrefix(string(data), "goos: linux\n") {
		t.Errorf("%d samples are missing in:\n%s", n, data)
	}
}

func TestFileThatIsGoneIsNotWrittenTo(t *testing.T) {
	for _, how := range []string{"removed", "replaced"} {
		dir := t.TempDir()
		w, err := OpenSamples(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, SamplesFile)
		if err := os.Rename(name, name+".old"); err != nil {
			t.Skip("this system does not move open files:", err)
		}
		if how == "replaced" {
			if err := os.WriteFile(name, nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		err = w.Write(Cell{Workload: "a", Mode: "serial", Workers: 1}, 1, []Metric{{SecPerOp, 1}})
		if err == nil || !strings.Contains(err.Error(), name+" was moved, removed or replaced") {
			t.Errorf("%s: Write = %v", how, err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func FuzzOpenSamples(f *testing.F) {
	f.Add([]byte("goos: x\n\nUnit sec/op better=lower\nBenchmarkA 1 2 sec/op\nBenchm"))
	f.Add([]byte("goos: x\n\nUnit\nUnit \nBenchmark\n\x00\xff\n"))
	f.Add([]byte("PASS\n"))
	f.Add([]byte("goos"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		name := filepath.Join(dir, SamplesFile)
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
		w, err := OpenSamples(dir, [][2]string{{"goos", "x"}})
		if err != nil {
			return // and the file is as it was
		}
		n := len(w.Names())
		if err := errors.Join(w.Write(Cell{Workload: "a", Mode: "serial", Workers: 1}, 1, []Metric{{SecPerOp, 1}}), w.Close()); err != nil {
			t.Fatal(err)
		}
		again, err := OpenSamples(dir, [][2]string{{"goos", "x"}})
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if got := again.Names(); len(got) != n+1 {
			t.Errorf("%d samples after %d and one", len(got), n)
		}
	})
}

func TestDamagedLogNamesTheLineAndTheWayOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, LogFile), []byte("{}\n}{\n{}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := ReadLog(dir)
	if want := LogFile + ":2: not a log entry (remove that line and those below it, or make a new run)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestConfigSaysWhatWasSet(t *testing.T) {
	m := Machine{OS: "linux", Env: map[string]string{"GOGC": "off", "GOMEMLIMIT": "1GiB", "GODEBUG": "gctrace=0"}}
	want := [][2]string{{"goos", "linux"}, {"gogc", "off"}, {"gomemlimit", "1GiB"}, {"godebug", "gctrace=0"}, {"gomaxprocs", "pinned by mode"}}
	if diff := cmp.Diff(want, m.Config()); diff != "" {
		t.Errorf("machine (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		arch string
		b    Binary
		want [][2]string
	}{
		{"amd64", Binary{Level: "v1"}, nil},
		{"amd64", Binary{Level: "v3", Experiment: "fast", Flags: "-race=true"}, [][2]string{{"goamd64", "v3"}, {"goexperiment", "fast"}, {"build-flags", "-race=true"}}},
		{"ppc64le", Binary{Level: "power9"}, [][2]string{{"goppc64", "power9"}}},
		{"arm", Binary{Level: "7"}, [][2]string{{"goarm", "7"}}},
	} {
		if diff := cmp.Diff(tt.want, tt.b.Config(tt.arch), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s of %+v (-want +got):\n%s", tt.arch, tt.b, diff)
		}
	}
}

func TestBuildFlagsAreThoseThatMatter(t *testing.T) {
	got := BuildFlags([]debug.BuildSetting{
		{Key: "-buildmode", Value: "exe"}, {Key: "-compiler", Value: "gc"}, {Key: "-gcflags", Value: "-N -l"}, {Key: "-pgo", Value: "/src/default.pgo"},
		{Key: "-ldflags", Value: "-s -X main.version=v1 -X=main.date=x --X 'main.by=a b' -w"},
		{Key: "-trimpath", Value: "true"}, {Key: "GOAMD64", Value: "v1"}, {Key: "vcs.revision", Value: "cafe"},
	})
	if want := "-gcflags=-N -l -ldflags=-s -w -pgo=default.pgo"; got != want {
		t.Errorf("BuildFlags = %q, want %q", got, want)
	}
}

func TestWhatTheLinkerIsOnlyToldToSayIsNoFlag(t *testing.T) {
	for value, want := range map[string]string{
		"": "", "-s -w": "-s -w", "-X a.b=c": "", "-X": "", "-linkmode=external -X a.X=-s": "-linkmode=external", "-X 'unclosed": "-X 'unclosed",
	} {
		if got := LinkerFlags(value); got != want {
			t.Errorf("LinkerFlags(%q) = %q, want %q", value, got, want)
		}
	}
	if got := BuildFlags([]debug.BuildSetting{{Key: "-ldflags", Value: "-X a.b=c"}}); got != "" {
		t.Errorf("flags %q, want none", got)
	}
}

func TestFlagsAreSplitAsInGOFLAGS(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
		err  string
	}{
		{"", nil, ""},
		{" -race\t-tags=a,b ", []string{"-race", "-tags=a,b"}, ""},
		{`"-ldflags=-s -w" -race`, []string{"-ldflags=-s -w", "-race"}, ""},
		{`'-ldflags=-X "m.v=a b"'`, []string{`-ldflags=-X "m.v=a b"`}, ""},
		{`-ldflags '-s -w'`, []string{"-ldflags", "-s -w"}, ""},
		{`''`, []string{""}, ""},
		{`-race '-ldflags=-s`, nil, "unclosed quote: '-ldflags=-s"},
	} {
		got, err := SplitFlags(tt.text)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("SplitFlags(%s): %v, (-want +got):\n%s", tt.text, err, diff)
		}
	}
}
