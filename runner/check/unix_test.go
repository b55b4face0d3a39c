//go:build unix

package check

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// fifo makes the named pipe that the stray processes of faulty benchmarks hold
// open, and returns its reading end and a function that returns when there were
// such processes and all of them are gone.
func fifo(t *testing.T) (*os.File, func()) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(name, 0o666); err != nil {
		t.Fatal(err)
	}
	// Nonblocking, or it would wait for the writer here.
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The test fails, rather than hang, if no stray comes or one stays.
	if err := f.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	// A writer of our own, or reads would end before the first stray comes.
	hold, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(); _ = hold.Close() })
	t.Setenv("FAULTY_FIFO", name)
	return f, func() {
		t.Helper()
		_ = hold.Close()
		pids, err := io.ReadAll(f)
		if err != nil || !strings.Contains(string(pids), "\n") {
			t.Errorf("stray processes = %q, %v, want at least one", pids, err)
		}
	}
}

func TestWhatHangsIsEndedWithItsDescendants(t *testing.T) {
	long(t)
	_, gone := fifo(t)
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

func TestInterruptedHangIsEndedWithItsDescendants(t *testing.T) {
	long(t)
	pipe, gone := fifo(t)
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
	_, gone := fifo(t)
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
	pipe, gone := fifo(t)
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
	_ = cmd.Wait()
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
