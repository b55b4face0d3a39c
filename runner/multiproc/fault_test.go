package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An affliction is a task that something happens to.
type affliction struct {
	ID     int
	Ledger string // folder in which each run of a task is written down; empty for none
	How    string
	Vigil  string // address at which descendants of the task say that they live; empty for none
	Load   []byte // for the sake of its size
}

var afflicted = Func("afflicted", func(_ context.Context, a affliction) ([]byte, error) {
	if err := a.enter(); err != nil {
		return nil, err
	}
	return a.suffer()
})

// enter writes down that the task runs.
func (a affliction) enter() error {
	if a.Ledger == "" {
		return nil
	}
	return enterInto(a.Ledger, a.ID)
}

// largeResult is more than any pipe holds, in bytes.
const largeResult = 4 << 20

// inParts is the size in bytes of a message that does not go out whole.
const inParts = roomBytes + 4*largeResult

// suffer does to the process what the affliction says, and returns the task's
// number, with something large behind it where that is what it is about.
func (a affliction) suffer() ([]byte, error) {
	result := []byte(strconv.Itoa(a.ID))
	switch a.How {
	case "":
	case "kill":
		return nil, killMyself()
	case "exit":
		os.Exit(21)
	case "panic":
		panic("afflicted")
	case "goexit":
		runtime.Goexit()
	case "error":
		return nil, errors.New("afflicted")
	case "kill with descendants":
		if err := foundLineage(context.Background(), lineage{Depth: 2, Vigil: a.Vigil}); err != nil {
			return nil, err
		}
		return nil, killMyself()
	case "closed stdio":
		closeStdio()
	case "no end":
		select {}
	case "large":
		return append(result, make([]byte, largeResult)...), nil
	default:
		do := systemFault(a.How)
		if do == nil {
			return nil, errors.New("nobody knows how to " + a.How)
		}
		return do(result)
	}
	return result, nil
}

func closeStdio() {
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		_ = f.Close() // a task before this one may have done it
	}
}

// killMyself ends this process as nobody can prevent, and does not come back.
func killMyself() error {
	p, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		return err
	}
	select {}
}

// commonFaults are known on every system.
var commonFaults = []string{"kill", "exit", "panic", "goexit", "error", "kill with descendants"}

// moreFaults are known only where there is what they take.
var moreFaults = []struct{ how, takes string }{
	{"terminate", "signals"},
	{"no descriptors", "a limit of descriptors"},
	{"stop", "signals"},
	{"stop while sending", "signals, and to be told what was written"},
	{"stop before reading", "signals, and to be told what was written"},
	{"kill while sending", "to be told what was written"},
	{"exit while sending", "to be told what was written"},
	{"panic while sending", "to be told what was written"},
}

// quietFaults are as moreFaults, and those whose task has its result all the same.
var quietFaults = []struct{ how, takes string }{
	{"no descriptors from now on", "a limit of descriptors"},
	{"no descriptors while sending", "a limit of descriptors, and to be told what was written"},
	{"closed stdio while sending", "to be told what was written"},
}

// The stages of a task's life, and where each fault is tried in them. "F" is a
// test of this file, "S" TestAFullSharedMemoryIsAnErrorOfItsUser, and "L" one of
// lineage_test.go.
//
//	                 before a task is taken     in work           while sending     at shutdown
//	SIGKILL          F: before a task,          F: in a task      F: in a task      F: at shutdown
//	                 before the first
//	SIGSTOP          F: before a task,          F: in a task      F: in a task      F: at shutdown
//	                 before the first
//	SIGTERM          F: before the first        F: in a task      as SIGKILL        as SIGKILL
//	exit, panic      F: before the first        F: in a task      F: in a task      F: at shutdown
//	Goexit, error    F: before the first        F: in a task      -                 F: at shutdown
//	no descriptors   F: before the first        F: in a task      F: in a task      F: at shutdown
//	full pipe        F: before a task           F: in a task      F: in a task      F: at shutdown
//	closed stdio     F: before the first        F: in a task      F: in a task      F: at shutdown
//	full /dev/shm    S                          S                 S                 S
//	parent killed    L                          L                 L                 L
//
// A signal that ends a process at once does that whatever the process is at, so
// one of them is enough. Goexit and an error are ends of a function, which has
// ended when its result is sent; those of another goroutine are nobody's. Between
// the initializer and the first task there is no function either, nor are there
// messages that could fill a pipe before there is an argument. A process that is
// stopped there does get a task, which TestFaultsBeforeATaskIsTaken counts.

