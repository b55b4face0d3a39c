package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/gvp-bench/gvp/results"
)

// tooLong is how long a test waits for what must come.
const tooLong = time.Minute

// copyBench copies the bench binary, so that a test can tell its own hosts and
// workers from all other processes.
func copyBench(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(os.Getenv(benchEnv))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), benchName)
	if err := os.WriteFile(path, data, 0o777); err != nil {
		t.Fatal(err)
	}
	return path
}

// running returns the processes that run the program at path.
func running(t *testing.T, path string) []int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, link := range links {
		// Processes end while we look; the kernel marks a program whose file
		// has gone.
		exe, err := os.Readlink(link)
		if err != nil || strings.TrimSuffix(exe, " (deleted)") != path {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// gone waits until no process runs the program at path. A host whose tool is
// dead may start one more, which cleans up after it.
func gone(t *testing.T, path string) {
	t.Helper()
	for began := time.Now(); time.Since(began) < tooLong; {
		left := running(t, path)
		if len(left) == 0 {
			return
		}
		await(t, left)
	}
	t.Errorf("processes %v outlive gvp", running(t, path))
}

// await waits until the processes have ended.
func await(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		fd, err := unix.PidfdOpen(pid, 0)
		if errors.Is(err, unix.ESRCH) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(tooLong.Milliseconds()))
		if err != nil || n != 1 {
			t.Errorf("process %d outlives gvp (%v)", pid, err)
		}
		if err := unix.Close(fd); err != nil {
			t.Error(err)
		}
	}
}

// A session is a gvp that runs.
type session struct {
	*exec.Cmd
	talk   *bufio.Scanner
	stderr strings.Builder // what it has said so far
}

// startGVP starts gvp in a process group of its own, as a shell does.
func startGVP(t *testing.T, args ...string) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*tooLong)
	t.Cleanup(cancel)
	s := &session{Cmd: exec.CommandContext(ctx, "gvp", args...)}
	s.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.talk = bufio.NewScanner(r)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// until reads what gvp says up to a line with text in it.
func (s *session) until(t *testing.T, text string) {
	t.Helper()
	for s.talk.Scan() {
		s.stderr.WriteString(s.talk.Text() + "\n")
		if strings.Contains(s.talk.Text(), text) {
			return
		}
	}
	t.Fatalf("gvp did not say %q, but:\n%s", text, &s.stderr)
}

// end reads the rest of what gvp says and returns its exit status; -1 if a
// signal ended it.
func (s *session) end(t *testing.T) int {
	t.Helper()
	for s.talk.Scan() {
		s.stderr.WriteString(s.talk.Text() + "\n")
	}
	var exit *exec.ExitError
	if err := s.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return s.ProcessState.ExitCode()
}

func (s *session) signal(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatal(err)
	}
}

// TestSignalEndsEveryProcess interrupts hosts whose units take far longer than
// the test waits: they do not end by themselves.
func TestSignalEndsEveryProcess(t *testing.T) {
	// With this seed the first cell after the control kernel has a host and two
	// worker processes. The time-out would bring it up later with any other.
	const seed = "7"
	for name, c := range map[string]struct {
		signal syscall.Signal
		group  bool // the signal goes to the whole process group, as from a terminal
	}{
		"Ctrl-C in a terminal": {syscall.SIGINT, true},
		"SIGINT":               {syscall.SIGINT, false},
		"SIGTERM":              {syscall.SIGTERM, false},
		"SIGHUP":               {syscall.SIGHUP, false},
		"SIGKILL":              {syscall.SIGKILL, false},
	} {
		t.Run(name, func(t *testing.T) {
			if c.signal == syscall.SIGHUP && signal.Ignored(c.signal) {
				t.Skip("the tests run under nohup, and so would gvp")
			}
			bench := copyBench(t)
			s := startGVP(t, "run", bench, "-w", "sleep", "--param", "duration=10m", "-m", "process", "-j", "2",
				"--seed", seed, "--rounds", "1", "--timeout", "5s", "--sample-time", "5ms", "--no-profile", "--out", t.TempDir())
			s.until(t, "calibrating")
			awaitWorkers(t, bench, 3)
			pid := s.Process.Pid
			if c.group {
				pid = -pid
			}
			s.signal(t, pid, c.signal)
			status := s.end(t)
			gone(t, bench)
			if c.signal == syscall.SIGKILL {
				return
			}
			if status != exitFailed {
				t.Errorf("exit status %d, want %d", status, exitFailed)
			}
			last := lastLine(s.stderr.String())
			if !strings.HasPrefix(last, "gvp: interrupted before the first sample: go on with `") || !strings.Contains(last, "--resume") {
				t.Errorf("the last line is %q", last)
			}
		})
	}
}

