package check

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// faultyOptions are those of a check of benchmarks that fail.
func faultyOptions(t *testing.T, bench string) Options {
	o := options(t)
	o.Packages, o.Bench, o.Rounds = []string{"./faulty"}, bench, 3
	return o
}

func TestFailuresAreNamedAndGivenUp(t *testing.T) {
	long(t)
	o := faultyOptions(t, "^Benchmark(Panics|Fails|Skips|Exits|Garbage|Later|NaN)$")
	o.Target = 100 * time.Millisecond // so that no single iteration is enough, however busy the machine
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || !r.Check.Finished {
		t.Fatalf("Run = %+v, %v", r, err)
	}
	found := []string{checks.Base, checks.Head} // fails already where it is looked for
	tried := []string{checks.Base}              // fails where it is calibrated
	wants := []struct {
		benchmark   string
		sides       []string // two failures on each
		err, stderr string
	}{
		{"Panics", found, "exit status 2: panic: oh no", "before it"},
		{"Fails", found, "exit status 1: ", "wrong answer"},
		{"Exits", found, "exit status 3", ""},
		{"Garbage", tried, "it printed what is no result", "hello"},
		{"Later", tried, "too many: ", "too many"},
	}
	got := failuresOf(r.Samples)
	for _, want := range wants {
		fs := got[want.benchmark]
		count := make(map[string]int)
		for _, f := range fs {
			count[f.Side]++
			if !strings.Contains(f.Error, want.err) || strings.Contains(f.Error, "\n") || !strings.Contains(f.Stderr, want.stderr) || f.Round != 0 {
				t.Errorf("failure of %s = %+v, want %q", want.benchmark, f, want.err)
			}
		}
		for _, side := range want.sides {
			if count[side] != maxFailures {
				t.Errorf("%s failed %d times on %s, want %d", want.benchmark, count[side], side, maxFailures)
			}
		}
		if len(count) != len(want.sides) {
			t.Errorf("%s failed on %v, want %v", want.benchmark, count, want.sides)
		}
	}
	if len(got) != len(wants) || len(r.Check.Missing) != 0 {
		t.Errorf("failed: %v, missing: %v, want no more of either", got, r.Check.Missing)
	}
	for _, b := range r.Check.Benchmarks {
		if (b.Failed == "") != (b.Name == "NaN") {
			t.Errorf("benchmark = %+v", b)
		}
	}
	series, _ := checks.Pairs(r.Samples)
	for _, s := range series {
		if s.Unit == "x" || len(s.Pairs) != 3 {
			t.Errorf("series %+v, want one without a value that is none", s)
		}
	}
	if read, err := checks.Read(r.Folder); err != nil || len(read.Samples) != len(r.Samples) {
		t.Errorf("%d samples in the folder, %v, want %d", len(read.Samples), err, len(r.Samples))
	}
}

func TestWhatFailsOnOneSideIsNotMissingThere(t *testing.T) {
	long(t)
	r, err := Run(t.Context(), faultyOptions(t, "HeadPanics"), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Check.Missing) != 0 {
		t.Errorf("missing = %v, want none: nobody knows", r.Check.Missing)
	}
	// first has a result before the function panics. It is tried, alone, and
	// given up.
	if len(r.Check.Benchmarks) != 1 || r.Check.Benchmarks[0].Name != "HeadPanics/first" || !strings.HasPrefix(r.Check.Benchmarks[0].Failed, "head: ") {
		t.Errorf("benchmarks = %+v", r.Check.Benchmarks)
	}
	for name, fs := range failuresOf(r.Samples) {
		for _, f := range fs {
			if f.Side != checks.Head || !strings.Contains(f.Error, "only here") {
				t.Errorf("failure of %s = %+v", name, f)
			}
		}
	}
	if series, _ := checks.Pairs(r.Samples); len(series) != 1 || series[0].Benchmark != checks.ControlName {
		t.Errorf("series = %v, want only the control's", series)
	}
}

// unwilling is a test, and a program, that does not say what it has if its name forbids.
const unwilling = `package %s

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { main(); os.Exit(m.Run()) }

func BenchmarkA(b *testing.B) {}

func main() {
	switch name := filepath.Base(os.Args[0]); {
	case strings.HasPrefix(name, "exits"):
		os.Exit(3)
	case strings.HasPrefix(name, "hangs"):
		time.Sleep(time.Hour)
	}
}
`

