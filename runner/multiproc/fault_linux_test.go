package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// An affliction is a task that something happens to.
type affliction struct {
	ID     int
	Ledger string // file that each run of a task is written down in; empty for none
	How    string
}

var afflicted = Func("afflicted", func(_ context.Context, a affliction) ([]byte, error) {
	if err := a.enter(); err != nil {
		return nil, err
	}
	return a.suffer()
})

// enter writes down that the task runs. One short write to the end of a file is
// whole, whoever else writes.
func (a affliction) enter() error {
	if a.Ledger == "" {
		return nil
	}
	f, err := os.OpenFile(a.Ledger, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, a.ID)
	return errors.Join(err, f.Close())
}

// largeResult is more than any pipe holds, in bytes.
const largeResult = 4 << 20

// suffer does to the process what the affliction says, and returns the task's
// number, with something large behind it where that is what it is about.
func (a affliction) suffer() ([]byte, error) {
	result := []byte(strconv.Itoa(a.ID))
	switch a.How {
	case "kill":
		return nil, hitMyself(syscall.SIGKILL)
	case "stop":
		return nil, hitMyself(syscall.SIGSTOP)
	case "terminate":
		return nil, hitMyself(syscall.SIGTERM)
	case "exit":
		os.Exit(21)
	case "panic":
		panic("afflicted")
	case "goexit":
		runtime.Goexit()
	case "error":
		return nil, errors.New("afflicted")
	case "no descriptors":
		return nil, openTooMany()
	case "closed stdio":
		for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
			_ = f.Close() // a task before this one may have done it
		}
		return result, nil
	case "large":
		return append(result, make([]byte, largeResult)...), nil
	case "kill while sending", "stop while sending":
		sig := syscall.SIGKILL
		if strings.HasPrefix(a.How, "stop") {
			sig = syscall.SIGSTOP
		}
		from, err := written()
		if err != nil {
			return nil, err
		}
		go func() {
			for { // until the first part of the result is in the pipe
				if n, err := written(); err != nil || n > from+8<<10 {
					_ = hitMyself(sig)
				}
			}
		}()
		return append(result, make([]byte, largeResult)...), nil
	}
	return result, nil
}

// hitMyself sends this process a signal and does not go on while it takes effect.
func hitMyself(sig syscall.Signal) error {
	if err := syscall.Kill(os.Getpid(), sig); err != nil {
		return err
	}
	select {}
}

// written is how many bytes this process has ever written.
func written() (n int, err error) {
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(b), "wchar: ")
	_, err = fmt.Sscan(after, &n)
	return n, err
}

// openTooMany runs out of descriptors, and gives them back.
func openTooMany() error {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		return err
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) }()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 3, Max: before.Max}); err != nil {
		return err
	}
	f, err := os.Open(os.DevNull)
	if err == nil {
		return errors.Join(errors.New("there was one more"), f.Close())
	}
	return err
}

// faultTimeout ends stopped tasks. It is long enough for healthy ones.
const faultTimeout = 2 * time.Second

// TestFaultsInATask has one of eight tasks suffer, alone and together with
// others in a chunk, and asks that the others come to no harm.
func TestFaultsInATask(t *testing.T) {
	for how, want := range map[string]string{
		"kill":               "signal: killed",
		"stop":               ErrTaskTimeout.Error(),
		"terminate":          "signal: terminated",
		"exit":               "exit status 21",
		"panic":              "panic: afflicted",
		"goexit":             "Goexit",
		"error":              "afflicted",
		"no descriptors":     "too many open files",
		"closed stdio":       "",
		"large":              "",
		"kill while sending": "signal: killed",
		"stop while sending": ErrTaskTimeout.Error(),
	} {
		t.Run(strings.ReplaceAll(how, " ", "_"), func(t *testing.T) {
			leavesNothing(t)
			p := newPool(t, PoolOptions{TaskTimeout: faultTimeout})
			for _, chunk := range []int{1, 8} {
				tasks := make([]affliction, 8)
				for i := range tasks {
					tasks[i].ID = i
				}
				tasks[2].How = how
				got, err := Map(soon(t), p, afflicted, tasks, MapOptions{Chunk: chunk})
				var task *TaskError
				if want != "" && (!errors.As(err, &task) || task.Index != 2 || !strings.Contains(task.Error(), want)) {
					t.Errorf("%v, want %s", err, want)
				}
				for i, b := range got {
					if id := strconv.Itoa(i); !strings.HasPrefix(string(b), id) && (i != 2 || want == "") {
						t.Errorf("chunks of %d: task %d has the result %.10q, %v", chunk, i, b, err)
					}
				}
			}
		})
	}
}

// hit sends a signal to a worker's process, if it has one. It goes by the handle,
// which no other process can come to have.
func (w *worker) hit(sig os.Signal) {
	if c := w.process(); c != nil {
		_ = c.proc.Signal(sig) // it may have ended
	}
}

// hitAll sends a signal to all workers.
func hitAll(p *Pool, sig os.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		w.hit(sig)
	}
}

// awaitState waits until the workers have stopped, if that is what the signal
// does: it takes a moment, in which they could do their tasks.
func awaitState(t *testing.T, p *Pool, sig os.Signal) {
	t.Helper()
	if sig != syscall.SIGSTOP {
		return
	}
	for _, pid := range p.PIDs() {
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			if err != nil || strings.Contains(string(b), ") T ") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("process %d does not stop: %s", pid, b)
			}
		}
	}
}