// takes skips a test of a fault that this system is not able to.
func takes(t *testing.T, how string) {
	t.Helper()
	for _, f := range slices.Concat(moreFaults, quietFaults) {
		if f.how == how && systemFault(how) == nil {
			t.Skipf("%s takes %s: not on %s", how, f.takes, runtime.GOOS)
		}
	}
}

// A cutting is a large thing that a child sends up the trunk, of which only a
// part arrives, for the child is killed meanwhile.
type cutting struct {
	Queue *Queue[[][]byte]
	Put   bool // into the queue; otherwise the thing is the answer
}

var cutOff = Func("cutOff", func(ctx context.Context, c cutting) ([]byte, error) {
	const whole, part = 8 << 20, 1 << 20
	from, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	upward.writing.Lock()
	trunk := upward.out
	upward.out = to
	upward.writing.Unlock()
	go func() {
		_, _ = io.CopyN(trunk, from, part) // what the parent makes of it is what the test is about
		_ = killMyself()
	}()
	if c.Put {
		return nil, c.Queue.Put(ctx, [][]byte{make([]byte, whole)}) // as a document, which goes whole
	}
	return make([]byte, whole), nil
})

func TestADeathInTheMiddleOfAFrameSaysHow(t *testing.T) {
	leavesNothing(t)
	q := newQueue[[][]byte](t, 0)
	for what, end := range map[string]func() error{
		"a child sends its answer": func() error {
			_, err := mustStart(t, cutOff, cutting{Queue: q}, Options{}).Join(soon(t))
			return err
		},
		"a child puts": func() error {
			_, err := mustStart(t, cutOff, cutting{q, true}, Options{}).Join(soon(t))
			return err
		},
		"a task puts": func() error {
			_, err := Apply(soon(t), newPool(t, PoolOptions{Workers: 1}), cutOff, cutting{q, true})
			return err
		},
	} {
		err := end()
		var exit *ExitError
		if !errors.As(err, &exit) || !strings.Contains(exit.How, killedText) {
			t.Errorf("killed while %s: %v", what, err)
		}
		if n, err := q.Len(); n != 0 || err != nil {
			t.Errorf("killed while %s: %d values are in the queue, %v", what, n, err)
		}
	}
}

// faultTimeout ends stopped tasks. It is long enough for healthy ones.
const faultTimeout = 2 * time.Second

// TestFaultsInATask has one of eight tasks suffer, alone and together with
// others in a chunk, and asks that the others come to no harm.
func TestFaultsInATask(t *testing.T) {
	for how, want := range map[string]string{
		"kill":                         killedText,
		"stop":                         ErrTaskTimeout.Error(),
		"terminate":                    "signal: terminated",
		"exit":                         "exit status 21",
		"panic":                        "panic: afflicted",
		"goexit":                       "Goexit",
		"error":                        "afflicted",
		"no descriptors":               "too many open files",
		"kill with descendants":        killedText,
		"closed stdio":                 "",
		"large":                        "",
		"kill while sending":           killedText,
		"stop while sending":           ErrTaskTimeout.Error(),
		"exit while sending":           "exit status 21",
		"panic while sending":          "exit status 2",
		"no descriptors from now on":   "",
		"no descriptors while sending": "",
		"closed stdio while sending":   "",
	} {
		t.Run(strings.ReplaceAll(how, " ", "_"), func(t *testing.T) {
			takes(t, how)
			if testing.Short() && strings.HasSuffix(how, "while sending") && how != "kill while sending" {
				t.Skip("-short: each fault has a pool of its own, and other cases strike this one too")
			}
			leavesNothing(t)
			sufferAmongEight(t, how, want)
		})
	}
}

// sufferAmongEight has one of eight tasks end with an error, or with a result
// if want is empty, and the others with their results.
func sufferAmongEight(t *testing.T, how, want string) {
	t.Helper()
	v := newVigil(t)
	o := PoolOptions{Stderr: nowhere(t)}
	if want == ErrTaskTimeout.Error() { // others may send a lot, on a machine that is busy
		o.TaskTimeout = faultTimeout
	}
	chunks := []int{8, 1}
	if testing.Short() {
		chunks = chunks[:1]
	}
	for _, chunk := range chunks {
		p := newPool(t, o) // a worker that has been struck may not bear it twice
		tasks := make([]affliction, 8)
		for i := range tasks {
			tasks[i].ID = i
		}
		tasks[2].How, tasks[2].Vigil = how, v.address()
		got, err := Map(soon(t), p, afflicted, tasks, MapOptions{Chunk: chunk})
		var task *TaskError
		if want != "" && (!errors.As(err, &task) || task.Index != 2 || !strings.Contains(task.Error(), want) || failures(err) != 1) {
			t.Errorf("%v, want %s", err, want)
		}
		for i, b := range got {
			if id := strconv.Itoa(i); !strings.HasPrefix(string(b), id) && (i != 2 || want == "") {
				t.Errorf("chunks of %d: task %d has the result %.10q, %v", chunk, i, b, err)
			}
		}
	}
	v.awaitTheEnd()
}

