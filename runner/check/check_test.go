package check

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results/checks"
)

func TestTwoRevisionsAreMeasuredInPairs(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages = []string{".", "./codec", "./plain"}
	built := 0
	hooks := Hooks{Event: func(e Event) {
		if e.Phase == Build {
			built++
		}
		if e.Note != "" {
			t.Errorf("note: %s", e.Note)
		}
		if last := e.Round == 2 && e.Done == e.Total; e.Phase == Measure && (e.Rounds != 2 || last != (e.Remaining == 0)) {
			t.Errorf("%+v, want 2 rounds, with nothing left at their end alone", e)
		}
	}}
	r, err := Run(t.Context(), o, hooks)
	if err != nil {
		t.Fatal(err)
	}
	nothingLeft(t, o.Dir, o.Cache)
	if built != 4 {
		t.Errorf("%d builds, want one for each side of the two packages with benchmarks", built)
	}
	read, err := checks.Read(r.Folder)
	if err != nil || len(read.Warnings) > 0 {
		t.Fatalf("Read = %v, %v", read.Warnings, err)
	}
	c := read.Check
	if !c.Finished || c.Stopped != "" || c.Base.Revision == c.Head.Revision || c.Base.Subject != "about v1" || c.Head.What != "v2" || c.Head.Modified || c.Base.Go == "" {
		t.Errorf("check = %+v", c)
	}
	want := []string{"codec.Encode", checks.ControlName, "m.Fast", "m.Sub/[x|y]_z", "m.Sub/n=1", "m.Sub/n=1/b(c", "m.Sub/size-8"}
	series, failures := checks.Pairs(read.Samples)
	var got []string
	for _, s := range series {
		if s.Unit != "sec/op" {
			continue
		}
		got = append(got, s.Benchmark)
		if len(s.Pairs) != o.Rounds || s.Pairs[0].Round != 1 || s.Pairs[0].Base <= 0 {
			t.Errorf("pairs of %s = %v, want %d", s.Benchmark, s.Pairs, o.Rounds)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(failures) > 0 {
		t.Errorf("failures %v, benchmarks (-want +got):\n%s", failures, diff)
	}
	if diff := cmp.Diff(map[string][]string{checks.Base: {"m.OnlyOld"}, checks.Head: {"m.OnlyNew"}}, c.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	for _, s := range read.Samples {
		for _, b := range c.Benchmarks {
			if b.Name == s.Benchmark && b.Units != s.Units {
				t.Errorf("sample of %d iterations of %s, want %d", s.Units, s.Benchmark, b.Units)
			}
		}
	}
	processes, places := make(map[float64]bool), make(map[string]bool)
	for _, s := range read.Samples {
		place := fmt.Sprintf("%s on %s in round %d", s.Benchmark, s.Side, s.Round)
		if places[place] {
			t.Errorf("%s twice", place)
		}
		places[place] = true
		for _, m := range s.Metrics {
			if m.Unit == "pid" && processes[m.Value] {
				t.Errorf("%s is not in a process of its own", place)
			} else if m.Unit == "pid" {
				processes[m.Value] = true
			}
		}
	}
	if len(processes) != 2*o.Rounds || len(places) != 2*o.Rounds*len(want) {
		t.Errorf("%d processes of one benchmark and %d samples of all, want each of %d once a round on either side", len(processes), len(places), len(want))
	}
	text, err := os.ReadFile(filepath.Join(r.Folder, checks.HeadFile))
	if err != nil || !strings.Contains(string(text), "pkg: example.com/m\n") || !strings.Contains(string(text), "\nBenchmarkSub/size-8-2 ") {
		t.Errorf("%s = %s, %v", checks.HeadFile, text, err)
	}
}

func TestSecondTimeNothingIsBuiltAndTheSameSourceIsTheSameBinary(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Bench, o.Rounds = []string{"./codec"}, "Encode", 1
	for i := range 2 {
		r, err := Run(t.Context(), o, Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		b, h := r.Check.Base.Builds[0], r.Check.Head.Builds[0]
		if i == 1 && !b.Cached || !h.Cached || b.SHA256 != h.SHA256 {
			t.Errorf("builds = %+v and %+v, want one that is cached", b, h)
		}
		if r.Check.Benchmarks[0].Name != "Encode" {
			t.Errorf("benchmarks = %v, want no package before the only one's", r.Check.Benchmarks)
		}
	}
	// One that is damaged is built again.
	files, err := filepath.Glob(filepath.Join(o.Cache, binDir, "*"+sumExt))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.WriteFile(strings.TrimSuffix(f, sumExt), []byte("#!/bin/false\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := Run(t.Context(), o, Hooks{}); err != nil || r.Check.Base.Builds[0].Cached {
		t.Errorf("Run = %+v, %v, want another build", r, err)
	}
}

func TestLayoutsAreDifferentBinaries(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Bench, o.Rounds, o.Layouts, o.BuildFlags = []string{"./codec"}, "Encode", 9, 2, []string{"-ldflags", "-s"}
	t.Setenv("GOFLAGS", "-mod=mod -modcacherw -tags=x") // of which only the last is a setting of the binary
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if want := "-ldflags=-s -tags=x"; r.Check.Base.Flags != want || r.Check.Head.Flags != want {
		t.Errorf("built with %s and %s, want %s", r.Check.Base.Flags, r.Check.Head.Flags, want)
	}
	sums := make(map[string]bool)
	for _, b := range slices.Concat(r.Check.Base.Builds, r.Check.Head.Builds) {
		sums[b.SHA256] = true
		if b.Layout == 0 {
			t.Errorf("build %+v has no layout", b)
		}
	}
	if len(sums) != 4 {
		t.Errorf("%d binaries, want 4", len(sums))
	}
	for _, s := range r.Samples {
		if s.Benchmark != checks.ControlName && s.Build != s.Round-1 {
			t.Errorf("build %d in round %d, want each to have its own", s.Build, s.Round)
		}
	}
	if last := r.Samples[len(r.Samples)-1].Round; last != 2 || !r.Check.Finished {
		t.Errorf("%d rounds, want no more than there are builds", last)
	}
}

func TestTheCallerDecidesWhoGetsMorePairs(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Bench, o.Rounds = []string{"."}, "Fast|Sub/^size", 9
	asked := 0
	need := func(ms []Measured) map[string]int {
		for _, m := range ms {
			if m.Benchmark == "Fast" && (m.Pairs != asked || asked > 0 && len(m.Series[0].Pairs) != m.Pairs) {
				t.Errorf("asked for the %d. time about %+v", asked+1, m)
			}
		}
		asked++
		return map[string]int{"Fast": 3, "Sub/size-8": 1}
	}
	r, err := Run(t.Context(), o, Hooks{Need: need})
	if err != nil || !r.Check.Finished || asked != 4 {
		t.Fatalf("Run = %+v, %v; asked %d times, want 4", r, err, asked)
	}
	series, _ := checks.Pairs(r.Samples)
	for _, s := range series {
		want := map[string]int{"Fast": 3, "Sub/size-8": 1, checks.ControlName: 3}[s.Benchmark]
		if len(s.Pairs) != want {
			t.Errorf("%d pairs of %s %s, want %d", len(s.Pairs), s.Benchmark, s.Unit, want)
		}
	}
}

func TestRoundThatDoesNotFitIsNotBegun(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.MaxTime = []string{"./codec"}, 1
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || r.Check.Stopped != StoppedByTime || r.Check.Finished || len(r.Samples) != 0 {
		t.Errorf("Run = %+v, %v, want it stopped before the first round", r, err)
	}
	if b := r.Check.Benchmarks; len(b) != 1 || b[0].Name != "Encode" || b[0].Failed != "" || len(r.Check.Missing) != 0 {
		t.Errorf("benchmarks %+v, missing %v, want the one that was not reached", b, r.Check.Missing)
	}
	if read, err := checks.Read(r.Folder); err != nil || read.Check.Stopped != StoppedByTime {
		t.Errorf("Read = %+v, %v", read, err)
	}
}

// TestUnmatchedPartsAreNamed has a slip in one part of what is chosen, which would
// go unseen beside the others.
func TestUnmatchedPartsAreNamed(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Bench, o.Rounds = []string{"./codec/", "./nosuch", filepath.Join(o.Dir, "plain"), "./nor/..."}, "Encode|Decod/x|(E|nothing)", 1
	var notes []string
	if _, err := Run(t.Context(), o, Hooks{Event: func(e Event) {
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
	}}); err != nil {
		t.Fatal(err)
	}
	want := []string{"no package matches ./nosuch", "no package matches ./nor/...", "no benchmark matches Decod/x, of Encode|Decod/x|(E|nothing)"}
	if diff := cmp.Diff(want, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestRoundThatTakesLongerThanThoughtIsCutShort(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.MaxTime = []string{"./codec"}, time.Hour
	var s *Session
	s, err := Open(t.Context(), o, Hooks{Event: func(e Event) {
		if e.Phase == Measure && e.Round == 2 {
			s.deadline = time.Now().Add(-time.Hour)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Measure(t.Context())
	if err != nil || c.Stopped != StoppedByTime || len(s.Samples()) != 5 {
		t.Errorf("Measure = %+v, %v after %d samples, want 5", c, err, len(s.Samples()))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	nothingLeft(t, o.Dir, o.Cache)
}

func TestInterruptionKeepsWhatWasMeasuredAndRemovesWorktrees(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Rounds = []string{"./codec"}, 100
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Run(ctx, o, Hooks{Event: func(e Event) {
		if e.Phase == Measure && e.Round == 2 {
			cancel()
		}
	}})
	if err != nil || r.Check.Stopped != Interrupted || r.Check.Finished {
		t.Fatalf("Run = %+v, %v, want it interrupted", r, err)
	}
	nothingLeft(t, o.Dir, o.Cache)
	if read, err := checks.Read(r.Folder); err != nil || len(read.Samples) != len(r.Samples) || len(r.Samples) != 5 {
		t.Errorf("%d samples in the folder, %d in hand, %v, want 5", len(read.Samples), len(r.Samples), err)
	}
	// Also before anything was measured.
	for _, phase := range []Phase{Prepare, Build, Discover, Calibrate} {
		ctx, cancel := context.WithCancel(t.Context())
		o.BuildFlags = []string{"-tags=" + string(phase)} // builds anew
		r, err := Run(ctx, o, Hooks{Event: func(e Event) {
			if e.Phase == phase && (e.Side != checks.Base || phase == Build) {
				cancel()
			}
		}})
		if err == nil && r.Check.Stopped != Interrupted || err != nil && !strings.Contains(err.Error(), "canceled") {
			t.Errorf("Run interrupted in %s = %+v, %v", phase, r, err)
		}
		nothingLeft(t, o.Dir, o.Cache)
	}
}

func TestTheWorkingTreeIsASideAsItIs(t *testing.T) {
	long(t)
	dir := t.TempDir()
	o := options(t)
	o.Dir = filepath.Join(dir, "sub") // a module in a folder of the repository
	put(t, dir, map[string]string{"sub/go.mod": goMod, "sub/codec_test.go": strings.Replace(codec, "package codec", "package m", 1), "README": "x"})
	must(t, dir, "git", "init", "-q", "-b", "main")
	commitAll(t, dir, "v1")
	must(t, dir, "git", "checkout", "-q", "--detach")
	put(t, dir, map[string]string{"sub/codec_test.go": strings.Replace(codec, "package codec", "package m", 1) + "\n// changed\n"})
	// A workspace that is not committed would be on one side only.
	put(t, dir, map[string]string{"go.work": "go 1.24\n\nuse ./sub\n"})
	o.Head, o.Base, o.Rounds = Source{}, Source{Revision: "HEAD"}, 1
	var notes []string
	r, err := Run(t.Context(), o, Hooks{Event: func(e Event) {
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if h := r.Check.Head; !h.Modified || h.What != "working tree" || h.Revision != r.Check.Base.Revision || r.Check.Base.Modified {
		t.Errorf("sides = %+v and %+v", r.Check.Base, h)
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "GOWORK=off") {
		t.Errorf("notes = %q, want one about the workspace", notes)
	}
	nothingLeft(t, dir, o.Cache)
}

func TestWithoutACacheEverythingStillWorks(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Rounds = []string{"./codec"}, 1
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	o.Cache = filepath.Join(file, "cache")
	var notes []string
	r, err := Run(t.Context(), o, Hooks{Event: func(e Event) {
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
	}})
	if err != nil || !r.Check.Finished || len(notes) != 1 || !strings.Contains(notes[0], "cache cannot be written") {
		t.Errorf("Run = %+v, %v, notes %q", r, err, notes)
	}
	nothingLeft(t, o.Dir, o.Cache)
}

func TestProfilesOfBothSides(t *testing.T) {
	long(t)
	o := options(t)
	o.Packages, o.Bench, o.Rounds, o.Target = []string{"."}, "Sub/^size", 1, 500*time.Millisecond
	s, err := Open(t.Context(), o, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		nothingLeft(t, o.Dir, o.Cache)
	}()
	if _, err := s.Profile(t.Context(), "Sub/size-8"); err == nil {
		t.Error("a profile of what was not calibrated")
	}
	if _, err := s.Measure(t.Context()); err != nil {
		t.Fatal(err)
	}
	p, err := s.Profile(t.Context(), "Sub/size-8")
	if err != nil {
		t.Fatal(err)
	}
	if p.Units == 0 {
		t.Error("of no units")
	}
	for _, file := range []string{p.Base, p.Head} {
		if info, err := os.Stat(file); err != nil || info.Size() == 0 || filepath.Dir(file) != s.Folder() {
			t.Errorf("profile %s: %v, %v", file, info, err)
		}
	}
}
