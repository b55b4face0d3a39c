//go:build unix

package campaign

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gvp-bench/gvp/results"
)

// fifo makes the named pipe that the fake's stray processes hold open, and
// returns its reading end and a function that returns when there was such a
// process and all of them are gone.
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
	// A writer of our own, or reads would end before the first stray comes.
	hold, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close(); _ = hold.Close() })
	t.Setenv(fakeFIFO, name)
	return f, func() {
		t.Helper()
		_ = hold.Close()
		pids, err := io.ReadAll(f)
		if err != nil || !strings.Contains(string(pids), "\n") {
			t.Errorf("stray processes = %q, %v, want at least one", pids, err)
		}
	}
}

func TestKilledToolLeavesNoProcess(t *testing.T) {
	pipe, gone := fifo(t)
	t.Setenv("FAKE_WORKLOAD", "hang")
	cmd := exec.CommandContext(t.Context(), self(t).Path, "tool", t.TempDir(), "-1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = pipe.Read(make([]byte, 1)) // a host hangs, with a child
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	gone()
}

func TestOutFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{file, filepath.Join(file, "runs"), "/proc/runs"} {
		_, err := Run(t.Context(), planOf(t, Options{Workloads: []string{"fine"}, Out: out}), self(t), Hooks{})
		if err == nil || !strings.Contains(err.Error(), out) && !strings.Contains(err.Error(), file) {
			t.Errorf("Run into %s = %v, want an error that names it", out, err)
		}
	}
}

func TestFolderThatVanishesEndsTheRun(t *testing.T) {
	for _, what := range []string{"moved", "removed", "samples removed", "work folder removed"} {
		t.Run(what, func(t *testing.T) {
			out := t.TempDir()
			elsewhere := filepath.Join(t.TempDir(), "moved")
			var folder string
			hook := func(e Event) {
				if e.Phase != Measure || e.Done != 2 {
					return
				}
				folders, _ := filepath.Glob(filepath.Join(out, "*"))
				folder = folders[0]
				var err error
				switch what {
				case "moved":
					err = os.Rename(folder, elsewhere)
				case "removed":
					err = os.RemoveAll(folder)
				case "samples removed":
					err = os.Remove(filepath.Join(folder, results.SamplesFile))
				case "work folder removed":
					err = os.RemoveAll(filepath.Join(folder, workDir))
				}
				if err != nil {
					t.Error(err)
				}
			}
			_, err := Run(t.Context(), planOf(t, cutOptions(out)), self(t), Hooks{Event: hook})
			if err == nil || !strings.Contains(err.Error(), folder) {
				t.Fatalf("Run = %v, want an error that names %s", err, folder)
			}
			switch what {
			case "moved":
				if n := len(sampleNames(t, elsewhere)); n != 2 {
					t.Errorf("%d samples in the moved folder, want 2", n)
				}
				if _, err := Resume(t.Context(), elsewhere, self(t), Hooks{}); err != nil {
					t.Error(err)
				}
				checkWhole(t, elsewhere)
			case "work folder removed":
				if _, err := Resume(t.Context(), folder, self(t), Hooks{}); err != nil {
					t.Error(err)
				}
				checkWhole(t, folder)
			}
		})
	}
}
