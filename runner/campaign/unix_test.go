//go:build unix

package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/internal/strays"
)

func TestInterruptionKeepsTheRunAndEndsEveryDescendant(t *testing.T) {
	pipe, gone := strays.Watch(t, fakeFIFO)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // as soon as the host's child is up
		_, _ = pipe.Read(make([]byte, 1))
		cancel()
	}()
	t.Setenv(fakeClean, filepath.Join(os.Args[0], "impossible"))
	p := planOf(t, Options{Workloads: []string{"fine", "hang"}, Modes: []string{"process"}, Rounds: 1})
	b := self(t)
	s, err := Run(ctx, p, b, Hooks{})
	if err == nil || !strings.Contains(err.Error(), "interrupted") || !strings.Contains(err.Error(), "gvp run --resume "+s.Folder) {
		t.Fatalf("Run = %v, want the command to resume", err)
	}
	gone()
	var left *CleanupError
	if !errors.As(err, &left) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Run = %v, want one line with what is left behind", err)
	}
	if s.Finished || len(s.Failures) != 0 {
		t.Errorf("summary = %+v, want an unfinished run without failures", s)
	}
	if got := len(sampleNames(t, s.Folder)); got != s.Samples {
		t.Errorf("%d samples in the file, %d in the summary", got, s.Samples)
	}
	// What was in hand was not counted as failed: it is tried again.
	pipe, gone = strays.Watch(t, fakeFIFO)
	ctx, cancel = context.WithCancel(t.Context())
	go func() {
		_, _ = pipe.Read(make([]byte, 1))
		cancel()
	}()
	if _, err = Resume(ctx, s.Folder, b, Hooks{}); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("Resume = %v, want the interrupted sample taken up again", err)
	}
	gone()
}

func TestDescendantsOfAFinishedHostAreEnded(t *testing.T) {
	_, gone := strays.Watch(t, fakeFIFO)
	p := planOf(t, Options{Workloads: []string{"orphan"}, Modes: []string{"process"}, Rounds: 1})
	s, err := Run(t.Context(), p, self(t), Hooks{})
	if err != nil || len(s.Failures) != 0 {
		t.Fatalf("Run = %+v, %v", s, err)
	}
	gone()
}

func TestKilledToolLeavesNoProcess(t *testing.T) {
	pipe, gone := strays.Watch(t, fakeFIFO)
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

// TestKilledToolEndsRealHosts sees to it that a host that the tool has left
// behind, and all its workers, end: their standard error, which they inherit,
// is a pipe that ends when the last of them does.
func TestKilledToolEndsRealHosts(t *testing.T) {
	b := realBench(t)
	catalog, err := Describe(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range catalog.Modes {
		t.Run(m.Name, func(t *testing.T) {
			workers := 2
			if m.Single {
				workers = 1
			}
			request, err := json.Marshal(results.Spec{
				Protocol: results.ProtocolVersion, Units: 1 << 40, Target: time.Hour,
				Cell: results.Cell{Workload: "spin", Mode: m.Name, Workers: workers},
			})
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), b.Path, results.HostCommand)
			stderr, held, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer stderr.Close()
			cmd.Stderr = held
			lifeline, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			err = cmd.Start()
			_ = held.Close()
			if err != nil {
				t.Fatal(err)
			}
			// As when the tool dies: at any moment after the request.
			if _, err := lifeline.Write(request); err != nil {
				t.Fatal(err)
			}
			if err := lifeline.Close(); err != nil {
				t.Fatal(err)
			}
			readToEnd(t, stderr, cmd.Process)
			if err := cmd.Wait(); err == nil {
				t.Error("the host ended as if it had taken a sample of 2⁴⁰ units")
			}
		})
	}
}

// readToEnd reads until nobody has the other end any more. The test fails, and
// shows what the host is about, rather than hang if somebody keeps it.
func readToEnd(t *testing.T, pipe *os.File, host *os.Process) {
	t.Helper()
	for _, last := range []bool{false, true} {
		if err := pipe.SetReadDeadline(time.Now().Add(2 * time.Minute)); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(pipe)
		if err == nil && !last {
			return
		}
		t.Errorf("the host or a worker has not ended: %v\n%s", err, text)
		if err == nil || last {
			break
		}
		_ = host.Signal(syscall.SIGQUIT) // a Go program tells where each goroutine is
	}
	_ = host.Kill()
}
