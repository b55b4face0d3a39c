package multiproc

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	double   = Func("double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })
	oddFails = Func("oddFails", func(_ context.Context, n int) (int, error) {
		if n%2 == 1 {
			return 0, fmt.Errorf("%d is odd", n)
		}
		return n, nil
	})
	sleepFor  = Func("sleepFor", func(_ context.Context, d time.Duration) (int, error) { time.Sleep(d); return 0, nil })
	notThere  = Func("notThere", func(_ context.Context, n int) (any, error) { return make(chan int), nil })
	suicide   = Func("suicide", func(_ context.Context, a suicidal) ([]byte, error) { return a.die() })
	whichPID  = Func("whichPID", func(context.Context, int) (int, error) { return os.Getpid(), nil })
	sum       = Func("sum", func(_ context.Context, a [2]int) (int, error) { return a[0] + a[1], nil })
	numbers   = InitializerFunc("numbers", func(_ context.Context, from int) (*int, error) { return &from, nil }, nil)
	nextOf    = Func("nextOf", func(ctx context.Context, _ int) (int, error) { return nextNumber(ctx) })
	leaveNote = InitializerFunc("leaveNote",
		func(_ context.Context, file string) (string, error) { return file, nil },
		func(file string) error { return os.WriteFile(file, []byte("left"), 0o666) })
	neverReady = InitializerFunc("neverReady", func(context.Context, string) (int, error) { return 0, errors.New("no database") }, nil)
	picky      = Func("picky", func(_ context.Context, v pickyValue) (int, error) { return v.N, nil })
)

// nextNumber counts on in the state of the worker.
func nextNumber(ctx context.Context) (int, error) {
	n, ok := numbers.State(ctx)
	if !ok {
		return 0, errors.New("no state")
	}
	*n++
	return *n, nil
}

// A pickyValue crashes the process that decodes one.
type pickyValue struct{ N int }

func (v pickyValue) MarshalBinary() ([]byte, error) { return []byte{byte(v.N)}, nil }

func (v *pickyValue) UnmarshalBinary(b []byte) error {
	if v.N = int(b[0]); v.N == 13 {
		os.Exit(13)
	}
	return nil
}

// A suicidal task ends its process in some way, or returns a result of a size.
type suicidal struct {
	How  string
	Size int
}

func (a suicidal) die() ([]byte, error) {
	switch a.How {
	case "exit":
		os.Exit(42)
	case "panic":
		panic("ouch")
	case "kill":
		p, err := os.FindProcess(os.Getpid())
		if err != nil {
			return nil, err
		}
		if err := p.Kill(); err != nil {
			return nil, err
		}
		select {}
	}
	return make([]byte, a.Size), nil
}

func newPool(t testing.TB, o PoolOptions) *Pool {
	t.Helper()
	if o.Workers == 0 {
		o.Workers = 2
	}
	p, err := NewPool(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Terminate()
		if err := p.Join(context.Background()); err != nil && !strings.Contains(err.Error(), "the finalizer of ") {
			t.Error(err)
		}
	})
	return p
}

// awaitWorkers waits until the pool has n processes.
func awaitWorkers(t *testing.T, p *Pool, n int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); len(p.PIDs()) != n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d workers, want %d", len(p.PIDs()), n)
		}
	}
}

