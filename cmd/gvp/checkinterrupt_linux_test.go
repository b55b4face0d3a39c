package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gvp-bench/gvp/results/checks"
)

// TestSignalEndsACheck interrupts checks of a benchmark that is far from decided:
// what was measured is kept, no worktree stays, and nothing of it passes.
func TestSignalEndsACheck(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it builds and measures, which takes seconds")
	}
	j := newJob(t)
	dir := filepath.Join(j.dir, "clone", "sub")
	t.Chdir(dir)
	check := func(out string) *session {
		return startGVP(t, "check", "--base", "HEAD", "--sample-time", "300ms", "--no-profile", "--inconclusive", "pass",
			"--cache", filepath.Join(j.dir, "cache"), "--out", out, "--report", "csv="+filepath.Join(out, "check.csv"))
	}
	for _, c := range []struct {
		signal syscall.Signal
		group  bool // the signal goes to the whole process group, as from a terminal
		after  string
		status int
		last   string // line
	}{
		{syscall.SIGINT, true, "building base", 4, "gvp: interrupted"},
		{syscall.SIGTERM, false, "calibrating", 3, "gvp: what was measured is in"},
		{syscall.SIGINT, true, "round 1", 3, "gvp: what was measured is in"},
		{syscall.SIGKILL, false, "round 1", -1, ""},
	} {
		out := t.TempDir()
		s := check(out)
		s.until(t, c.after)
		pid := s.Process.Pid
		if c.group {
			pid = -pid
		}
		s.signal(t, pid, c.signal)
		status := s.end(t)
		if last := lastLine(s.stderr.String()); status != c.status || !strings.HasPrefix(last, c.last) {
			t.Errorf("%v after %q: exit status %d, the last line is %q, want %d and %q", c.signal, c.after, status, last, c.status, c.last)
		}
		trees := strings.Count(git(t, dir, "worktree", "list"), "\n")
		if killed := c.signal == syscall.SIGKILL; killed != (trees == 1) {
			t.Errorf("%v after %q: %d worktrees are left", c.signal, c.after, trees)
		}
		if c.after != "round 1" {
			continue
		}
		folders, err := filepath.Glob(filepath.Join(out, "*", checks.File))
		if err != nil || len(folders) != 1 {
			t.Fatalf("folders %v, %v", folders, err)
		}
		if got, err := checks.Read(filepath.Dir(folders[0])); err != nil || len(got.Samples) == 0 || got.Check.Finished {
			t.Errorf("%v: read %+v, %v, want what was measured", c.signal, got, err)
		}
		if _, err := os.Stat(filepath.Join(out, "check.csv")); (err == nil) != (c.signal != syscall.SIGKILL) {
			t.Errorf("%v: a report: %v", c.signal, err)
		}
	}
	// The next one cleans up.
	s := check(t.TempDir())
	s.until(t, "removed 1 worktree that a killed gvp had left behind")
	s.signal(t, s.Process.Pid, syscall.SIGINT)
	s.end(t)
	if list := git(t, dir, "worktree", "list"); strings.Contains(list, "\n") {
		t.Errorf("worktrees are left:\n%s", list)
	}
}
