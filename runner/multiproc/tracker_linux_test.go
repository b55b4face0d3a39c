package multiproc

import (
	"context"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nameTwice names memory, has its tracker killed, waits for the next one,
// tells both, and waits for ever.
var nameTwice = Func("nameTwice", func(ctx context.Context, a namedTwice) (int, error) {
	if _, err := CreateSharedMemory(a.First, 10); err != nil {
		return 0, err
	}
	first := trackerPID(0)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		return 0, err
	}
	second := trackerPID(first)
	if _, err := CreateSharedMemory(a.Second, 10); err != nil {
		return 0, err
	}
	if err := a.Up.Send(ctx, [2]int{first, second}); err != nil {
		return 0, err
	}
	select {}
})

// namedTwice is the argument of nameTwice.
type namedTwice struct {
	First, Second string
	Up            *Sender[[2]int]
}

// trackerPID waits for a tracker other than that one.
func trackerPID(other int) int {
	for {
		tracked.mu.Lock()
		p := tracked.process
		tracked.mu.Unlock()
		if p != nil && p.Pid != other {
			return p.Pid
		}
		time.Sleep(time.Millisecond)
	}
}

func TestPyTrackerKilledAndRestarted(t *testing.T) {
	r, s, err := OneWayPipe[[2]int]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a := namedTwice{ownName(t) + "-1", ownName(t) + "-2", s}
	p := mustStart(t, nameTwice, a, Options{})
	pids, err := r.Recv(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pids[0], 0); err == nil {
		t.Error("the killed tracker was not reaped")
	}
	for _, name := range []string{a.First, a.Second} {
		if missing(t, name) {
			t.Errorf("%s is gone with the tracker", name)
		}
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{a.First, a.Second} {
		eventually(t, "removed", func() bool { return missing(t, name) })
	}
	eventually(t, "without the tracker", func() bool { return syscall.Kill(pids[1], 0) != nil || !alive(pids[1]) })
}

// Signals for the group or the session of its maker do not reach the tracker,
// and those that reach it do not end it.
func TestTheTrackerIgnoresSignals(t *testing.T) {
	mustCreate(t, ownName(t), 10)
	pid := trackerPID(0)
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("it is in group %d, %v", group, err)
	}
	want := uint64(0)
	for _, s := range []syscall.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		want |= 1 << (s - 1)
	}
	eventually(t, "deaf", func() bool {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ := strings.Cut(string(status), "SigIgn:")
		var ignored uint64
		if _, err := fmt.Sscanf(strings.TrimSpace(text), "%x", &ignored); err != nil {
			t.Fatal(err)
		}
		return ignored&want == want
	})
}
