//go:build unix

package check

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/internal/strays"
)

func TestWhatHangsIsEndedWithItsDescendants(t *testing.T) {
	long(t)
	_, gone := strays.Watch(t, "FAULTY_FIFO")
	o := faultyOptions(t, "Hangs$")
	o.Timeout = 2 * time.Second // long enough for its child to come up
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	fs := failuresOf(r.Samples)["Hangs"]
	if len(fs) != 2*maxFailures || !strings.Contains(fs[0].Error, "no end within 2s") {
		t.Errorf("failures = %+v, want time-outs on both sides", fs)
	}
	gone()
	nothingLeft(t, o.Dir, o.Cache)
}

// TestTimeEndsWhatHangs has a benchmark that would take its whole time-out: it has
// not failed, since nobody knows whether it would have ended.
func TestTimeEndsWhatHangs(t *testing.T) {
	long(t)
	strays.Watch(t, "FAULTY_FIFO")
	o := faultyOptions(t, "HangsAlone")
	o.Timeout, o.MaxTime = time.Hour, time.Second
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || r.Check.Stopped != StoppedByTime || len(r.Samples) != 0 || len(r.Check.Benchmarks) != 1 || r.Check.Benchmarks[0].Name != "HangsAlone" {
		t.Errorf("Run = %+v, %v, want it stopped, and the benchmark named", r, err)
	}
	nothingLeft(t, o.Dir, o.Cache)
}

func TestInterruptedHangIsEndedWithItsDescendants(t *testing.T) {
	long(t)
	pipe, gone := strays.Watch(t, "FAULTY_FIFO")
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // as soon as its child is up
		_, _ = pipe.Read(make([]byte, 1))
		cancel()
	}()
	o := faultyOptions(t, "Hangs$")
	if _, err := Run(ctx, o, Hooks{}); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("Run = %v, want one line", err)
	}
	gone()
	nothingLeft(t, o.Dir, o.Cache)
}

func TestDescendantsOfAFinishedProcessAreEnded(t *testing.T) {
	long(t)
	_, gone := strays.Watch(t, "FAULTY_FIFO")
	o := faultyOptions(t, "Orphans")
	o.Rounds = 1
	r, err := Run(t.Context(), o, Hooks{})
	if err != nil || len(failuresOf(r.Samples)) != 0 {
		t.Fatalf("Run = %+v, %v", r, err)
	}
	gone()
}

func TestKilledToolIsCleanedUpAfterByTheNext(t *testing.T) {
	long(t)
	if runtime.GOOS != "linux" {
		t.Skip("a process whose parent is killed lives on")
	}
	o := options(t)
	pipe, gone := strays.Watch(t, "FAULTY_FIFO")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "CHECK_DIR="+o.Dir, "CHECK_CACHE="+o.Cache, "CHECK_OUT="+o.Out, "TMPDIR="+t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = pipe.Read(make([]byte, 1)) // a benchmark hangs
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // that it was killed is known
	gone()
	if list := must(t, o.Dir, "git", "worktree", "list"); strings.Count(list, "\n") != 1 {
		t.Errorf("worktrees of the killed tool:\n%s\nwant one", list)
	}
	var notes []string
	o.Packages, o.Rounds = []string{"./codec"}, 1
	if _, err := Run(t.Context(), o, Hooks{Event: func(e Event) {
		if e.Note != "" {
			notes = append(notes, e.Note)
		}
	}}); err != nil || len(notes) != 1 || !strings.Contains(notes[0], "removed 1 worktree") {
		t.Errorf("Run = %v, notes %q, want the leftovers removed", err, notes)
	}
	nothingLeft(t, o.Dir, o.Cache)
}

// TestWhatTheToolCallsDiesWithIt has a git, and then a go command, that hangs.
func TestWhatTheToolCallsDiesWithIt(t *testing.T) {
	long(t)
	if runtime.GOOS != "linux" {
		t.Skip("a process whose parent is killed lives on")
	}
	o := options(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	repo, err := openRepository(t.Context(), o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"git", "go"} {
		pipe, gone := strays.Watch(t, "FAULTY_FIFO")
		bin, cache := t.TempDir(), t.TempDir()
		script := "#!/bin/sh\nexec 3>\"$FAULTY_FIFO\"\necho $$ >&3\nexec sleep 3600\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CHECK_DIR="+o.Dir, "CHECK_CACHE="+cache, "CHECK_OUT="+o.Out, "TMPDIR="+t.TempDir())
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		_, _ = pipe.Read(make([]byte, 1)) // it hangs
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // that it was killed is known
		gone()
		if _, err := cleanWorktrees(t.Context(), cache, repo); err != nil {
			t.Error(err)
		}
		nothingLeft(t, o.Dir, cache)
	}
}