// TestFaultsBeforeATaskIsTaken hits workers that are starting, or wait.
func TestFaultsBeforeATaskIsTaken(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSTOP} {
		for _, warm := range []bool{false, true} {
			for _, size := range []int{10, 1 << 20} { // which a stopped worker does not take in
				t.Run(fmt.Sprintf("%s,warm=%v,size=%d", sig, warm, size), func(t *testing.T) {
					leavesNothing(t)
					p := newPool(t, PoolOptions{TaskTimeout: faultTimeout, SetupTimeout: faultTimeout})
					if warm {
						if _, err := Map(soon(t), p, length, make([][]byte, 10), MapOptions{Chunk: 1}); err != nil {
							t.Fatal(err)
						}
					}
					hitAll(p, sig)
					awaitState(t, p, sig)
					tasks := make([][]byte, 10)
					for i := range tasks {
						tasks[i] = make([]byte, size)
					}
					got, err := Map(soon(t), p, length, tasks, MapOptions{Chunk: 2})
					for i, n := range got {
						if n != size && err == nil {
							t.Errorf("task %d: %d", i, n)
						}
					}
					// A worker that is dead when it gets its task has not begun it;
					// one that is stopped might have. Each costs one task at most.
					if n := failures(err); n > 2 {
						t.Errorf("%d tasks fail for 2 workers: %v", n, err)
					}
					if warm && sig == syscall.SIGSTOP && !errors.Is(err, ErrTaskTimeout) { // one was ready at least
						t.Errorf("no task was given to a stopped worker: %v", err)
					}
				})
			}
		}
	}
}

// failures is how many tasks have failed.
func failures(err error) int {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return 0
	}
	return len(joined.Unwrap())
}

var afflictedTeardown = InitializerFunc("afflictedTeardown",
	func(_ context.Context, how string) (affliction, error) { return affliction{How: how}, nil },
	func(a affliction) error { _, err := a.suffer(); return err })

// TestFaultsAtShutdown hits workers in their finalizers, and while a large
// result is on its way from a pool that is closed or terminated.
func TestFaultsAtShutdown(t *testing.T) {
	for _, how := range []string{"kill", "stop", "exit", "panic", "goexit", "error", "closed stdio"} {
		for _, last := range []string{"", "kill while sending", "large"} {
			t.Run(strings.ReplaceAll(how+" after "+last, " ", "_"), func(t *testing.T) {
				leavesNothing(t)
				p := newPool(t, PoolOptions{Initializer: afflictedTeardown.With(how), SetupTimeout: faultTimeout})
				f := ApplyAsync(p, afflicted, affliction{How: last})
				p.Close()
				if err := p.Join(soon(t)); err != nil {
					t.Error(err)
				}
				if _, err := f.Get(soon(t)); (err != nil) != (last == "kill while sending") {
					t.Errorf("the last task: %v", err)
				}
			})
		}
	}
	t.Run("terminate", func(t *testing.T) {
		leavesNothing(t)
		p := newPool(t, PoolOptions{Workers: 4})
		all := MapAsync(p, afflicted, make([]affliction, 100), MapOptions{Chunk: 10})
		some := MapAsync(p, afflicted, []affliction{{How: "large"}, {How: "stop"}, {How: "kill while sending"}, {How: "stop while sending"}}, MapOptions{Chunk: 1})
		if _, err := Apply(soon(t), p, afflicted, affliction{How: "large"}); err != nil {
			t.Error(err)
		}
		p.Terminate()
		if err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
		<-all.Done()
		if _, err := some.Get(soon(t)); !errors.Is(err, ErrTerminated) {
			t.Errorf("%v", err)
		}
	})
}

// lead is a worker's parent that is about to die: it runs tasks that have
// children of their own, and does not come back.
var lead = Func("lead", func(ctx context.Context, _ int) (int, error) {
	p, err := NewPool(ctx, PoolOptions{Workers: 2})
	if err != nil {
		return 0, err
	}
	_, err = Map(ctx, p, waitForAChild, make([]int, 2), MapOptions{Chunk: 1})
	return 0, err
})

var waitForAChild = Func("waitForAChild", func(ctx context.Context, _ int) (int, error) {
	p, err := sleepFor.Start(time.Hour, Options{})
	if err != nil {
		return 0, err
	}
	return p.Join(ctx)
})

// What others suffer: orphans when the parent is killed.
func TestTheWorkersOfADeadParentEndWithTheirChildren(t *testing.T) {
	leavesNothing(t)
	for _, stopped := range []bool{false, true} {
		p := mustStart(t, lead, 0, Options{})
		// The first start of a Go process tries the system out with a child
		// that ends at once, so that one look is not enough.
		var all, before []int
		for deadline := time.Now().Add(time.Minute); len(all) < 4 || !slices.Equal(all, before); time.Sleep(time.Millisecond) {
			before = all
			if all = descendants(p.PID()); time.Now().After(deadline) {
				t.Fatalf("%d descendants", len(all))
			}
		}
		if stopped { // then only the kernel can end them
			for _, pid := range all[1:3] {
				if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		<-p.Ended()
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
			left := 0
			for _, pid := range all {
				if alive(pid) {
					left++
				}
			}
			if left == 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("stopped=%v: %d of %v live on", stopped, left, all)
			}
		}
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

// starved tries to make a pool for which there are not enough descriptors, then
// one that loses workers that it cannot replace for the same reason.
var starved = Func("starved", func(ctx context.Context, most uint64) (string, error) {
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
	after, err := takeCensus()
	if err != nil {
		return "", err
	}
	if after.children > 0 || after.descriptors > before.descriptors {
		return "", fmt.Errorf("%+v, before %+v", after, before)
	}
	return failed.Error(), nil
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
