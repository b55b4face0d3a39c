package multiproc

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// What others suffer: imap reads the whole input. Here it may be endless.
func TestImapReadsAheadNoFurtherThanItMay(t *testing.T) {
	p := newPool(t, PoolOptions{})
	read := 0
	endless := func(yield func(int) bool) {
		for yield(read) {
			read++
		}
	}
	for _, err := range Imap(soon(t), p, double, endless, MapOptions{Ahead: 5}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if read > 6 {
		t.Errorf("%d arguments were read for one result", read)
	}
	n := 0
	for _, err := range ImapUnordered(soon(t), p, double, endless, MapOptions{Ahead: 5}) {
		if n++; n == 100 || err != nil {
			break
		}
	}
	if read > 6+106 {
		t.Errorf("%d arguments were read for %d results", read, n)
	}
}

func TestInitializersGiveTheTasksOfAWorkerTheirState(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1, Initializer: numbers.With(10)})
	for want := 11; want < 14; want++ {
		if n, err := Apply(soon(t), p, nextOf, 0); n != want || err != nil {
			t.Errorf("%d, %v; want %d", n, err, want)
		}
	}
	file := scratch(t) + "/note"
	p = newPool(t, PoolOptions{Workers: 1, Initializer: leaveNote.With(file)})
	if _, err := Apply(soon(t), p, double, 1); err != nil {
		t.Error(err)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(file); string(b) != "left" || err != nil {
		t.Errorf("the finalizer wrote %q, %v", b, err)
	}
}

func TestAPoolWhoseInitializerFailsGivesUp(t *testing.T) {
	p := newPool(t, PoolOptions{Initializer: neverReady.With("x")})
	if _, err := Map(soon(t), p, double, upTo(10), MapOptions{Chunk: 1}); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("%v", err)
	}
	if _, err := Apply(soon(t), p, double, 1); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("a task after that: %v", err)
	}
}

func TestATaskThatTakesTooLongKillsItsWorkerOnly(t *testing.T) {
	p := newPool(t, PoolOptions{TaskTimeout: time.Second})
	_, err := Map(soon(t), p, sleepFor, []time.Duration{0, time.Hour, 0, 0}, MapOptions{Chunk: 4})
	var task *TaskError
	if !errors.Is(err, ErrTaskTimeout) || !errors.As(err, &task) || task.Index != 1 || strings.Contains(err.Error(), "task 2") {
		t.Errorf("%v", err)
	}
}

func TestAPoolIsResized(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	if err := p.Resize(4); err != nil {
		t.Fatal(err)
	}
	if n := len(p.PIDs()); n != 4 {
		t.Errorf("%d workers, want 4", n)
	}
	all := MapAsync(p, double, upTo(200), MapOptions{Chunk: 1})
	if err := p.Resize(2); err != nil {
		t.Fatal(err)
	}
	if got, err := all.Get(soon(t)); len(got) != 200 || err != nil {
		t.Errorf("%d results, %v", len(got), err)
	}
	awaitWorkers(t, p, 2)
	if err := p.Resize(0); err == nil {
		t.Error("resized to 0")
	}
}

