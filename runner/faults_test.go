package runner

import (
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results"
)

func TestAFailedUnitIsNamed(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		_, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("faulty", mode, workers, "at=50"), Units: 60}, Clock{})
		if err == nil || !strings.Contains(err.Error(), "unit 50: no good") && !strings.Contains(err.Error(), "no good") {
			t.Errorf("error %v, want one that names unit 50", err)
		}
	})
}

func TestAWorkerThatCannotBeSetUpIsAnError(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		_, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("faulty", mode, workers, "how=setup"), Units: 6}, Clock{})
		if err == nil || !strings.Contains(err.Error(), "no state to be had") {
			t.Errorf("error %v, want the worker's own", err)
		}
	})
}

func TestACheckSetsOneWorkerUpAndReleasesIt(t *testing.T) {
	path := diaryFile(t)
	if _, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("diary", "serial", 1, "file="+path), Check: true}, Clock{}); err != nil {
		t.Fatal(err)
	}
	if lines := readLines(t, path); len(lines) != 2 || count(lines[:1], "setup 0") != 1 || lines[1] != "close 0" {
		t.Errorf("the check did %q, want a worker set up and closed", lines)
	}
	_, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("faulty", "serial", 1, "how=setup"), Check: true}, Clock{})
	if err == nil || !strings.Contains(err.Error(), "no state to be had") {
		t.Errorf("error %v, want the worker's own", err)
	}
}

func TestADeadWorkerProcessIsAnErrorThatSaysHowItDied(t *testing.T) {
	for _, tc := range []struct{ mode, params, want string }{
		{"process", "how=exit", `^process w\d \(pid \d+\): ended without an answer: exit status 7$`},
		{"hybrid", "how=exit", `^process w\d \(pid \d+\): ended without an answer: exit status 7$`},
		{"spawn", "how=exit", `^unit 50: process \d+: ended without an answer: exit status 7$`},
		{"process", "how=setup", `^process w\d \(pid \d+\): set up worker \d: no state to be had( \(and \d more\))?$`},
		{"hybrid", "how=setup", `^process w0 \(pid \d+\): set up worker 0: no state to be had$`},
		{"spawn", "how=setup", `^warm up: unit 0: process \d+: set up worker \d: no state to be had \(and 2 more\)$`},
		{"spawn", "how=error", `^unit 50: process \d+: no good$`},
	} {
		_, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("faulty", tc.mode, 3, tc.params), Units: 100}, Clock{})
		if err == nil || !regexp.MustCompile(tc.want).MatchString(err.Error()) {
			t.Errorf("%s, %s: error %v, want %s", tc.mode, tc.params, err, tc.want)
		}
	}
}

func TestMeasureRefusesWhatItCannotDo(t *testing.T) {
	for _, tc := range []struct {
		name string
		cell results.Cell
		want string
	}{
		{"workload", cell("nonsense", "serial", 1), `unknown workload "nonsense"`},
		{"mode", cell("number", "nonsense", 1), `unknown mode "nonsense"`},
		{"no workers", cell("number", "goroutine", 0), "does not work with 0 workers"},
		{"many serial workers", cell("number", "serial", 2), "does not work with 2 workers"},
		{"parameter", cell("number", "serial", 1, "size=1KiB"), `no parameter "size"`},
		{"value", cell("faulty", "serial", 1, "at=-1"), `bad value "-1"`},
	} {
		_, err := underTest.Measure(t.Context(), results.Spec{Cell: tc.cell, Units: 1}, Clock{})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %q", tc.name, err, tc.want)
		}
	}
}

func TestCalibrationGivesWholeTurns(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		s, err := underTest.Measure(t.Context(), results.Spec{Cell: cell("number", mode, workers), Target: 1e6}, Clock{})
		if err != nil {
			t.Fatal(err)
		}
		if s.Units == 0 || s.Units%uint64(workers) != 0 {
			t.Errorf("%d units for %d workers, want a positive multiple", s.Units, workers)
		}
	})
}

func TestASampleLeavesNothingBehind(t *testing.T) {
	sample := func() {
		crews(func(mode string, workers int) { measure(t, cell("number", mode, workers), 12, Clock{}) })
		_, _ = underTest.Measure(background, results.Spec{Cell: cell("faulty", "process", 3, "how=exit"), Units: 100}, Clock{})
	}
	sample() // what is made once is made now
	descriptors, goroutines := openDescriptors(t), runtime.NumGoroutine()
	for range 3 {
		sample()
	}
	waitFor(t, "the number of goroutines to fall back", func() bool { return runtime.NumGoroutine() <= goroutines })
	waitFor(t, "the number of descriptors to fall back", func() bool { return openDescriptors(t) <= descriptors })
	if n := childProcesses(t); n != 0 {
		t.Errorf("%d child processes are left", n)
	}
}
