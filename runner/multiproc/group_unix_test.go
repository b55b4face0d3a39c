//go:build unix && !solaris && !illumos

package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"testing"
)

// ownGroup has a program be as a shell starts it.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// hostThatIsInterrupted has a pool, and takes Ctrl-C as a reason to use it.
func hostThatIsInterrupted(t *testing.T) {
	t.Helper()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	p := newPool(t, PoolOptions{Workers: 2})
	if _, err := Map(soon(t), p, double, upTo(10), MapOptions{}); err != nil {
		t.Fatal(err)
	}
	before := p.PIDs()
	fmt.Println("ready")
	<-interrupted
	got, err := Map(soon(t), p, double, upTo(10), MapOptions{})
	fmt.Println("after it", len(got), err, slices.Equal(before, p.PIDs()))
}

// What others suffer: Ctrl-C hangs the pool. It goes to the parent alone.
func TestCtrlCIsTheParentsBusiness(t *testing.T) {
	w := newWatch(t)
	host := startHost(t, "Ctrl-C", w)
	w.line(t, "ready")
	if err := syscall.Kill(-host.Process.Pid, syscall.SIGINT); err != nil { // as the terminal does
		t.Fatal(err)
	}
	if got, want := w.line(t, "after it"), "after it 10 <nil> true"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	w.seesTheEnd(t)
}

// A stopped process sees no end of a lifeline.
func TestEverythingEndsWithAParentThatIsKilledAlsoWhereItIsStopped(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a stopped child that its parent has died")
	}
	w := newWatch(t)
	host := startHost(t, "wait", w)
	var group int
	if _, err := fmt.Sscan(w.line(t, "up")[len("up"):], &group); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Kill(-group, syscall.SIGSTOP), host.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	w.seesTheEnd(t)
}

// groups says which process groups this process and a child of it are in.
var groups = Func("groups", func(ctx context.Context, down bool) ([]int, error) {
	all := []int{syscall.Getpgrp()}
	if !down {
		return all, nil
	}
	p, err := groupsAgain.Start(false, Options{})
	if err != nil {
		return nil, err
	}
	below, err := p.Join(ctx)
	return append(all, below...), err
})

var groupsAgain = Function[bool, []int]{name: "groups"} // Go has no other way to name it in itself

func TestAChildAndItsDescendantsAreOneProcessGroup(t *testing.T) {
	p := mustStart(t, groups, true, Options{})
	got, err := p.Join(soon(t))
	if want := []int{p.PID(), p.PID()}; !slices.Equal(got, want) || err != nil {
		t.Errorf("groups %d, %v; want %d", got, err, want)
	}
}

// blocking tells whether a file is one.
func blocking(t *testing.T, f *os.File) bool {
	t.Helper()
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var flags uintptr
	if err := raw.Control(func(fd uintptr) {
		flags, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFL, 0)
	}); err != nil {
		t.Fatal(err)
	}
	return flags&syscall.O_NONBLOCK == 0
}

// The mode of an open file is that of all processes that have it: a shell whose
// terminal was made nonblocking loses output.
func TestFilesOfUsersStayBlockingOrNot(t *testing.T) {
	fds := make([]int, 2)
	if err := syscall.Pipe(fds); err != nil {
		t.Fatal(err)
	}
	r1, w1 := os.NewFile(uintptr(fds[0]), "r1"), os.NewFile(uintptr(fds[1]), "w1")
	r2, w2, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	files := map[*os.File]bool{r1: true, w1: true, r2: false, w2: false}
	defer func() {
		for f := range files {
			_ = f.Close()
		}
	}()
	if _, err := mustStart(t, takesFiles, []File{{r1}, {w1}, {r2}, {w2}}, Options{}).Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	here, there := mustSocketPair(t)
	for f, want := range files {
		if got := blocking(t, f); got != want {
			t.Errorf("handed to a child: blocking=%v, was %v", got, want)
		}
		if err := here.SendFile(soon(t), f); err != nil {
			t.Fatal(err)
		}
		received, err := there.RecvFile(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := blocking(t, f); got != want {
			t.Errorf("sent: blocking=%v, was %v", got, want)
		}
		if err := received.Close(); err != nil {
			t.Error(err)
		}
	}
}

var takesFiles = Func("takesFiles", func(_ context.Context, files []File) (int, error) { return len(files), nil })
