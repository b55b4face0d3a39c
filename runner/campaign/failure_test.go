package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

func TestFailureOfOneCellIsRecordedAndOthersGoOn(t *testing.T) {
	tests := []struct {
		workload string
		want     string // in the error
		stderr   string
	}{
		{"crash", "exit status 2: panic: the worker fell over", "goroutine 1 [running]"},
		{"hang", "no answer within 3s", ""},
		{"garbage", `the host's answer "hello from a workload`, ""},
		{"twice", "is not a reply", ""},
		{"error", "no space for the worker", ""},
		{"exit", "exit status 7", ""},
		{"mute", "without an answer", ""},
		{"nan", `unknown metric "bogus"`, ""},
		{"fewer", "the host did 15 units, not the 16 asked for", ""},
		{"anonymous", "GOMAXPROCS", ""},
	}
	for _, tt := range tests {
		t.Run(tt.workload, func(t *testing.T) {
			o := Options{Workloads: []string{tt.workload, "fine"}, Modes: []string{"process"}, Rounds: 2}
			if testing.Short() && tt.workload != "crash" && tt.workload != "error" {
				t.Skip("a host for each cell of a whole run takes long")
			}
			if tt.workload == "hang" {
				o.Target, o.Timeout, o.Rounds = time.Second, 3*time.Second, 1
			}
			s, err := Run(t.Context(), planOf(t, o), self(t), Hooks{})
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Failures) != o.Rounds || !s.Finished {
				t.Fatalf("finished = %t, failures = %+v, want %d", s.Finished, s.Failures, o.Rounds)
			}
			f := s.Failures[0]
			if f.Cell.Workload != tt.workload || f.Cell.Mode != "process" || f.Phase != Measure || f.Round != 1 {
				t.Errorf("failure = %+v", f)
			}
			if !strings.Contains(f.Err, tt.want) || strings.Contains(f.Err, "\n") {
				t.Errorf("error = %q, want one line with %q", f.Err, tt.want)
			}
			if !strings.Contains(f.Stderr, tt.stderr) || len(f.Stderr) > 5<<10 {
				t.Errorf("stderr = %q, want %q in it", f.Stderr, tt.stderr)
			}
			// Two cells of fine, the serial one of the other, and control.
			if n := len(sampleNames(t, s.Folder)); n != 4*o.Rounds || s.Samples != n {
				t.Errorf("%d samples in the file, %d in the summary, want %d", n, s.Samples, 4*o.Rounds)
			}
			failed := 0
			for _, e := range logOf(t, s.Folder, results.LogSample) {
				if !e.OK {
					failed++
					if e.Error != f.Err || e.Stderr != f.Stderr || e.PID == 0 {
						t.Errorf("log entry = %+v, summary %+v", e, f)
					}
				}
			}
			if failed != o.Rounds {
				t.Errorf("%d failures in the log, want %d", failed, o.Rounds)
			}
		})
	}
}

