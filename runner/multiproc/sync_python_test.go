package multiproc

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// A play is what a child of the tests below has to do with what it got. What it
// does first, it tells over its pipe; then it obeys what it is told there.
type play struct {
	Conn *Conn[string]

	Lock    *Lock
	Sem     *Semaphore
	Cond    *Condition
	Event   *Event
	Barrier *Barrier
	Queue   *Queue[int]
	Tasks   *JoinableQueue[int]
	Rounds  int
}

var (
	player      = Func("player", playOn)
	playerAgain = Function[play, int]{"player"}
)

// playOn obeys until its pipe closes.
func playOn(ctx context.Context, p play) (int, error) {
	for {
		word, err := p.Conn.Recv(ctx)
		if err != nil {
			return 0, err
		}
		answer := "ok"
		if err := p.obey(ctx, word); err != nil {
			answer = err.Error()
		}
		if err := p.Conn.Send(ctx, answer); err != nil {
			return 0, err
		}
	}
}

func (p play) obey(ctx context.Context, word string) error {
	switch word {
	case "acquire":
		return p.Lock.Acquire(ctx)
	case "release":
		return p.Lock.Release()
	case "sem acquire":
		return p.Sem.Acquire(ctx)
	case "sem release":
		return p.Sem.Release()
	case "cond acquire":
		return p.Cond.Acquire(ctx)
	case "cond wait":
		if err := errors.Join(p.Cond.Acquire(ctx), p.Conn.Send(ctx, "waiting")); err != nil {
			return err
		}
		if err := p.Cond.Wait(ctx); err != nil {
			return err
		}
		return p.Cond.Release()
	case "event wait":
		return p.Event.Wait(ctx)
	case "event set":
		return p.Event.Set()
	case "barrier":
		for range p.Rounds {
			if _, err := p.Barrier.Wait(ctx); err != nil {
				return err
			}
		}
		return nil
	case "get":
		_, err := p.Queue.Get(ctx)
		return err
	case "get task":
		_, err := p.Tasks.Get(ctx)
		return err
	case "task done":
		return p.Tasks.TaskDone()
	case "put many":
		for i := range p.Rounds {
			if err := p.Queue.Put(ctx, i); err != nil {
				return err
			}
		}
		return nil
	case "grandchild": // takes over the talk
		p2 := p
		here, there, err := Pipe[string]()
		if err != nil {
			return err
		}
		p2.Conn = there
		g, err := playerAgain.Start(p2, Options{})
		if err != nil {
			return err
		}
		return errors.Join(here.Send(ctx, "acquire"), func() error {
			_, err := here.Recv(ctx)
			return err
		}(), func() error {
			if p.Rounds < 0 {
				return g.Kill()
			}
			return nil
		}())
	}
	return errors.New("what is " + word)
}

// An actor is the test's side of a play.
type actor struct {
	t    *testing.T
	conn *Conn[string]
	*Process[int]
}

func act(t *testing.T, p play) *actor {
	t.Helper()
	here, there, err := Pipe[string]()
	if err != nil {
		t.Fatal(err)
	}
	p.Conn = there
	a := &actor{t, here, mustStart(t, player, p, Options{})}
	t.Cleanup(func() { _ = here.Close() })
	return a
}

// tell tells the child to do something, without waiting for its answer.
func (a *actor) tell(word string) {
	a.t.Helper()
	if err := a.conn.Send(a.t.Context(), word); err != nil {
		a.t.Fatal(err)
	}
}

// hear receives the child's answer.
func (a *actor) hear(want string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), time.Minute)
	defer cancel()
	if got, err := a.conn.Recv(ctx); got != want || err != nil {
		a.t.Errorf("the child says %q, %v; want %q", got, err, want)
	}
}

// do is tell and hear.
func (a *actor) do(word, want string) {
	a.t.Helper()
	a.tell(word)
	a.hear(want)
}

func (a *actor) kill() {
	a.t.Helper()
	if err := a.Kill(); err != nil {
		a.t.Fatal(err)
	}
	<-a.Ended()
}

