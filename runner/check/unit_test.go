package check

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

func TestOptionsRefuseWhatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{Rounds: -1}, "-1 rounds"},
		{Options{Layouts: 1000}, "1000 layouts"},
		{Options{BuildFlags: []string{"-race", "-ldflags"}}, "-ldflags has no value"},
		{Options{GOMAXPROCS: -2}, "GOMAXPROCS=-2"},
		{Options{Target: -time.Second}, "negative"},
		{Options{Bench: "(", Packages: []string{"."}}, `pattern of benchmarks "("`},
		{Options{Head: Source{Revision: "a", Binary: "b"}}, "a side is one of the two"},
	} {
		if _, err := Open(t.Context(), tt.o, Hooks{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Open(%+v) = %v, want %q", tt.o, err, tt.want)
		}
	}
	var o Options
	if err := o.complete(); err != nil || o.Rounds != 30 || o.Timeout != time.Minute || o.Packages[0] != "./..." {
		t.Errorf("the zero value = %+v, %v", o, err)
	}
}

func TestPatternIsThatOfPackageTesting(t *testing.T) {
	for _, tt := range []struct{ pattern, function, want string }{
		{".", "BenchmarkA", "^BenchmarkA$"},
		{"A$", "BenchmarkA", "^BenchmarkA$"},
		{"X", "BenchmarkA", ""},
		{"A/size=1", "BenchmarkA", "^BenchmarkA$/size=1"},
		{"A/a|X/b|A/c/d", "BenchmarkA", "^BenchmarkA$/a|^BenchmarkA$/c/d"},
		{`(A|X/y)/[a/b|]`, "BenchmarkA", "^BenchmarkA$/[a/b|]"},
	} {
		p, err := parsePattern(tt.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.filter(tt.function); got != tt.want {
			t.Errorf("filter of %s for %s = %q, want %q", tt.pattern, tt.function, got, tt.want)
		}
	}
}

func FuzzExactMatchesJustTheName(f *testing.F) {
	f.Add("A/n=1/[x|y]z", "A/n=1")
	f.Add(`A/\Q(\E`, "A/(")
	f.Fuzz(func(t *testing.T, name, other string) {
		if strings.ContainsAny(name, "\n\r") || !isPrintable(name) || !isPrintable(other) {
			t.Skip("testing rewrites such names")
		}
		p, err := parsePattern(exact(name))
		if err != nil || len(p) != 1 {
			t.Fatalf("%q is %d alternatives, %v", exact(name), len(p), err)
		}
		levels := strings.Split(name, "/")
		if len(p[0]) != len(levels) {
			t.Fatalf("%q has %d levels, want %d", exact(name), len(p[0]), len(levels))
		}
		same := strings.Split(other, "/")
		for i, level := range p[0] {
			re := regexp.MustCompile(level)
			if !re.MatchString(levels[i]) {
				t.Errorf("%q does not match %q", level, levels[i])
			}
			if i < len(same) && re.MatchString(same[i]) != (same[i] == levels[i]) {
				t.Errorf("%q matches %q", level, same[i])
			}
		}
	})
}

func isPrintable(s string) bool { return results.Printable(s) == s }

// calibrated calibrates a benchmark of which so many iterations cost so much.
func calibrated(t *testing.T, target time.Duration, cost func(n uint64) time.Duration) (units uint64, longest time.Duration) {
	t.Helper()
	units, err := settle(target, func(n uint64) (try, error) {
		longest = max(longest, cost(n))
		return try{n, cost(n), cost(n)}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return units, longest
}

func TestCalibrationSettles(t *testing.T) {
	const target = 200 * time.Millisecond
	for _, tt := range []struct {
		name        string
		cost        func(n uint64) time.Duration
		least, most uint64
		longest     time.Duration
	}{
		{"linear", func(n uint64) time.Duration { return time.Duration(n) * 50 }, 3e6, 5e6, 2 * target},
		{"cold start", func(n uint64) time.Duration { return time.Microsecond + time.Duration(n)*50 }, 3e6, 5e6, 2 * target},
		{"slow", func(n uint64) time.Duration { return time.Duration(n) * time.Second }, 1, 1, time.Second},
		{"quadratic", func(n uint64) time.Duration { return time.Duration(n * n) }, 1e3, 1e5, 200 * target},
		{"free", func(uint64) time.Duration { return 0 }, 1, 1, 0},
		{"deaf to b.N", func(uint64) time.Duration { return 30 * time.Millisecond }, 1, 1, 30 * time.Millisecond},
		{"cold for long", func(n uint64) time.Duration { return 30*time.Millisecond + time.Duration(n)*time.Millisecond }, 100, 400, 2 * target},
		{"nearly nothing", func(n uint64) time.Duration { return time.Duration(n / 8) }, maxUnits, maxUnits, target},
	} {
		units, longest := calibrated(t, target, tt.cost)
		if units < tt.least || units > tt.most || longest > tt.longest {
			t.Errorf("%s: %d iterations, the longest try %v; want %d to %d, at most %v", tt.name, units, longest, tt.least, tt.most, tt.longest)
		}
	}
}

// TestCalibrationIsNotMisledByADisturbance has tries during which the machine was
// busy with something else: each of them alone would end with far too few iterations.
func TestCalibrationIsNotMisledByADisturbance(t *testing.T) {
	const target, each = 20 * time.Millisecond, 2 * time.Millisecond
	for _, disturbed := range []int{1, 2, 3} {
		for _, startup := range []bool{false, true} { // or in the loop
			n := 0
			units, err := settle(target, func(units uint64) (try, error) {
				own := time.Duration(units) * each
				t := try{units, own, own}
				if n++; n == disturbed {
					t.loop += 50 * time.Millisecond
					if !startup {
						t.timed = t.loop
					}
				}
				return t, nil
			})
			if err != nil || units < 8 || units > 10 {
				t.Errorf("try %d was disturbed, at its start %v: %d iterations, %v; want about 10", disturbed, startup, units, err)
			}
		}
	}
}

func TestCalibrationEndsWithAnError(t *testing.T) {
	for failing := 1; failing <= 2; failing++ {
		n := 0
		_, err := settle(time.Second, func(units uint64) (try, error) {
			if n++; n == failing {
				return try{}, errGivenUp
			}
			return try{units, 40 * time.Millisecond, 80 * time.Millisecond}, nil
		})
		if !errors.Is(err, errGivenUp) || n != failing {
			t.Errorf("try %d failed: %v after %d tries", failing, err, n)
		}
	}
}

func TestRoundsAreInRandomOrder(t *testing.T) {
	wanted := []*subject{{printed: "a"}, {printed: "b"}, {printed: "c"}}
	orders := make(map[string]bool)
	for round := 1; round <= 10; round++ {
		all := steps(wanted, 7, round)
		count := make(map[step]int)
		order := ""
		for _, s := range all {
			count[s]++
			order += fmt.Sprintf("%p %d ", s.subject, s.side)
		}
		if len(all) != 8 || len(count) != 8 {
			t.Errorf("round of %d steps, %d of them different, want each benchmark and the control once on each side", len(all), len(count))
		}
		orders[order] = true
		again := steps(wanted, 7, round)
		for i := range all {
			if all[i] != again[i] {
				t.Fatal("the same seed gives another order")
			}
		}
	}
	if len(orders) < 9 {
		t.Errorf("%d orders in 10 rounds", len(orders))
	}
}

func TestLabels(t *testing.T) {
	b := func(pkg, module string) *bench { return &bench{pkg: pkg, module: module} }
	for _, tt := range []struct {
		benches []*bench
		want    map[string]string
	}{
		{[]*bench{b("m.org/m/a", "m.org/m"), b("m.org/m/a", "m.org/m")}, map[string]string{}},
		{[]*bench{b("m.org/m", "m.org/m"), b("m.org/m/a/b", "m.org/m")}, map[string]string{"m.org/m": "m.", "m.org/m/a/b": "a/b."}},
		{[]*bench{b("m.org/m", "m.org/m"), b("m.org/m/m", "m.org/m")}, map[string]string{"m.org/m": "m.org/m.", "m.org/m/m": "m.org/m/m."}},
		{[]*bench{b("a", ""), b("b", "")}, map[string]string{"a": "a.", "b": "b."}},
	} {
		if diff := cmp.Diff(tt.want, labels(tt.benches)); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
	}
}

func TestCellsAreLeftOutWhereBothSidesHaveTests(t *testing.T) {
	tests, cells := &bench{pkg: "m/a"}, &bench{pkg: "m/cmd", main: true}
	for _, tt := range []struct {
		name       string
		base, head []*bench
		left       int // of head
		noted      bool
	}{
		{"tests", []*bench{tests}, []*bench{tests}, 1, false},
		{"cells", []*bench{cells}, []*bench{cells}, 1, false},
		{"both", []*bench{cells, tests}, []*bench{tests, cells}, 1, true},
		{"tests are new", []*bench{cells}, []*bench{cells, tests}, 2, false},
		{"tests are gone", []*bench{cells, tests}, []*bench{cells}, 1, false},
	} {
		var notes []string
		p := &preparation{hooks: Hooks{Event: func(e Event) { notes = append(notes, e.Note) }}}
		base, head := &side{packages: tt.base}, &side{packages: tt.head}
		p.preferTests(base, head)
		if len(head.packages) != tt.left || (len(notes) == 1 && strings.Contains(notes[0], "the cells of m/cmd are not compared")) != tt.noted {
			t.Errorf("%s: %d packages are left, want %d; notes %q", tt.name, len(head.packages), tt.left, notes)
		}
	}
}

func TestSidesThatAreNotBuiltAlike(t *testing.T) {
	level := results.LevelVariable(runtime.GOARCH)
	built := func(root, version string, settings ...string) *side {
		s := &side{root: root, info: checks.Side{Go: version, Settings: make(map[string]string)}}
		for _, kv := range settings {
			name, value, _ := strings.Cut(kv, ":")
			s.info.Settings[name] = value
		}
		return s
	}
	for _, tt := range []struct {
		name       string
		base, head *side
		err, note  string
	}{
		{"alike", built("", "go1", "-race:true", level+":v1"), built("", "go1", "-race:true", level+":v1"), "", ""},
		{"what is source", built("", "go1", "-pgo:/a/default.pgo", "DefaultGODEBUG:x=1"), built("", "go1", "-pgo:/b/default.pgo"), "", ""},
		{"what is not measured", built("", "go1", "-trimpath:true"), built("", "go1"), "", ""},
		{"what they say of themselves", built("", "go1", "-ldflags:-s -X a.version=v1"), built("", "go1", "-ldflags:-X a.version=v2 -s"), "", ""},
		{"linked otherwise", built("", "go1", "-ldflags:-s -X a.b=c"), built("", "go1", "-ldflags:-X a.b=c"), "-ldflags is -s in base and absent in head", ""},
		{"what -trimpath hides", built("", "go1", "-ldflags:-s", "CGO_CFLAGS:-I/a"), built("", "go1", "-trimpath:true"), "", "difference: -ldflags is -s in base and absent in head; CGO_CFLAGS is -I/a in base"},
		{"other folders", built("", "go1", "CGO_CFLAGS:-I/a"), built("", "go1", "CGO_CFLAGS:-I/b"), "", "CGO_CFLAGS is -I/a in base and -I/b in head"},
		{"binaries", built("", "go1", level+":v1"), built("", "go2", level+":v3", "CGO_ENABLED:0"),
			"not built alike: CGO_ENABLED is absent in base and 0 in head; " + level + " is v1 in base and v3 in head; go is go1 in base and go2 in head: build both", ""},
		{"revisions", built("/a", "go1", "GOFLAGS:x"), built("/b", "go2", "GOFLAGS:y"), "", "not built alike, which counts as a difference: go is go1 in base and go2 in head"},
		{"a binary", built("", "go1", level+":v3", "-race:true"), built("/b", "go1", level+":v1"), "", level + " is v3 in base and v1 in head"},
	} {
		note := ""
		p := &preparation{hooks: Hooks{Event: func(e Event) { note += e.Note }}}
		err := p.alike(tt.base, tt.head)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.err)
		}
		if (note == "") != (tt.note == "") || !strings.Contains(note, tt.note) {
			t.Errorf("%s: note %q, want %q", tt.name, note, tt.note)
		}
	}
}

func TestProfileFilesHaveNamesOfTheirOwn(t *testing.T) {
	seen := make(map[string]bool)
	for _, name := range []string{"Encode", "a/b", "a_b", "a//b", "../../x", strings.Repeat("x", 300), strings.Repeat("x", 301)} {
		file := ProfileFile(checks.Base, name)
		if seen[file] || strings.ContainsAny(file, `/\`) || len(file) > 130 || !strings.HasPrefix(file, "base-") {
			t.Errorf("ProfileFile(%s) = %s", name, file)
		}
		seen[file] = true
	}
}

func TestEnvironmentIsThatOfGoTest(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1")
	t.Setenv("GIT_DIR", "/x")
	t.Setenv("KEPT", "1")
	got := make(map[string]string)
	for _, kv := range testEnv("/dir", 3) {
		name, value, _ := strings.Cut(kv, "=")
		if _, ok := got[name]; ok {
			t.Errorf("%s is there twice", name)
		}
		got[name] = value
	}
	for name, want := range map[string]string{"PWD": "/dir", "KEPT": "1", "GOMAXPROCS": "", "GIT_DIR": "", paddingName: "xxx"} {
		if got[name] != want {
			t.Errorf("%s=%s, want %q", name, got[name], want)
		}
	}
}

func TestEnvironmentOfHosts(t *testing.T) {
	t.Setenv("GOMAXPROCS", "1")
	t.Setenv("GVP_MULTIPROC_X", "1")
	t.Setenv(paddingName, "of a check around this one")
	env := strings.Join(hostEnv(2), "\n") + "\n"
	if strings.Contains(env, "GOMAXPROCS=") || strings.Contains(env, "GVP_MULTIPROC_") || strings.Count(env, paddingName) != 1 || !strings.Contains(env, paddingName+"=xx\n") {
		t.Errorf("environment:\n%s", env)
	}
}

func TestOldLeftoversAreTrimmed(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{TempPrefix + "1/x": "", "other/x": "", "bin/a": "", "bin/a" + sumExt: ""})
	trimTemp(dir, time.Now())
	trimBinaries(filepath.Join(dir, "bin"), time.Now())
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) != 4 {
		t.Errorf("left: %v, want all", left)
	}
	trimTemp(dir, time.Now().Add(keepTemp+time.Hour))
	trimBinaries(filepath.Join(dir, "bin"), time.Now().Add(keepBinaries+time.Hour))
	if left, _ := filepath.Glob(filepath.Join(dir, "*", "*")); len(left) != 1 || filepath.Base(filepath.Dir(left[0])) != "other" {
		t.Errorf("left: %v, want what is not ours", left)
	}
}

func TestEndsAreKept(t *testing.T) {
	for text, want := range map[string]string{"": "", "abc": "abc", "abcdef": "abcdef", "abcdefgh": "ab\n...\nefgh"} {
		if got := string(ends(strings.NewReader(text), 2, 4)); got != want {
			t.Errorf("ends of %q = %q, want %q", text, got, want)
		}
	}
}

func FuzzOutput(f *testing.F) {
	f.Add([]byte("goos: linux\nBenchmarkA-2 \t 10\t 5 ns/op\t NaN x\nBenchmarkB-2 hello\n"), 2)
	f.Add([]byte("BenchmarkA-2 -1 1e400 ns/op\n"), 1)
	f.Fuzz(func(t *testing.T, out []byte, procs int) {
		readings, _ := parseOutput(out, procs)
		for _, r := range readings {
			for _, m := range r.metrics {
				if m.Value-m.Value != 0 {
					t.Errorf("%s is %v", m.Unit, m.Value)
				}
			}
		}
		_, _ = find(readings, "A", 10)
		_ = gist(out, string(out))
	})
}

func TestWhatRemainsEndsAtTheDeadline(t *testing.T) {
	now := time.Now()
	for _, tt := range []struct {
		deadline time.Time
		want     time.Duration
	}{{time.Time{}, time.Hour}, {now.Add(2 * time.Hour), time.Hour}, {now.Add(time.Minute), time.Minute}, {now.Add(-time.Minute), 0}} {
		if got := (&Session{deadline: tt.deadline}).within(time.Hour, now); got != tt.want {
			t.Errorf("an hour with the deadline in %v is %v, want %v", tt.deadline.Sub(now), got, tt.want)
		}
	}
}