// nowhere is for what processes say that panic.
func nowhere(t *testing.T) *os.File {
	t.Helper()
	f, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // nobody has anything there
	return f
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

// TestFaultsBeforeATaskIsTaken hits workers that are starting, or wait. A large
// argument is more than a pipe holds: the parent is still sending it when the
// worker does not read on.
func TestFaultsBeforeATaskIsTaken(t *testing.T) {
	for _, stop := range []bool{false, true} {
		for _, warm := range []bool{false, true} {
			for _, size := range []int{10, 1 << 20} {
				t.Run(fmt.Sprintf("stop=%v,warm=%v,size=%d", stop, warm, size), func(t *testing.T) {
					if stop {
						takes(t, "stop")
						if testing.Short() && (!warm || size == 10) {
							t.Skip("takes seconds")
						}
					}
					leavesNothing(t)
					faultsBefore(t, stop, warm, size)
				})
			}
		}
	}
}

func faultsBefore(t *testing.T, stop, warm bool, size int) {
	t.Helper()
	p := newPool(t, PoolOptions{TaskTimeout: faultTimeout, SetupTimeout: faultTimeout})
	if warm {
		if _, err := Map(soon(t), p, length, make([][]byte, 10), MapOptions{Chunk: 1}); err != nil {
			t.Fatal(err)
		}
	}
	if stop {
		stopAll(t, p)
	} else {
		hitAll(p, os.Kill)
	}
	tasks := make([][]byte, 10)
	for i := range tasks {
		tasks[i] = make([]byte, size)
	}
	got, err := Map(soon(t), p, length, tasks, MapOptions{Chunk: 2})
	failed := failures(err)
	if err != nil && failed == 0 {
		t.Fatal(err)
	}
	right := 0
	for _, n := range got {
		if n == size {
			right++
		}
	}
	if right+failed != len(tasks) {
		t.Errorf("%d tasks have their results, and %d fail: %v", right, failed, err)
	}
	// A worker that is dead when it gets its task has not begun it; one that is
	// stopped might have. Each costs one task at most.
	if failed > 2 {
		t.Errorf("%d tasks fail for 2 workers: %v", failed, err)
	}
	if warm && stop && !errors.Is(err, ErrTaskTimeout) { // one was ready at least
		t.Errorf("no task was given to a stopped worker: %v", err)
	}
}

// An onset is how a fault comes over the first few workers of a pool before they
// have a task.
type onset struct {
	How, Vigil string
	Left       *Value[int] // workers that are still to be struck

	// Ready, if there is one, is when they are struck; otherwise that is in the
	// initializer. Those that go on say so.
	Ready  *Event
	Struck *Queue[int]
}

var struckEarly = InitializerFunc("struckEarly", func(ctx context.Context, o onset) (int, error) {
	struck := false
	err := o.Left.Update(ctx, func(n *int) error {
		if struck = *n > 0; struck {
			*n--
		}
		return nil
	})
	if err != nil || !struck {
		return 0, err
	}
	a := affliction{How: o.How, Vigil: o.Vigil}
	if o.Ready == nil {
		_, err := a.suffer()
		return 0, err
	}
	go func() {
		err := o.Ready.Wait(ctx)
		if err == nil {
			_, err = a.suffer()
		}
		if err == nil {
			err = o.Struck.Put(ctx, os.Getpid())
		}
		if err != nil {
			panic(err) // then the test misses this process
		}
	}()
	return 0, nil
}, nil)

// TestFaultsBeforeTheFirstTask strikes all workers of a pool once: in the
// initializer, or when they wait for their first task. None of the tasks that
// come after that has any harm from it.
func TestFaultsBeforeTheFirstTask(t *testing.T) {
	for how, goesOn := range map[string]bool{
		"kill": false, "terminate": false, "exit": false, "panic": false, "kill with descendants": false,
		"goexit": false, "error": false, "stop": false,
		"closed stdio": true, "no descriptors from now on": true,
	} {
		t.Run(strings.ReplaceAll(how+" in the initializer", " ", "_"), func(t *testing.T) {
			takes(t, how)
			if testing.Short() && how == "stop" {
				t.Skip("takes seconds")
			}
			leavesNothing(t)
			strikeEarly(t, how, false, goesOn)
		})
		if how == "goexit" || how == "error" || how == "stop" {
			continue // as the table says
		}
		t.Run(strings.ReplaceAll(how+" when ready", " ", "_"), func(t *testing.T) {
			takes(t, how)
			if testing.Short() && how != "kill" {
				t.Skip("-short: each fault has a pool of its own, and other cases strike this one too")
			}
			leavesNothing(t)
			strikeEarly(t, how, true, goesOn)
		})
	}
}

func strikeEarly(t *testing.T, how string, whenReady, goesOn bool) {
	t.Helper()
	const workers = 2
	v := newVigil(t)
	left, err := NewValue(workers)
	if err != nil {
		t.Fatal(err)
	}
	struck, err := NewQueue[int](0)
	if err != nil {
		t.Fatal(err)
	}
	o := onset{How: how, Vigil: v.address(), Left: left, Struck: struck}
	ready := NewEvent()
	t.Cleanup(func() {
		if err := errors.Join(left.Close(), struck.Close(), ready.Close()); err != nil {
			t.Error(err)
		}
	})
	if whenReady {
		o.Ready = ready
	}
	opts := PoolOptions{Workers: workers, Initializer: struckEarly.With(o), Stderr: nowhere(t)}
	if how == "stop" {
		opts.SetupTimeout = faultTimeout
	}
	p := newPool(t, opts)
	if whenReady {
		awaitReady(t, p)
		old := p.PIDs()
		if err := ready.Set(); err != nil {
			t.Fatal(err)
		}
		if goesOn {
			for range old {
				if _, err := struck.Get(soon(t)); err != nil {
					t.Fatal(err)
				}
			}
		} else {
			awaitReplacement(t, p, old)
		}
	}
	got, err := Map(soon(t), p, double, upTo(10), MapOptions{Chunk: 1})
	if len(got) != 10 || got[9] != 18 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
	awaitReady(t, p) // one of the workers may have done all tasks
	if n, err := left.Load(soon(t)); n != 0 || err != nil {
		t.Errorf("%d workers have not been struck, %v", n, err)
	}
	v.awaitTheEnd()
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
}

// awaitReady waits until all workers wait for tasks.
func awaitReady(t *testing.T, p *Pool) {
	t.Helper()
	eventually(t, "ready", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.idle) == len(p.workers)
	})
}