func TestIdleWorkersEndAndComeBack(t *testing.T) {
	p := newPool(t, PoolOptions{IdleTimeout: time.Millisecond})
	awaitWorkers(t, p, 0)
	if got, err := Map(soon(t), p, double, upTo(10), MapOptions{}); len(got) != 10 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

func TestIdleWorkersThatAreKilledAreReplaced(t *testing.T) {
	p := newPool(t, PoolOptions{})
	before := p.PIDs()
	for _, pid := range before {
		proc, err := os.FindProcess(pid)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(proc.Kill(), proc.Release()); err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if pids := p.PIDs(); len(pids) == 2 && pids[0] != before[0] && pids[1] != before[1] {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("workers %v, before %v", p.PIDs(), before)
		}
	}
	if got, err := Map(soon(t), p, double, upTo(10), MapOptions{}); len(got) != 10 || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// What others suffer: more than 61 workers fail on Windows.
func TestManyWorkers(t *testing.T) {
	n := 100
	if testing.Short() {
		n = 65
	}
	p := newPool(t, PoolOptions{Workers: n})
	if got, err := Map(soon(t), p, double, upTo(1000), MapOptions{Chunk: 1}); len(got) != 1000 || err != nil {
		t.Errorf("%d results, %v", len(got), err)
	}
	if pids := p.PIDs(); len(pids) != n {
		t.Errorf("%d workers", len(pids))
	}
}

func TestAPoolEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := NewPool(ctx, PoolOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	f := ApplyAsync(p, sleepFor, time.Hour)
	cancel()
	if _, err := f.Get(soon(t)); !errors.Is(err, ErrTerminated) {
		t.Errorf("%v", err)
	}
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	if _, err := NewPool(ctx, PoolOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestTasksThatNobodyWaitsForDoNotBegin(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Map(ctx, p, suicide, make([]suicidal, 10), MapOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if n, err := Apply(soon(t), p, double, 1); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Python's workers are daemons that may have no children; many miss them.
func TestTasksMayHaveChildren(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if n, err := Apply(soon(t), p, nested, 7); n != 49 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

var forgetful = Func("forgetful", func(ctx context.Context, n int) (int, error) {
	p, err := NewPool(ctx, PoolOptions{Workers: 2})
	if err != nil {
		return 0, err
	}
	ApplyAsync(p, sleepFor, time.Hour)
	return Apply(ctx, p, double, n)
})

func TestAForgottenPoolDoesNotKeepItsProcessFromEnding(t *testing.T) {
	if n, err := mustStart(t, forgetful, 4, Options{}).Join(soon(t)); n != 8 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

func TestOptionsThatMakeNoSenseAreErrors(t *testing.T) {
	for _, o := range []PoolOptions{
		{Workers: -1}, {MaxTasksPerChild: -1}, {TaskTimeout: -1}, {SetupTimeout: -1}, {IdleTimeout: -1},
		{MaxMessage: -1}, {MaxMessage: 10},
	} {
		if p, err := NewPool(t.Context(), o); err == nil {
			p.Terminate()
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestTheUserLimitsMessages(t *testing.T) {
	p := newPool(t, PoolOptions{MaxMessage: 4 << 10})
	before := p.PIDs()
	if _, err := Apply(soon(t), p, length, make([]byte, 8<<10)); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("a large argument: %v", err)
	}
	if _, err := Apply(soon(t), p, suicide, suicidal{Size: 8 << 10}); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("a large result: %v", err)
	}
	_, err := Map(soon(t), p, suicide, []suicidal{{Size: 1}, {How: "panic"}, {Size: 8 << 10}, {Size: 3 << 10}}, MapOptions{Chunk: 4})
	if n := strings.Count(err.Error(), "task "); n != 2 {
		t.Errorf("%d of 2 tasks fail: %v", n, err)
	}
	if after := p.PIDs(); !slices.Equal(before, after) {
		t.Errorf("workers %v, before %v", after, before)
	}
}

// A bomb goes off where it is encoded, or decoded, in the parent.
type bomb struct{ Where string }

func (b bomb) MarshalBinary() ([]byte, error) {
	if b.Where == "argument" {
		panic("boom")
	}
	return []byte(b.Where), nil
}

func (b *bomb) UnmarshalBinary(text []byte) error {
	if b.Where = string(text); b.Where == "result" && ParentProcess() == nil {
		panic("boom")
	}
	return nil
}

var sameBomb = Func("sameBomb", func(_ context.Context, b bomb) (bomb, error) { return b, nil })

// What others suffer: a result that cannot be decoded kills the result thread.
func TestEncodersThatPanicAreErrorsOfTheirTask(t *testing.T) {
	p := newPool(t, PoolOptions{})
	got, err := Map(soon(t), p, sameBomb, []bomb{{"a"}, {"argument"}, {"b"}, {"result"}, {"c"}}, MapOptions{Chunk: 5})
	if err == nil || strings.Count(err.Error(), "boom") != 2 {
		t.Errorf("%v", err)
	}
	if len(got) != 5 || got[0].Where != "a" || got[2].Where != "b" || got[4].Where != "c" {
		t.Errorf("%v", got)
	}
}

func TestImapEndsWithItsPool(t *testing.T) {
	for name, imap := range map[string]func(context.Context, *Pool, Function[int, int], func(func(int) bool), MapOptions) func(func(int, error) bool){
		"in order": func(ctx context.Context, p *Pool, f Function[int, int], args func(func(int) bool), o MapOptions) func(func(int, error) bool) {
			return Imap(ctx, p, f, args, o)
		},
		"unordered": func(ctx context.Context, p *Pool, f Function[int, int], args func(func(int) bool), o MapOptions) func(func(int, error) bool) {
			return ImapUnordered(ctx, p, f, args, o)
		},
	} {
		p := newPool(t, PoolOptions{})
		endless := func(yield func(int) bool) {
			for i := 0; yield(i); i++ {
			}
		}
		n := 0
		var last error
		for _, err := range imap(soon(t), p, double, endless, MapOptions{}) {
			if last = err; err == nil {
				n++
			}
			if n == 10 {
				p.Terminate()
			}
		}
		if n < 10 || !errors.Is(last, ErrTerminated) {
			t.Errorf("%s: %d results, and then %v", name, n, last)
		}
	}
}

func TestImapEndsWithItsContext(t *testing.T) {
	p := newPool(t, PoolOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var last error
	for _, err := range Imap(ctx, p, sleepFor, slices.Values([]time.Duration{time.Hour}), MapOptions{}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("%v", last)
	}
}

var stuckSetup = InitializerFunc("stuckSetup", func(context.Context, int) (int, error) { select {} }, nil)

var stuckTeardown = InitializerFunc("stuckTeardown", func(context.Context, int) (int, error) { return 0, nil }, func(int) error { select {} })

func TestASetupThatTakesTooLongIsEnded(t *testing.T) {
	p := newPool(t, PoolOptions{Initializer: stuckSetup.With(0), SetupTimeout: 10 * time.Millisecond})
	if _, err := Apply(soon(t), p, double, 1); err == nil || !strings.Contains(err.Error(), "took longer") {
		t.Errorf("%v", err)
	}
	p = newPool(t, PoolOptions{Initializer: stuckTeardown.With(0), SetupTimeout: 2 * time.Second})
	if n, err := Apply(soon(t), p, double, 1); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	p.Close()
	if err := p.Join(soon(t)); err == nil || !strings.Contains(err.Error(), "took longer") {
		t.Errorf("of the finalizer: %v", err)
	}
}

var exitsInSetup = InitializerFunc("exitsInSetup", func(context.Context, int) (int, error) { os.Exit(9); return 0, nil }, nil)

// diesWhenReady ends the process soon after it was ready, as a rule, whether or
// not a task has come.
var diesWhenReady = InitializerFunc("diesWhenReady", func(context.Context, int) (int, error) {
	time.AfterFunc(20*time.Millisecond, func() { os.Exit(8) })
	return 0, nil
}, nil)

// atRest tells whether all workers wait without a process.
func atRest(p *Pool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		if w.process() != nil {
			return false
		}
	}
	return len(p.idle) == len(p.workers)
}

// What others suffer: worker respawn races. Here there is no endless one.
func TestAPoolWhoseWorkersDieAtOnceGivesUp(t *testing.T) {
	p := newPool(t, PoolOptions{Initializer: exitsInSetup.With(0)})
	_, err := Map(soon(t), p, double, upTo(10), MapOptions{Chunk: 1})
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Code != 9 {
		t.Errorf("%v", err)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	p = newPool(t, PoolOptions{Initializer: diesWhenReady.With(0)})
	for deadline := time.Now().Add(time.Minute); !atRest(p); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it goes on starting them")
		}
	}
	// Each task meets a process that dies, or the pool gives up.
	if _, err := Map(soon(t), p, sleepFor, slices.Repeat([]time.Duration{time.Hour}, 5), MapOptions{}); err == nil {
		t.Error("no error")
	}
}

func TestABrokenPoolCanBeTerminated(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	f := ApplyAsync(p, sleepFor, time.Hour)
	p.breakDown(errors.New("no luck"))
	if _, err := Apply(soon(t), p, double, 1); err == nil || !strings.Contains(err.Error(), "no luck") {
		t.Errorf("%v", err)
	}
	p.Terminate()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	if _, err := f.Get(soon(t)); err == nil {
		t.Error("the task in hand has no error")
	}
}

func TestAPoolIsResizedDownAndUpAtOnce(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 4})
	for _, n := range []int{1, 4, 2, 6, 1, 3} {
		if err := p.Resize(n); err != nil {
			t.Fatal(err)
		}
		if got := p.Workers(); got != n {
			t.Errorf("%d workers, want %d", got, n)
		}
	}
	if got, err := Map(soon(t), p, double, upTo(100), MapOptions{Chunk: 1}); len(got) != 100 || err != nil {
		t.Errorf("%d results, %v", len(got), err)
	}
	awaitWorkers(t, p, 3)
	p.Close()
	if err := p.Resize(4); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("a closed pool: %v", err)
	}
}

func TestKillChildrenEndsPools(t *testing.T) {
	p := newPool(t, PoolOptions{})
	KillChildren()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	if all := ActiveChildren(); len(all) > 0 {
		t.Errorf("%d children live on", len(all))
	}
}

// Of a pool without a process, nothing is to be seen but the pool itself.
func TestPoolsWithoutAProcessEndWithTheOthers(t *testing.T) {
	for name, endAll := range map[string]func(){
		"KillChildren": KillChildren,
		"JoinChildren": func() {
			if err := JoinChildren(soon(t)); err != nil {
				t.Error(err)
			}
		},
	} {
		p := newPool(t, PoolOptions{IdleTimeout: time.Nanosecond})
		eventually(t, "without a process", func() bool { return len(p.PIDs()) == 0 })
		endAll()
		if _, err := Apply(soon(t), p, double, 1); !errors.Is(err, ErrTerminated) {
			t.Errorf("a task after %s: %v", name, err)
		}
		if err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
		if all := ActiveChildren(); len(all) > 0 {
			t.Errorf("after %s, %d children live on", name, len(all))
		}
		if slices.Contains(pools.all(), p) {
			t.Error("a pool that has ended is kept in mind")
		}
	}
}

var exits = Func("exits", func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil })

func TestATaskThatEndsItsGoroutineIsAnError(t *testing.T) {
	p := newPool(t, PoolOptions{})
	if _, err := Apply(soon(t), p, exits, 1); err == nil || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("%v", err)
	}
	if n, err := Apply(soon(t), p, double, 1); n != 2 || err != nil {
		t.Errorf("after that: %d, %v", n, err)
	}
}

func TestACallbackComesOnce(t *testing.T) {
	p := newPool(t, PoolOptions{})
	f := ApplyAsync(p, fail, "no good")
	told := make(chan error)
	f.Then(func(_ int, err error) { told <- err })
	<-f.Done()
	f.Then(func(_ int, err error) { told <- err }) // also one that comes late
	for range 2 {
		if err := <-told; err == nil || !strings.Contains(err.Error(), "no good") {
			t.Errorf("%v", err)
		}
	}
}

var cannotLeave = InitializerFunc("cannotLeave",
	func(_ context.Context, how string) (string, error) { return how, nil },
	func(how string) error {
		if how == "panic" {
			panic("no way out")
		}
		return errors.New("no way out")
	})

func TestJoinTellsWhatFinalizersReturn(t *testing.T) {
	for _, how := range []string{"error", "panic"} {
		p := newPool(t, PoolOptions{Initializer: cannotLeave.With(how)})
		if _, err := Apply(soon(t), p, double, 1); err != nil {
			t.Error(err)
		}
		p.Close()
		for range 2 { // to join twice is no different
			err := p.Join(soon(t))
			var remote *Error
			if !errors.As(err, &remote) || strings.Count(err.Error(), "the finalizer of cannotLeave") != 2 || strings.Count(err.Error(), "no way out") != 2 {
				t.Errorf("%s: %v", how, err)
			}
		}
	}
}

func TestErrorsOfFinalizersAreBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a dozen processes")
	}
	p := newPool(t, PoolOptions{Workers: 1, MaxTasksPerChild: 1, Initializer: cannotLeave.With("error")})
	if _, err := Map(soon(t), p, double, upTo(12), MapOptions{Chunk: 1}); err != nil {
		t.Error(err)
	}
	p.Close()
	err := p.Join(soon(t))
	if err == nil || strings.Count(err.Error(), "no way out") != 8 || !strings.Contains(err.Error(), "more finalizers have failed") {
		t.Errorf("%v", err)
	}
}

func workersOf(p *Pool) (all []*worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := range p.workers {
		all = append(all, w)
	}
	return all
}
