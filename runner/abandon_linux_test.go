package runner

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gvp-bench/gvp/results"
)

// startEndless starts a host with more units than it can do, and returns the
// ids of its processes once all workers are at work.
func startEndless(t *testing.T, mode string) (host *os.Process, stdin io.Closer, pids []int) {
	t.Helper()
	path := diaryFile(t)
	cmd, in, _, _ := bench(t, results.HostCommand)
	// The diary tells the pids; the sample lasts longer than the test.
	spec := results.Spec{Protocol: results.ProtocolVersion, Cell: cell("diary", mode, 3, "file="+path), Units: 1 << 40}
	if _, err := io.WriteString(in, request(t, spec)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitFor(t, "units", func() bool {
		b, _ := os.ReadFile(path)
		return strings.Count(string(b), "setup ") >= 3 && strings.Count(string(b), "unit ") > 20
	})
	seen := map[int]bool{cmd.Process.Pid: true}
	for _, l := range readLines(t, path) {
		var id, pid int
		if n, _ := fmt.Sscanf(l, "setup %d pid=%d", &id, &pid); n == 2 {
			seen[pid] = true
		}
	}
	for pid := range seen {
		pids = append(pids, pid)
	}
	return cmd.Process, in, pids
}

func TestEveryProcessEndsWhenTheToolDoes(t *testing.T) {
	for _, mode := range []string{"goroutine", "process", "hybrid", "spawn"} {
		t.Run(mode, func(t *testing.T) {
			host, stdin, pids := startEndless(t, mode)
			if err := stdin.Close(); err != nil { // as the tool's death does
				t.Fatal(err)
			}
			if _, err := host.Wait(); err != nil {
				t.Fatal(err)
			}
			waitGone(t, pids)
		})
	}
}

func TestEveryProcessEndsWhenTheHostIsKilled(t *testing.T) {
	for _, mode := range []string{"process", "hybrid", "spawn"} {
		t.Run(mode, func(t *testing.T) {
			host, _, pids := startEndless(t, mode)
			// A stopped worker reads no lifeline: the kernel has to end it.
			for _, pid := range pids {
				if pid != host.Pid && mode != "spawn" {
					if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := host.Kill(); err != nil {
				t.Fatal(err)
			}
			if _, err := host.Wait(); err != nil {
				t.Fatal(err)
			}
			waitGone(t, pids)
		})
	}
}

func waitGone(t *testing.T, pids []int) {
	t.Helper()
	for _, pid := range pids {
		waitFor(t, fmt.Sprintf("process %d to end", pid), func() bool { return !alive(pid) })
	}
}