// upTo returns 0, 1, ... n-1.
func upTo(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestPyApplyAndMap(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if n, err := Apply(soon(t), p, double, 21); n != 42 || err != nil {
		t.Errorf("apply: %d, %v", n, err)
	}
	if n, err := ApplyAsync(p, double, 21).Get(soon(t)); n != 42 || err != nil {
		t.Errorf("apply async: %d, %v", n, err)
	}
	for _, chunk := range []int{0, 1, 7, 1000} {
		got, err := Map(soon(t), p, double, upTo(100), MapOptions{Chunk: chunk})
		if err != nil || len(got) != 100 || got[99] != 198 || got[1] != 2 {
			t.Errorf("chunks of %d: %d, %v", chunk, got, err)
		}
	}
	got, err := MapAsync(p, sum, [][2]int{{1, 2}, {3, 4}}, MapOptions{}).Get(soon(t)) // starmap
	if !slices.Equal(got, []int{3, 7}) || err != nil {
		t.Errorf("with several arguments: %d, %v", got, err)
	}
	told := make(chan int)
	ApplyAsync(p, double, 4).Then(func(n int, _ error) { told <- n })
	if n := <-told; n != 8 {
		t.Errorf("the callback got %d", n)
	}
}

func TestPyEmptyIterable(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if got, err := Map(soon(t), p, double, nil, MapOptions{}); got == nil || len(got) != 0 || err != nil {
		t.Errorf("map: %v, %v", got, err)
	}
	for name, seq := range map[string]iter.Seq2[int, error]{
		"imap":           Imap(soon(t), p, double, slices.Values([]int(nil)), MapOptions{}),
		"imap unordered": ImapUnordered(soon(t), p, double, slices.Values([]int(nil)), MapOptions{}),
	} {
		for v, err := range seq {
			t.Errorf("%s yields %v, %v", name, v, err)
		}
	}
}

func TestPyImap(t *testing.T) {
	p := newPool(t, PoolOptions{})
	for _, o := range []MapOptions{{}, {Chunk: 7}, {Chunk: 3, Ahead: 1}} {
		want := 0
		for v, err := range Imap(soon(t), p, double, slices.Values(upTo(100)), o) {
			if v != 2*want || err != nil {
				t.Errorf("%+v: %d, %v; want %d", o, v, err, 2*want)
			}
			want++
		}
		seen := map[int]bool{}
		for v, err := range ImapUnordered(soon(t), p, double, slices.Values(upTo(100)), o) {
			if seen[v] || err != nil {
				t.Errorf("%+v: %d once more, %v", o, v, err)
			}
			seen[v] = true
		}
		if want != 100 || len(seen) != 100 {
			t.Errorf("%+v: %d and %d results", o, want, len(seen))
		}
	}
}

func TestPyImapHandleIterableException(t *testing.T) {
	p := newPool(t, PoolOptions{})
	broken := func(yield func(int) bool) {
		for i := range 5 {
			if !yield(i) {
				return
			}
		}
		panic("no more")
	}
	for name, results := range map[string]iter.Seq2[int, error]{
		"imap":           Imap(soon(t), p, double, broken, MapOptions{}),
		"imap unordered": ImapUnordered(soon(t), p, double, broken, MapOptions{}),
	} {
		var got []int
		var last error
		for v, err := range results {
			if last = err; err == nil {
				got = append(got, v)
			}
		}
		if name == "imap unordered" {
			slices.Sort(got)
		}
		if !slices.Equal(got, []int{0, 2, 4, 6, 8}) || last == nil || !strings.Contains(last.Error(), "no more") {
			t.Errorf("%s: %v, and then %v", name, got, last)
		}
	}
}

func TestPyMapNoFailfast(t *testing.T) {
	p := newPool(t, PoolOptions{})
	for _, chunk := range []int{1, 3, 10} {
		got, err := Map(soon(t), p, oddFails, upTo(10), MapOptions{Chunk: chunk})
		if !slices.Equal(got, []int{0, 0, 2, 0, 4, 0, 6, 0, 8, 0}) {
			t.Errorf("%v", got)
		}
		var task *TaskError
		if !errors.As(err, &task) || task.Index != 1 || strings.Count(err.Error(), "is odd") != 5 {
			t.Errorf("%v", err)
		}
	}
}

func TestPyMapUnpicklable(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if _, err := Map(soon(t), p, unfit, []chan int{nil, nil}, MapOptions{}); err == nil || !strings.Contains(err.Error(), "chan int") {
		t.Errorf("%v", err)
	}
	if n, err := Apply(soon(t), p, double, 1); n != 2 || err != nil {
		t.Errorf("after that: %d, %v", n, err)
	}
}

func TestPyUnpickleableResult(t *testing.T) {
	p := newPool(t, PoolOptions{})
	before := p.PIDs()
	for range 20 {
		if v, err := Apply(soon(t), p, notThere, 1); err == nil {
			t.Errorf("a channel came back: %v", v)
		}
	}
	if after := p.PIDs(); !slices.Equal(before, after) {
		t.Errorf("workers %v, before %v", after, before)
	}
}

func TestPyTraceback(t *testing.T) {
	p := newPool(t, PoolOptions{})
	before := p.PIDs()
	_, err := Apply(soon(t), p, suicide, suicidal{How: "panic"})
	var remote *Error
	if !errors.As(err, &remote) || remote.Message != "panic: ouch" || !strings.Contains(remote.Stack, "pool_python_test.go") {
		t.Errorf("%#v", err)
	}
	if after := p.PIDs(); !slices.Equal(before, after) {
		t.Errorf("workers %v, before %v", after, before)
	}
}

// What others suffer: a killed worker hangs the pool.
func TestPyCrash(t *testing.T) {
	for how, code := range map[string]int{"exit": 42, "kill": killed} {
		p := newPool(t, PoolOptions{})
		args := make([]suicidal, 20)
		args[7].How = how
		for _, chunk := range []int{1, 5, 20} {
			_, err := Map(soon(t), p, suicide, args, MapOptions{Chunk: chunk})
			var task *TaskError
			var exit *ExitError
			if !errors.As(err, &task) || task.Index != 7 || !errors.As(err, &exit) || exit.Code != code {
				t.Errorf("%s, chunks of %d: %v", how, chunk, err)
			}
			if n := strings.Count(err.Error(), "task "); n != 2 { // "task 7: suicide: ... task in hand"
				t.Errorf("%s, chunks of %d: others failed, too: %v", how, chunk, err)
			}
		}
		awaitWorkers(t, p, 2)
	}
}

func TestPyCrashAtTaskUnpickle(t *testing.T) {
	p := newPool(t, PoolOptions{})
	_, err := Map(soon(t), p, picky, []pickyValue{{1}, {13}, {2}}, MapOptions{Chunk: 3})
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Code != 13 || strings.Contains(err.Error(), "task 2:") {
		t.Errorf("%v", err)
	}
}

func TestPyCrashDuringResultPickleOnWorker(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if _, err := Apply(soon(t), p, badResult, 1); err == nil || !strings.Contains(err.Error(), "exit status 14") {
		t.Errorf("%v", err)
	}
	if n, err := Apply(soon(t), p, double, 1); n != 2 || err != nil {
		t.Errorf("after that: %d, %v", n, err)
	}
}

var badResult = Func("badResult", func(context.Context, int) (exitsWhenEncoded, error) { return exitsWhenEncoded{}, nil })

type exitsWhenEncoded struct{}

func (exitsWhenEncoded) MarshalBinary() ([]byte, error) { os.Exit(14); return nil, nil }
func (*exitsWhenEncoded) UnmarshalBinary([]byte) error  { return nil }

// Large arguments and results are under way in both directions while a worker
// dies: with the task in hand, or, where that can be seen, with a part of its
// result sent.
func TestPyCrashBigData(t *testing.T) {
	p := newPool(t, PoolOptions{})
	for _, how := range []string{"kill", "kill while sending"} {
		t.Run(strings.ReplaceAll(how, " ", "_"), func(t *testing.T) {
			takes(t, how)
			tasks := make([]affliction, 8)
			for i := range tasks {
				tasks[i] = affliction{ID: i, How: "large", Load: make([]byte, 1<<20)}
			}
			tasks[3].How = how
			got, err := Map(soon(t), p, afflicted, tasks, MapOptions{Chunk: 4})
			var task *TaskError
			if !errors.As(err, &task) || task.Index != 3 || failures(err) != 1 || !strings.Contains(err.Error(), killedText) {
				t.Errorf("%v", err)
			}
			for i, b := range got {
				if i != 3 && len(b) != 1+largeResult {
					t.Errorf("result %d has %d bytes", i, len(b))
				}
			}
		})
	}
}

func TestDataOverTheLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long; TestTheLimitOfMessagesHoldsBothWays is the same with a lower limit")
	}
	p := newPool(t, PoolOptions{})
	if _, err := Apply(soon(t), p, suicide, suicidal{Size: 65 << 20}); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("a result over the limit: %v", err)
	}
	if _, err := Apply(soon(t), p, length, make([]byte, 65<<20)); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("an argument over the limit: %v", err)
	}
	if n, err := Apply(soon(t), p, length, make([]byte, 20<<20)); n != 20<<20 || err != nil {
		t.Errorf("a large argument: %d, %v", n, err)
	}
}