// awaitWorkers waits until at least n processes run the program at path.
func awaitWorkers(t *testing.T, path string, n int) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); len(running(t, path)) < n; <-tick.C {
		if time.Since(began) > tooLong {
			t.Fatalf("there are no %d processes of the run", n)
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// TestResumeCompletesAnInterruptedRun interrupts a run in its rounds and then
// completes it with the command that it names.
func TestResumeCompletesAnInterruptedRun(t *testing.T) {
	const rounds = 15
	out := t.TempDir()
	s := startGVP(t, "run", os.Getenv(benchEnv), "-w", "sleep", "--param", "duration=1ms", "-m", "goroutine,process", "-j", "2",
		"--rounds", strconv.Itoa(rounds), "--sample-time", "5ms", "--no-profile", "--out", out)
	s.until(t, "round 2,")
	s.signal(t, s.Process.Pid, syscall.SIGINT)
	if status := s.end(t); status != exitFailed {
		t.Fatalf("exit status %d, want %d:\n%s", status, exitFailed, &s.stderr)
	}
	_, command, ok := strings.Cut(lastLine(s.stderr.String()), "go on with `")
	command, found := strings.CutSuffix(command, "`")
	if !ok || !found {
		t.Fatalf("the last line is %q", lastLine(s.stderr.String()))
	}
	words := strings.Fields(command)
	folder := words[len(words)-1]
	if cells, _ := countSamples(t, folder); len(cells) == 0 {
		t.Errorf("%s has no samples to keep", folder)
	}
	report := exec.CommandContext(t.Context(), "gvp", "report", "--no-page", folder)
	if text, err := report.CombinedOutput(); err != nil {
		t.Errorf("the interrupted run cannot be reported on: %v\n%s", err, text)
	}

	resume := exec.CommandContext(t.Context(), words[0], words[1:]...)
	if text, err := resume.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, text)
	}
	cells, finished := countSamples(t, folder)
	if !finished {
		t.Error("the run is not finished")
	}
	if len(cells) != 4 { // with the control kernel
		t.Errorf("%d cells, want 4: %v", len(cells), cells)
	}
	for name, n := range cells {
		if n != rounds {
			t.Errorf("%d samples of %s, want %d", n, name, rounds)
		}
	}
}

// countSamples counts a run's samples by cell.
func countSamples(t *testing.T, folder string) (cells map[string]int, finished bool) {
	t.Helper()
	run, err := results.ReadRun(folder)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(folder, results.SamplesFile))
	if err != nil {
		t.Fatal(err)
	}
	cells = map[string]int{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "Benchmark") {
			cells[strings.Fields(line)[0]]++
		}
	}
	return cells, run.Finished
}

// TestBenchReplacedDuringARun replaces the bench binary between two hosts.
func TestBenchReplacedDuringARun(t *testing.T) {
	bench := copyBench(t)
	out := t.TempDir()
	s := startGVP(t, "run", bench, "-w", "sleep", "--param", "duration=1ms", "-m", "goroutine", "-j", "1",
		"--rounds", "200", "--sample-time", "5ms", "--no-profile", "--out", out)
	s.until(t, "round 2,")
	other := bench + ".new"
	if err := os.WriteFile(other, []byte("another program"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other, bench); err != nil {
		t.Fatal(err)
	}
	if status := s.end(t); status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	last := lastLine(s.stderr.String())
	if !strings.Contains(last, bench+" was replaced during the run") || !strings.Contains(last, "are kept in ") ||
		!strings.Contains(last, "put the old bench binary back") {
		t.Errorf("the last line is %q", last)
	}
	runs, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %v (%v)", runs, err)
	}
	if cells, finished := countSamples(t, runs[0]); len(cells) == 0 || finished {
		t.Errorf("cells %v, finished %v: want some, not finished", cells, finished)
	}
}

// TestTwoToolsDoNotWriteIntoOneRun tries to complete a run that is not over.
func TestTwoToolsDoNotWriteIntoOneRun(t *testing.T) {
	bench, out := os.Getenv(benchEnv), t.TempDir()
	s := startGVP(t, "run", bench, "-w", "sleep", "--param", "duration=1ms", "-m", "goroutine", "-j", "1",
		"--rounds", "1000", "--sample-time", "5ms", "--no-profile", "--out", out)
	s.until(t, "round 1,")
	runs, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(runs) != 1 {
		t.Fatalf("runs %v (%v)", runs, err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if cells, _ := countSamples(t, runs[0]); len(cells) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no sample within a minute")
		}
	}
	second := startGVP(t, "run", bench, "--resume", runs[0])
	if status := second.end(t); status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	if got, want := second.stderr.String(), "gvp: run "+runs[0]+": another gvp is at work in it: wait until it has ended, or make a new run\n"; got != want {
		t.Errorf("the second says %q, want %q", got, want)
	}
	s.signal(t, s.Process.Pid, syscall.SIGINT)
	s.end(t)
	if cells, _ := countSamples(t, runs[0]); len(cells) == 0 {
		t.Error("the first has lost its samples")
	}
}