// TestWhatABinaryDoesNotSayIsNotMissing has binaries alone, of which there is no source
// that would say what they should have.
func TestWhatABinaryDoesNotSayIsNotMissing(t *testing.T) {
	long(t)
	dir := t.TempDir()
	put(t, dir, map[string]string{"go.mod": goMod, "m_test.go": fmt.Sprintf(unwilling, "m"), "cmd/main.go": fmt.Sprintf(unwilling, "main")})
	file := func(name string) Source { return Source{Binary: filepath.Join(dir, exeName(name))} }
	must(t, dir, "go", "test", "-c", "-o", file("good").Binary, ".")
	must(t, dir, "go", "build", "-buildvcs=false", "-o", file("hangs-cells").Binary, "./cmd")
	data, err := os.ReadFile(file("good").Binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"exits", "hangs"} {
		if err := os.WriteFile(file(name).Binary, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name       string
		base, head Source
		cells      func([]results.Catalog) ([][]results.Cell, error)
		maxTime    time.Duration
		failures   int
		stopped    string
	}{
		{"a list that fails", file("good"), file("exits"), nil, 0, 1, ""},
		{"a list that hangs", file("good"), file("hangs"), nil, time.Second, 0, StoppedByTime},
		{"a catalog that hangs", file("hangs-cells"), file("hangs-cells"), hashCells, time.Millisecond, 0, StoppedByTime},
	} {
		o := options(t)
		o.Base, o.Head, o.Bench, o.MaxTime, o.Cells = tt.base, tt.head, "A|Other", tt.maxTime, tt.cells
		r, err := Run(t.Context(), o, Hooks{Event: func(e Event) {
			if e.Note != "" {
				t.Errorf("%s: note: %s", tt.name, e.Note)
			}
		}})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if len(r.Check.Missing) > 0 || len(r.Samples) != tt.failures || r.Check.Stopped != tt.stopped {
			t.Errorf("%s: missing %v, samples %+v, stopped %q; want %d failures, stopped %q", tt.name, r.Check.Missing, r.Samples, r.Check.Stopped, tt.failures, tt.stopped)
		}
	}
}

func TestNothingToCompare(t *testing.T) {
	long(t)
	for _, tt := range []struct{ pkg, bench, want string }{
		{"./faulty", "Nothing", "no benchmark matches Nothing in ./faulty"}, {"./faulty", "Skips", "no benchmark matches"}, {"./plain", ".", "no benchmark matches"},
		{"./nosuch", ".", "no package matches ./nosuch"}, {"./nosuch/...", ".", "no package matches ./nosuch/..."}, {"example.com/nosuch", ".", "no package matches example.com/nosuch"},
	} {
		o := faultyOptions(t, tt.bench)
		o.Packages = []string{tt.pkg}
		_, err := Run(t.Context(), o, Hooks{})
		if _, ok := errors.AsType[*NoBenchmarksError](err); !ok || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Run = %v, want %q", err, tt.want)
		}
		if left, err := os.ReadDir(o.Out); err != nil || len(left) != 0 {
			t.Errorf("%v is left, %v", left, err)
		}
		nothingLeft(t, o.Dir, o.Cache)
	}
	for _, kinds := range []Kinds{CellsAlone, TestsAndCells} {
		o := options(t)
		o.Packages, o.Kinds, o.Cells = []string{"./codec"}, kinds, hashCells
		_, err := Run(t.Context(), o, Hooks{})
		if none, ok := errors.AsType[*NoBenchmarksError](err); !ok || !none.Cells || !strings.Contains(err.Error(), "no main package in ./codec calls runner.Main") {
			t.Errorf("Run of kinds %d = %v, want the cells missed", kinds, err)
		}
	}
	o := options(t)
	o.Packages, o.Bench = []string{"."}, "Only"
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "1 only in base, 1 only in head") {
		t.Errorf("Run = %v", err)
	}
}

