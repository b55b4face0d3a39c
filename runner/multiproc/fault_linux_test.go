package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// systemFault returns what does to this process what is possible here; nil if
// how is unknown.
func systemFault(how string) func(result []byte) ([]byte, error) {
	switch how {
	case "kill while sending":
		return whileSending(inParts, func() error { return hitMyself(syscall.SIGKILL) })
	case "stop while sending":
		return whileSending(inParts, func() error { return hitMyself(syscall.SIGSTOP) })
	case "stop before reading":
		return whileSending(0, func() error { return hitMyself(syscall.SIGSTOP) })
	case "exit while sending":
		return whileSending(inParts, func() error { os.Exit(21); return nil })
	case "panic while sending":
		return whileSending(inParts, func() error { return errors.New("afflicted") })
	case "no descriptors while sending":
		return whileSending(inParts, leaveNoDescriptors)
	case "closed stdio while sending":
		return whileSending(inParts, func() error { closeStdio(); return nil })
	case "full shared memory while sending":
		return whileSending(inParts, func() error {
			if err := wantSharedMemory(); !errors.Is(err, syscall.ENOSPC) {
				return err
			}
			return nil
		})
	case "full shared memory":
		return func([]byte) ([]byte, error) { return nil, wantSharedMemory() }
	}
	return unixFault(how)
}

// wantSharedMemory is for a process that is not to get any.
func wantSharedMemory() error {
	m, err := CreateSharedMemory(fmt.Sprintf("test-%s-%d", testsPID(), os.Getpid()), 1<<20)
	if err != nil {
		return err
	}
	return errors.Join(errors.New("there was room"), m.Close(), m.Unlink())
}

// whileSending has another goroutine strike when a part of the result is where
// the pool sees it; of one that is not large, that is all of it. An error is one
// that this process does not survive.
func whileSending(size int, strike func() error) func(result []byte) ([]byte, error) {
	return func(result []byte) ([]byte, error) {
		sent, err := watchSent()
		if err != nil {
			return nil, err
		}
		from := sent()
		go func() {
			for sent() == from {
				runtime.Gosched()
			}
			if err := strike(); err != nil {
				panic(err)
			}
		}()
		return append(result, make([]byte, size)...), nil
	}
}

// sendToTheStopped stops the parent of this process and then returns a result that
// does not go out whole. Strike is called when a part of it has.
func sendToTheStopped(strike func() error) ([]byte, error) {
	parent := os.Getppid()
	if err := syscall.Kill(parent, syscall.SIGSTOP); err != nil {
		return nil, err
	}
	for !isStopped(parent) {
		runtime.Gosched()
	}
	return whileSending(inParts, strike)(nil)
}

// awaitStop waits until a process has stopped: it takes a moment, in which it
// could do its task.
func awaitStop(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "stopped", func() bool { return isStopped(pid) })
}

// isStopped tells whether a process has stopped, or is gone.
func isStopped(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || strings.Contains(string(b), ") T ")
}

// starved tries to make a pool for which there are not enough descriptors, then
// one that loses workers that it cannot replace for the same reason.
var starved = Func("starved", func(ctx context.Context, most uint64) (string, error) {
	if _, err := common(); err != nil { // which it keeps
		return "", err
	}
	before, err := takeCensus()
	if err != nil {
		return "", err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return "", err
	}
	set := func(n uint64) error {
		return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: limit.Max})
	}
	if err := set(most); err != nil {
		return "", err
	}
	_, failed := NewPool(ctx, PoolOptions{Workers: 10})
	if failed == nil {
		return "", errors.New("ten workers, although there are not enough descriptors")
	}
	if err := set(limit.Cur); err != nil {
		return "", err
	}
	// What looks after a process that has ended lets go of it a moment later.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		after, err := takeCensus()
		if err != nil {
			return "", err
		}
		if after.children == 0 && after.descriptors <= before.descriptors {
			return failed.Error(), nil
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("%+v, before %+v", after, before)
		}
	}
})

func TestPyReleaseUnusedProcesses(t *testing.T) {
	if _, err := mustStart(t, square, 1, Options{}).Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	for _, most := range []uint64{14, 16, 20, 24, 29, 30, 31, 32, 33} {
		text, err := mustStart(t, starved, most, Options{}).Join(soon(t))
		if err != nil || !strings.Contains(text, "too many open files") {
			t.Errorf("%d descriptors: %q, %v", most, text, err)
		}
	}
}

// outOfDescriptors loses all workers while there are no descriptors for new
// ones, and gets them back.
var outOfDescriptors = Func("outOfDescriptors", func(ctx context.Context, ever bool) (string, error) {
	p, err := NewPool(ctx, PoolOptions{Workers: 2})
	if err != nil {
		return "", err
	}
	if _, err := Map(ctx, p, double, upTo(10), MapOptions{Chunk: 1}); err != nil {
		return "", err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return "", err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 3, Max: limit.Max}); err != nil {
		return "", err
	}
	hitAll(p, syscall.SIGKILL)
	for len(p.PIDs()) > 0 {
		runtime.Gosched()
	}
	f := MapAsync(p, double, upTo(10), MapOptions{Chunk: 1})
	for p.failures.Load() < 2 { // starts have failed
		runtime.Gosched()
	}
	if !ever {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			return "", err
		}
	}
	if _, err := f.Get(ctx); err != nil {
		return err.Error(), nil
	}
	return "", nil
})

func TestAPoolOutlivesAWantOfDescriptors(t *testing.T) {
	if text, err := mustStart(t, outOfDescriptors, false, Options{}).Join(soon(t)); text != "" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	text, err := mustStart(t, outOfDescriptors, true, Options{}).Join(soon(t))
	if !strings.Contains(text, "the pool has no workers") || !strings.Contains(text, "too many open files") || err != nil {
		t.Errorf("if it does not end: %q, %v", text, err)
	}
}