var length = Func("length", func(_ context.Context, b []byte) (int, error) { return len(b), nil })

func TestPyPoolTerminate(t *testing.T) {
	p := newPool(t, PoolOptions{})
	all := MapAsync(p, sleepFor, slices.Repeat([]time.Duration{time.Hour}, 10000), MapOptions{Chunk: 1})
	p.Terminate()
	if err := p.Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Get(soon(t)); !errors.Is(err, ErrTerminated) {
		t.Errorf("%.100v", err)
	}
	if _, err := Apply(soon(t), p, double, 1); !errors.Is(err, ErrTerminated) {
		t.Errorf("a task after the end: %v", err)
	}
	if pids := p.PIDs(); len(pids) != 0 {
		t.Errorf("%v live on", pids)
	}
}

func TestPyCloseAndJoin(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if err := p.Join(soon(t)); err == nil {
		t.Error("an open pool was joined")
	}
	all := MapAsync(p, double, upTo(1000), MapOptions{Chunk: 1})
	p.Close()
	if _, err := Apply(soon(t), p, double, 1); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("a task after the end: %v", err)
	}
	if err := p.Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	if got, err := all.Get(soon(t)); len(got) != 1000 || got[999] != 1998 || err != nil {
		t.Errorf("%d results, %v", len(got), err)
	}
}

func TestPyPoolWorkerLifetimeEarlyClose(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 3, MaxTasksPerChild: 1})
	all := MapAsync(p, whichPID, upTo(12), MapOptions{Chunk: 4})
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	pids, err := all.Get(soon(t))
	slices.Sort(pids)
	if n := len(slices.Compact(pids)); n != 12 || err != nil {
		t.Errorf("12 tasks were done by %d processes, %v", n, err)
	}
}

func TestPyShutdownDeadlock(t *testing.T) {
	p, err := NewPool(t.Context(), PoolOptions{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	f := ApplyAsync(p, suicide, suicidal{How: "exit"})
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Get(soon(t)); err == nil {
		t.Error("no error")
	}
}
