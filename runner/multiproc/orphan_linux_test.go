package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What only the kernel can end: processes that are stopped, and so do not see
// that their parent is gone.
func TestStoppedDescendantsOfADeadParentEnd(t *testing.T) {
	leavesNothing(t)
	v := newVigil(t)
	p := mustStart(t, lead, station{inTask, v.address()}, Options{})
	v.await(6)
	all := descendants(p.PID())
	if len(all) != 6 {
		t.Fatalf("%d descendants", len(all))
	}
	t.Cleanup(func() {
		for _, pid := range all {
			if t.Failed() && descends(strconv.Itoa(pid)) { // they would stay for ever
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	})
	for _, pid := range all {
		stopProcess(t, pid)
		awaitStop(t, pid)
	}
	killed := time.Now()
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	<-p.Ended()
	v.awaitTheEnd()
	t.Logf("all six have ended %s after the kill", v.lastEnd().Sub(killed).Round(time.Millisecond))
	for _, pid := range all {
		eventually(t, "gone", func() bool { return !alive(pid) })
	}
}

// descendants returns the ids of the processes under one, parents first.
func descendants(pid int) (all []int) {
	tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		return nil
	}
	var children []int
	for _, task := range tasks {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", pid, task.Name()))
		if err != nil {
			continue
		}
		for text := range strings.FieldsSeq(string(b)) {
			if child, err := strconv.Atoi(text); err == nil {
				children = append(children, child)
			}
		}
	}
	all = children
	for _, child := range children {
		all = append(all, descendants(child)...)
	}
	return all
}

// A holdOn is how a child leaves somebody behind who has its pipe.
type holdOn struct {
	Stdin  File // at its end, that one goes
	Status int  // that the child exits with; 0 if it returns
}

var holdsOn = Func("holdsOn", func(_ context.Context, h holdOn) (int, error) {
	cmd, err := lingerer("stdin")
	if err != nil {
		return 0, err
	}
	cmd.Stdin, cmd.ExtraFiles = h.Stdin.File, []*os.File{upward.out}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it does not end with its starter
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	if h.Status != 0 {
		os.Exit(h.Status)
	}
	return 42, nil
})

// The pipe has no end then.
func TestAChildIsReapedWhoeverHasItsPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	if n, err := mustStart(t, holdsOn, holdOn{Stdin: File{r}}, Options{}).Join(soon(t)); n != 42 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	var exit *ExitError
	if _, err := mustStart(t, holdsOn, holdOn{File{r}, 7}, Options{}).Join(soon(t)); !errors.As(err, &exit) || exit.Code != 7 {
		t.Errorf("%v", err)
	}
}

var howInterrupted = Func("howInterrupted", func(ctx context.Context, _ int) (string, error) {
	b, err := exec.CommandContext(ctx, "grep", "SigIgn", "/proc/self/status").Output()
	return strings.TrimSpace(strings.TrimPrefix(string(b), "SigIgn:")), err
})

// A program that ignores SIGINT is one that Ctrl-C never ends.
func TestWhatAChildRunsDoesNotIgnoreInterrupts(t *testing.T) {
	s, err := mustStart(t, howInterrupted, 0, Options{}).Join(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := strconv.ParseUint(s, 16, 64)
	if bit := uint64(1) << (syscall.SIGINT - 1); ignored&bit != 0 || err != nil {
		t.Errorf("signals %x are ignored, %v", ignored, err)
	}
}

// alive tells whether a process exists and is no zombie.
func alive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func TestNothingIsLeftOfEndedChildren(t *testing.T) {
	run := func() {
		if _, err := mustStart(t, square, 3, Options{}).Join(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run()
	before := descriptors(t)
	for range 20 {
		run()
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors, there were %d", after, before)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// staysDeaf ignores interrupts before anybody else sees to them, and says whether it
// still does when that has happened.
var staysDeaf = Func("staysDeaf", func(context.Context, int) (bool, error) {
	signal.Ignore(os.Interrupt)
	leaveInterrupts()
	return signal.Ignored(os.Interrupt), nil
})

func TestAFunctionMayIgnoreInterrupts(t *testing.T) {
	if deaf, err := mustStart(t, staysDeaf, 0, Options{}).Join(soon(t)); !deaf || err != nil {
		t.Errorf("it does so: %t, %v", deaf, err)
	}
}
