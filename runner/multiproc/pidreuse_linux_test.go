package multiproc

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// A heldWriter keeps what a child has written waiting, and with it the parent's
// account of the child's end.
type heldWriter struct{ free chan struct{} }

func (w heldWriter) Write(b []byte) (int, error) {
	<-w.free
	return len(b), nil
}

// What others suffer: a reused pid kills a stranger. The child's id is given to
// another process as soon as it is free, while the child's output is still being
// written, and it stays with that one.
func TestAReusedPIDIsNobodysChild(t *testing.T) {
	const lastPID = "/proc/sys/kernel/ns_last_pid"
	if !isAgain(t) { // with process ids of its own, of which none is in use
		if err := again(t, apart(runAgain(t), syscall.CLONE_NEWPID)); denied(err) {
			t.Skip("start a process with process ids of its own:", err)
		} else if err != nil {
			t.Skip(err)
		}
		return
	}
	w := heldWriter{make(chan struct{})}
	free := sync.OnceFunc(func() { close(w.free) })
	p := mustStart(t, printer, "text", Options{Stdout: w, Stderr: w})
	defer free() // before it is waited for
	pid := p.PID()
	eventually(t, "reaped", func() bool { return syscall.Kill(pid, 0) != nil })
	if err := os.WriteFile(lastPID, []byte(strconv.Itoa(pid-1)), 0); err != nil {
		t.Skip("choose a process id:", err)
	}
	stranger := exec.CommandContext(t.Context(), "sleep", "3600")
	if err := stranger.Start(); err != nil {
		t.Skip("start a stranger:", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- stranger.Wait() }()
	if stranger.Process.Pid != pid {
		t.Fatalf("the stranger has id %d, want %d", stranger.Process.Pid, pid)
	}
	hits := func() (err error) {
		for name, hit := range map[string]func() error{"kill": p.Kill, "terminate": p.Terminate, "interrupt": p.Interrupt} {
			if err := hit(); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	}

	if err := hits(); err != nil {
		t.Errorf("when it is reaped: %v", err)
	}
	<-p.Ended()
	free()
	if err := hits(); err != nil {
		t.Errorf("later: %v", err)
	}
	KillChildren()
	// A signal that had been sent would have come before this one.
	if err := stranger.Process.Signal(syscall.SIGUSR1); err != nil {
		t.Errorf("the stranger is gone: %v", err)
	}
	if err := <-ended; err == nil || err.Error() != "signal: user defined signal 1" {
		t.Errorf("the stranger ended by %v", err)
	}
}