// awaitReplacement waits until none of these workers is there any more.
func awaitReplacement(t *testing.T, p *Pool, old []int) {
	t.Helper()
	eventually(t, "without the old workers", func() bool {
		return !slices.ContainsFunc(p.PIDs(), func(pid int) bool { return slices.Contains(old, pid) })
	})
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
	harmless := []string{"closed stdio", "no descriptors from now on"}
	for _, how := range append([]string{"kill", "stop", "exit", "panic", "goexit", "error", "no descriptors", "kill with descendants"}, harmless...) {
		for _, last := range []string{"", "kill while sending", "large"} {
			t.Run(strings.ReplaceAll(how+" after "+last, " ", "_"), func(t *testing.T) {
				takes(t, how)
				takes(t, last)
				if testing.Short() && how != "kill" && (last != "" || how == "stop") {
					t.Skip("-short: each fault has a pool of its own, and other cases strike this one too")
				}
				leavesNothing(t)
				p := newPool(t, PoolOptions{Initializer: afflictedTeardown.With(how), SetupTimeout: faultTimeout})
				f := ApplyAsync(p, afflicted, affliction{How: last})
				p.Close()
				if err := p.Join(soon(t)); (err == nil) != slices.Contains(harmless, how) {
					t.Errorf("the finalizers: %v", err)
				}
				if _, err := f.Get(soon(t)); (err != nil) != (last == "kill while sending") {
					t.Errorf("the last task: %v", err)
				}
			})
		}
	}
	t.Run("terminate", func(t *testing.T) {
		leavesNothing(t)
		unfinished := []affliction{{How: "large"}, {How: "kill with descendants"}, {How: "no end"}}
		for _, f := range moreFaults {
			if systemFault(f.how) != nil {
				unfinished = append(unfinished, affliction{How: f.how})
			}
		}
		p := newPool(t, PoolOptions{Workers: 4, Stderr: nowhere(t)})
		all := MapAsync(p, afflicted, make([]affliction, 100), MapOptions{Chunk: 10})
		some := MapAsync(p, afflicted, unfinished, MapOptions{Chunk: 1})
		if _, err := all.Get(soon(t)); err != nil {
			t.Error(err)
		}
		p.Terminate()
		if err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
		if _, err := some.Get(soon(t)); !errors.Is(err, ErrTerminated) {
			t.Errorf("%v", err)
		}
	})
}
