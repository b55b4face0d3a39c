package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// An affliction is a task that something happens to.
type affliction struct {
	ID     int
	Ledger string // file that each run of a task is written down in; empty for none
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
		for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
			_ = f.Close() // a task before this one may have done it
		}
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
}

// takes skips a test of a fault that this system is not able to.
func takes(t *testing.T, how string) {
	t.Helper()
	for _, f := range moreFaults {
		if f.how == how && systemFault(how) == nil {
			t.Skipf("%s takes %s: not on %s", how, f.takes, runtime.GOOS)
		}
	}
}

// A cutting is a large thing that a child sends up the trunk, of which only a
// part arrives, for the child is killed meanwhile.
type cutting struct {
	Queue *Queue[[]byte]
	Put   bool // into the queue; otherwise the thing is the answer
}

var cutOff = Func("cutOff", func(ctx context.Context, c cutting) ([]byte, error) {
	const whole, part = 32 << 20, 1 << 20
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
		return nil, c.Queue.Put(ctx, make([]byte, whole))
	}
	return make([]byte, whole), nil
})

func TestADeathInTheMiddleOfAFrameSaysHow(t *testing.T) {
	leavesNothing(t)
	q := newQueue[[]byte](t, 0)
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
		"kill":                  killedText,
		"stop":                  ErrTaskTimeout.Error(),
		"terminate":             "signal: terminated",
		"exit":                  "exit status 21",
		"panic":                 "panic: afflicted",
		"goexit":                "Goexit",
		"error":                 "afflicted",
		"no descriptors":        "too many open files",
		"kill with descendants": killedText,
		"closed stdio":          "",
		"large":                 "",
		"kill while sending":    killedText,
		"stop while sending":    ErrTaskTimeout.Error(),
	} {
		t.Run(strings.ReplaceAll(how, " ", "_"), func(t *testing.T) {
			takes(t, how)
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
	p := newPool(t, PoolOptions{TaskTimeout: faultTimeout})
	chunks := []int{8, 1}
	if testing.Short() && want == ErrTaskTimeout.Error() { // each takes as long as that
		chunks = chunks[:1]
	}
	for _, chunk := range chunks {
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
	for _, how := range []string{"kill", "stop", "exit", "panic", "goexit", "error", "closed stdio", "kill with descendants"} {
		for _, last := range []string{"", "kill while sending", "large"} {
			t.Run(strings.ReplaceAll(how+" after "+last, " ", "_"), func(t *testing.T) {
				takes(t, how)
				takes(t, last)
				if testing.Short() && how == "stop" && last != "large" {
					t.Skip("takes seconds")
				}
				leavesNothing(t)
				p := newPool(t, PoolOptions{Initializer: afflictedTeardown.With(how), SetupTimeout: faultTimeout})
				f := ApplyAsync(p, afflicted, affliction{How: last})
				p.Close()
				if err := p.Join(soon(t)); (err != nil) != (how != "closed stdio") {
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
		p := newPool(t, PoolOptions{Workers: 4})
		all := MapAsync(p, afflicted, make([]affliction, 100), MapOptions{Chunk: 10})
		unfinished := []affliction{{How: "large"}, {How: "kill with descendants"}}
		for _, f := range moreFaults {
			if systemFault(f.how) != nil {
				unfinished = append(unfinished, affliction{How: f.how})
			}
		}
		some := MapAsync(p, afflicted, unfinished, MapOptions{Chunk: 1})
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