// soon is a context that ends only if something hangs.
func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// over is a context that has ended.
func over(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// brief is a context that ends when what waits has begun to, or soon after: the
// tests that use it hold either way.
func brief(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}

func TestPyLock(t *testing.T) {
	l := NewLock()
	defer l.Close()
	if err := l.Release(); !errors.Is(err, ErrNotHeld) {
		t.Errorf("release of what is free: %v", err)
	}
	if err := l.Acquire(soon(t)); err != nil {
		t.Fatal(err)
	}
	if ok, err := l.TryAcquire(); ok || err != nil {
		t.Errorf("a second time: %v, %v", ok, err)
	}
	if err := l.Acquire(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a time-out: %v", err)
	}
	if held, err := l.Locked(); !held || err != nil {
		t.Errorf("locked: %v, %v", held, err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	if err := l.Acquire(over(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if err := new(Lock).Acquire(soon(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("of the zero value: %v", err)
	}
}

func TestPyLockLocked2Processes(t *testing.T) {
	l := NewLock()
	defer l.Close()
	a := act(t, play{Lock: l})
	a.do("acquire", "ok")
	if held, err := l.Locked(); !held || err != nil {
		t.Errorf("locked: %v, %v", held, err)
	}
	if err := l.Release(); !errors.Is(err, ErrNotHeld) {
		t.Errorf("release of what another process holds: %v", err)
	}
	a.do("release", "ok")
	if ok, err := l.TryAcquire(); !ok || err != nil {
		t.Errorf("after its release: %v, %v", ok, err)
	}
	a.tell("acquire")
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	a.hear("ok")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	a.do("acquire", ErrClosed.Error())
}

func TestPyRLock(t *testing.T) {
	r := NewRLock()
	defer r.Close()
	held, err := r.Acquire(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Acquire(held)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := r.TryAcquire(t.Context()); ok || err != nil {
		t.Errorf("by another: %v, %v", ok, err)
	}
	if err := errors.Join(r.Release(again), r.Release(held)); err != nil {
		t.Error(err)
	}
	if err := r.Release(held); !errors.Is(err, ErrNotHeld) {
		t.Errorf("once too often: %v", err)
	}
	if err := r.Release(t.Context()); !errors.Is(err, ErrNotHeld) {
		t.Errorf("by another: %v", err)
	}
	if _, ok, err := r.TryAcquire(held); !ok || err != nil {
		t.Errorf("when it is free: %v, %v", ok, err)
	}
}

func TestPySemaphoreTimeout(t *testing.T) {
	s, err := NewSemaphore(2)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	a := act(t, play{Sem: s})
	a.do("sem acquire", "ok")
	if err := s.Acquire(soon(t)); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.TryAcquire(); ok || err != nil {
		t.Errorf("the third: %v, %v", ok, err)
	}
	if err := s.Acquire(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a time-out: %v", err)
	}
	a.do("sem release", "ok")
	if n, err := s.Value(); n != 1 || err != nil {
		t.Errorf("value %d, %v", n, err)
	}
	b, err := NewBoundedSemaphore(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Release(); !errors.Is(err, ErrReleased) {
		t.Errorf("one release too many: %v", err)
	}
	if _, err := NewSemaphore(-1); err == nil {
		t.Error("a semaphore with -1 permits")
	}
}

func newCondition(t *testing.T, l *Lock) *Condition {
	t.Helper()
	c, err := NewCondition(l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestPyNotifyN(t *testing.T) {
	c := newCondition(t, nil)
	var actors []*actor
	for range 4 {
		a := act(t, play{Cond: c})
		a.do("cond wait", "waiting")
		actors = append(actors, a)
	}
	// Whoever has the lock after a waiter said so knows that it waits.
	if err := c.Acquire(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Notify(1), c.Release()); err != nil {
		t.Fatal(err)
	}
	actors[0].hear("ok") // first come, first served
	if err := errors.Join(c.Acquire(soon(t)), c.Notify(2), c.Release()); err != nil {
		t.Fatal(err)
	}
	actors[1].hear("ok")
	actors[2].hear("ok")
	if err := errors.Join(c.Acquire(soon(t)), c.NotifyAll(), c.Release()); err != nil {
		t.Fatal(err)
	}
	actors[3].hear("ok")
	if err := c.Notify(1); !errors.Is(err, ErrNotHeld) {
		t.Errorf("notify without the lock: %v", err)
	}
	if err := c.Wait(soon(t)); !errors.Is(err, ErrNotHeld) {
		t.Errorf("wait without the lock: %v", err)
	}
}

func TestPyWaitforTimeout(t *testing.T) {
	c := newCondition(t, nil)
	for _, ctx := range []context.Context{brief(t), over(t)} {
		if err := c.Acquire(soon(t)); err != nil {
			t.Fatal(err)
		}
		if err := c.WaitFor(ctx, func() (bool, error) { return false, nil }); !errors.Is(err, ctx.Err()) || err == nil {
			t.Errorf("%v, want that of the context", err)
		}
		if err := c.Release(); err != nil {
			t.Errorf("the lock is not held after: %v", err)
		}
	}
}

// In Python an interrupt breaks off a wait (test_wait_result).
func TestPyWaitResult(t *testing.T) {
	e := NewEvent()
	defer e.Close()
	a := act(t, play{Event: e})
	a.tell("event wait")
	if err := a.Interrupt(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Join(soon(t)); err != nil && !errors.As(err, new(*Error)) {
		t.Error(err)
	}
}

func TestEventWakesAll(t *testing.T) {
	e := NewEvent()
	defer e.Close()
	a, b := act(t, play{Event: e}), act(t, play{Event: e})
	a.tell("event wait")
	b.do("event set", "ok")
	a.hear("ok")
	if set, err := e.IsSet(); !set || err != nil {
		t.Errorf("set: %v, %v", set, err)
	}
	if err := errors.Join(e.Wait(soon(t)), e.Clear()); err != nil {
		t.Error(err)
	}
	if err := e.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("wait for a cleared event: %v", err)
	}
}

func TestPyBarrierThousand(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	b, err := NewBarrier(3)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one, two := act(t, play{Barrier: b, Rounds: rounds}), act(t, play{Barrier: b, Rounds: rounds})
	one.tell("barrier")
	two.tell("barrier")
	for range rounds {
		if _, err := b.Wait(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	one.hear("ok")
	two.hear("ok")
}

func TestPyBarrierAction(t *testing.T) {
	b, err := NewBarrier(3)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var mu sync.Mutex
	acted, places := 0, map[int]bool{}
	meet := func(action func() error) (failed int) {
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				place, err := b.WaitDo(soon(t), action)
				mu.Lock()
				defer mu.Unlock()
				places[place] = true
				if err != nil {
					failed++
				}
			})
		}
		all.Wait()
		return failed
	}
	for range 10 {
		if n := meet(func() error { acted++; return nil }); n != 0 {
			t.Errorf("%d parties failed", n)
		}
	}
	if acted != 10 || len(places) != 3 {
		t.Errorf("%d actions in 10 rounds, places %v", acted, places)
	}
	if n := meet(func() error { return errors.New("no") }); n != 3 {
		t.Errorf("after a failed action %d of 3 parties failed", n)
	}
	if broken, err := b.Broken(); !broken || err != nil {
		t.Errorf("broken: %v, %v", broken, err)
	}
}

func TestPyBarrierAbortAndReset(t *testing.T) {
	b, err := NewBarrier(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, end := range []func() error{b.Abort, b.Reset} {
		a := act(t, play{Barrier: b, Rounds: 1})
		a.tell("barrier")
		for n := 0; n != 1; { // it may not be there yet
			if n, err = b.Waiting(); err != nil {
				t.Fatal(err)
			}
		}
		if err := end(); err != nil {
			t.Error(err)
		}
		a.hear(ErrBroken.Error())
		if err := b.Reset(); err != nil {
			t.Error(err)
		}
	}
	if _, err := b.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("alone: %v", err)
	}
	if _, err := b.Wait(soon(t)); !errors.Is(err, ErrBroken) {
		t.Errorf("after one has given up: %v", err)
	}
	if _, err := NewBarrier(0); err == nil {
		t.Error("a barrier for nobody")
	}
}