func TestFailedCalibrationIsNotMeasured(t *testing.T) {
	var last Event
	p := planOf(t, Options{Workloads: []string{"calcrash"}, Modes: []string{"process"}, Rounds: 3, ProfileTime: time.Millisecond})
	s, err := Run(t.Context(), p, self(t), Hooks{Event: func(e Event) {
		if e.Phase == Measure {
			last = e
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Failures) != 1 || s.Failures[0].Phase != Calibrate || !strings.Contains(s.Failures[0].Stderr, "panic: the worker fell over") {
		t.Errorf("failures = %+v, want one of the calibration", s.Failures)
	}
	if s.Samples != 2*3 || last.Done != 6 || last.Total != 6 {
		t.Errorf("%d samples, last event %d of %d, want 6 of serial and control", s.Samples, last.Done, last.Total)
	}
	if n := len(logOf(t, s.Folder, results.LogProfile)); n != 1 {
		t.Errorf("%d profiles, want that of serial alone", n)
	}
}

func TestProfilesAreTakenApartAndHandedOver(t *testing.T) {
	var got []string
	p := planOf(t, Options{Workloads: []string{"fine"}, Workers: []int{1, 10_000}, Rounds: 1, ProfileTime: time.Second, Modes: []string{"process"}})
	s, err := Run(t.Context(), p, self(t), Hooks{Profiles: func(run, dir string, c results.Cell) error {
		data, err := os.ReadFile(filepath.Join(dir, "host.pb.gz"))
		if string(data) != "profile" || err != nil {
			t.Errorf("profile of %s = %q, %v", c.Name(), data, err)
		}
		got = append(got, fmt.Sprintf("%s %d", c.Mode, c.Workers))
		if c.Mode == "process" {
			return errors.New("cannot merge")
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "[serial 1 process 1]"; fmt.Sprint(got) != want {
		t.Errorf("profiled %v, want %s", got, want)
	}
	if len(s.Failures) != 1 || s.Failures[0].Err != "cannot merge" || s.Failures[0].Phase != Profile {
		t.Errorf("failures = %+v", s.Failures)
	}
	// Calibrated for 250 ms: 8 units. Four times as many, not among the samples.
	for _, e := range logOf(t, s.Folder, results.LogProfile) {
		if e.Units != 32 {
			t.Errorf("profile of %s with %d units, want 32", e.Cell, e.Units)
		}
	}
	if s.Samples != 4 {
		t.Errorf("%d samples, want 4", s.Samples)
	}
}

func TestEventsCountUpAndRemainingComesDown(t *testing.T) {
	var phases []Phase
	var before *Event
	p := planOf(t, Options{Workloads: []string{"fine"}, Rounds: 2, ProfileTime: time.Millisecond})
	_, err := Run(t.Context(), p, self(t), Hooks{Event: func(e Event) {
		if e.Cell == nil {
			phases = append(phases, e.Phase)
		} else if before.Phase == e.Phase && (e.Done != before.Done+1 || e.Total != before.Total) {
			t.Errorf("%d of %d after %d of %d", e.Done, e.Total, before.Done, before.Total)
		}
		if e.Phase == Measure && e.Cell != nil && (len(e.Metrics) < 3 || e.Units == 0 || e.Round == 0) {
			t.Errorf("event without what was measured: %+v", e)
		}
		before = &e
	}})
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(phases) != "[calibrate sample profile]" {
		t.Errorf("phases = %v", phases)
	}
	if before.Done != before.Total || before.Remaining != 0 {
		t.Errorf("last event = %+v, want nothing left", before)
	}
}

func TestIdentifyAndDescribeRefuseOtherFiles(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"): "none",
		dir:                        "is not a file",
		text:                       "is not a Go program",
	} {
		if _, err := Identify(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("Identify(%s) = %v, want an error with %q and the path", path, err, want)
		}
	}
	b := self(t)
	t.Run("stranger", func(t *testing.T) {
		t.Setenv(fakeStranger, "yes")
		if _, err := Describe(t.Context(), b); err == nil || !strings.Contains(err.Error(), "is not a bench binary") || !strings.Contains(err.Error(), "usage: stranger FILE") {
			t.Errorf("Describe = %v", err)
		}
	})
	t.Run("protocol", func(t *testing.T) {
		t.Setenv(fakeProtocol, "99")
		if _, err := Describe(t.Context(), b); err == nil || !strings.Contains(err.Error(), "version 99") {
			t.Errorf("Describe = %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Describe(ctx, b); !errors.Is(err, context.Canceled) {
			t.Errorf("Describe = %v", err)
		}
	})
	c, err := Describe(t.Context(), b)
	if err != nil || len(c.Workloads) != len(fakeCatalog().Workloads) {
		t.Errorf("Describe = %d workloads, %v", len(c.Workloads), err)
	}
}

func TestFailedHostIsCleanedUpAfter(t *testing.T) {
	note := filepath.Join(t.TempDir(), "note")
	t.Setenv(fakeClean, note)
	p := planOf(t, Options{Workloads: []string{"crash", "fine"}, Modes: []string{"process"}, Rounds: 1})
	if _, err := Run(t.Context(), p, self(t), Hooks{}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(note)
	if want := "Workload/workload=crash/size=64KiB/mode=process/workers=2"; string(got) != want || err != nil {
		t.Errorf("cleaned up after %q, %v, want %q", got, err, want)
	}
	t.Setenv(fakeClean, filepath.Join(note, "impossible"))
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Failures) != 1 || !strings.Contains(s.Failures[0].Err, "cannot clean up after the host: exit status 1: cannot remove the file") {
		t.Errorf("failures = %+v", s.Failures)
	}
}

func TestInterruptedHostThatCannotBeCleanedUpAfterIsReported(t *testing.T) {
	t.Setenv(fakeClean, filepath.Join(os.Args[0], "impossible"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := &launcher{bench: self(t), work: t.TempDir()}
	spec := results.Spec{Units: 16, Cell: results.Cell{Workload: "fine", Mode: "process", Workers: 2}}
	cancel()
	_, err := l.take(ctx, spec, time.Minute)
	var left *CleanupError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &left) {
		t.Fatalf("take = %v, want the interruption and what is left behind", err)
	}
}

func TestHostEnvDropsWhatIsForTheModeToSay(t *testing.T) {
	got := hostEnv([]string{"A=1", "GOMAXPROCS=2", "GVP_MULTIPROC_FUNC=x", "GVP_MULTIPROC_FILES=3", "GVP_MULTI=4"})
	if want := "[A=1 GVP_MULTI=4]"; fmt.Sprint(got) != want {
		t.Errorf("hostEnv = %v, want %s", got, want)
	}
}