func TestRevisionThatDoesNotBuild(t *testing.T) {
	long(t)
	dir := t.TempDir()
	o := options(t)
	o.Dir, o.Base, o.Head, o.Packages = dir, Source{Revision: "v1"}, Source{}, nil
	put(t, dir, map[string]string{
		"go.mod": goMod, "m_test.go": strings.Replace(codec, "package codec", "package m", 1),
		"broken/but/without/benchmarks.go": "package x; syntax",
	})
	must(t, dir, "git", "init", "-q", "-b", "main")
	commitAll(t, dir, "v1")
	put(t, dir, map[string]string{"m.go": "package m\n\nvar a = b\n\nvar c int = \"\"\n"})
	_, err := Run(t.Context(), o, Hooks{})
	failed, ok := errors.AsType[*BuildError](err)
	if !ok || strings.Contains(err.Error(), "\n") {
		t.Fatalf("Run = %v, want a build error", err)
	}
	if want := "head (working tree, "; failed.Side != checks.Head || !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), "m.go:3:9: undefined: b") {
		t.Errorf("error %q, want %q and the compiler's line", err, want)
	}
	if len(failed.Output) != 3 || strings.Contains(strings.Join(failed.Output, ""), dir) {
		t.Errorf("output %q, want the compiler's lines", failed.Output)
	}
	nothingLeft(t, dir, o.Cache)
}

func TestPrebuiltBinaries(t *testing.T) {
	long(t)
	o := options(t)
	tmp := t.TempDir()
	old, renamed := filepath.Join(tmp, "old.test"), filepath.Join(tmp, "new.test")
	must(t, o.Dir, "go", "test", "-c", "-o", old, ".")
	must(t, o.Dir, "go", "test", "-c", "-o", renamed, ".")
	o.Base, o.Head, o.Bench, o.Rounds = Source{Binary: old}, Source{Binary: renamed}, "Fast", 1
	o.Cache = "/dev/null/none" // nobody needs one
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || len(failuresOf(r.Samples)) != 0 || r.Check.Base.Go == "" || r.Check.Base.Builds[0].SHA256 == "" || len(r.Check.Benchmarks) != 1 {
		t.Errorf("Run = %+v, %v", r, err)
	}
	// One that is replaced meanwhile is not measured on.
	_, err = Run(t.Context(), o, Hooks{Event: func(e Event) {
		if e.Phase == Calibrate {
			if err := os.Remove(renamed); err != nil {
				t.Error(err)
			}
		}
	}})
	if err == nil || !strings.Contains(err.Error(), "new.test was removed") {
		t.Errorf("Run = %v, want the binary missed", err)
	}
	text := filepath.Join(tmp, "text")
	put(t, tmp, map[string]string{"text": "hello"})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(tmp, "none"): "no such file", text: "is not a Go program", tmp: "is not a file", self + "/x": "no binary",
	} {
		o.Head = Source{Binary: path}
		if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Run with %s = %v, want %q", path, err, want)
		}
	}
	// One of the other kind is refused.
	o.Head, o.Cells, o.Kinds = o.Base, hashCells, CellsAlone
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "old.test) is no bench binary") {
		t.Errorf("Run of cells of a test binary = %v", err)
	}
	// Nothing in it is missed by its own name.
	o.Cells, o.Kinds, o.Bench = nil, TestsElseCells, "Nothing"
	if _, err := Run(t.Context(), o, Hooks{}); err == nil || !strings.Contains(err.Error(), "no benchmark matches Nothing in "+old) {
		t.Errorf("Run of no benchmark of a binary = %v", err)
	}
	// Two that were built in different ways differ in more than their source.
	plain := filepath.Join(tmp, "plain.test")
	must(t, o.Dir, "go", "test", "-c", "-gcflags=-N", "-o", plain, ".")
	o.Head, o.Bench = Source{Binary: plain}, "Fast"
	_, err = Run(t.Context(), o, Hooks{})
	if _, ok := errors.AsType[*OptionsError](err); !ok || !strings.Contains(err.Error(), "not built alike: -gcflags is absent in base and -N in head: build") {
		t.Errorf("Run of binaries that are not built alike = %v", err)
	}
	// A revision beside a binary has only that package measured.
	o = options(t)
	o.Base, o.Bench, o.Rounds = Source{Binary: old}, "Fast|Encode", 1
	r, err = Run(t.Context(), o, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Fast"}, []string{r.Check.Benchmarks[0].Name}); diff != "" || len(r.Check.Benchmarks) != 1 {
		t.Errorf("benchmarks = %+v", r.Check.Benchmarks)
	}
}
