//go:build unix

package multiproc

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// heldTask is a task that says that it has begun, and ends when it may.
type heldTask struct {
	ID    int
	Begun *Semaphore
	Go    *Event
}

var finishLater = Func("heldTask", func(ctx context.Context, h heldTask) (int, error) {
	if err := h.Begun.Release(); err != nil {
		return 0, err
	}
	return h.ID, h.Go.Wait(ctx)
})

var meet = Func("meet", func(ctx context.Context, b *Barrier) (int, error) { return b.Wait(ctx) })

// What others suffer: Ctrl-C hangs the pool. The terminal sends it to the whole
// group of a program: the workers, busy or not, leave it to the parent, which
// here has the tasks in hand finished and ends in order.
func TestCtrlCForTheWholeGroup(t *testing.T) {
	if isAgain(t) {
		beInterrupted(t)
		return
	}
	cmd := runAgain(t)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said = append(said, lines.Text())
		if strings.HasSuffix(lines.Text(), atWork) {
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Error(err)
			}
		}
	}
	err = cmd.Wait()
	t.Logf("in process %d:\n%s\n%s", cmd.Process.Pid, strings.Join(said, "\n"), &errs)
	if err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); err == nil {
		t.Error("somebody of its group lives on")
	}
}

// atWork is what a program says that is to be interrupted.
const atWork = "at work"

// beInterrupted is a program with a pool, of which some workers have a task in
// hand when the signal comes.
func beInterrupted(t *testing.T) {
	t.Helper()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	begun, err := NewSemaphore(0)
	if err != nil {
		t.Fatal(err)
	}
	defer begun.Close()
	goOn := NewEvent()
	defer goOn.Close()
	p := newPool(t, PoolOptions{Workers: 3})
	// A process that has just been started may not have come to ignore it yet:
	// each of these tasks waits for the two others.
	everybody, err := NewBarrier(3)
	if err != nil {
		t.Fatal(err)
	}
	defer everybody.Close()
	if _, err := Map(soon(t), p, meet, []*Barrier{everybody, everybody, everybody}, MapOptions{Chunk: 1}); err != nil {
		t.Fatal(err)
	}
	before := p.PIDs()
	all := MapAsync(p, finishLater, []heldTask{{0, begun, goOn}, {1, begun, goOn}}, MapOptions{Chunk: 1})
	for range 2 {
		if err := begun.Acquire(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stdout.WriteString(atWork + "\n"); err != nil {
		t.Fatal(err)
	}
	<-interrupts
	if err := goOn.Set(); err != nil {
		t.Fatal(err)
	}
	if got, err := all.Get(soon(t)); !slices.Equal(got, []int{0, 1}) || err != nil {
		t.Errorf("the tasks in hand: %v, %v", got, err)
	}
	if after := p.PIDs(); !slices.Equal(before, after) {
		t.Errorf("workers %v, before %v", after, before)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
}

// A worker that gets the signal by itself leaves it to the parent as well.
func TestAWorkerLeavesAnInterruptToTheParent(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	if _, err := Apply(soon(t), p, double, 1); err != nil { // it is up
		t.Fatal(err)
	}
	before := p.PIDs()
	hitAll(p, syscall.SIGINT)
	if got, err := Map(soon(t), p, double, upTo(10), MapOptions{}); len(got) != 10 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
	if after := p.PIDs(); !slices.Equal(before, after) {
		t.Errorf("workers %v, before %v", after, before)
	}
}
