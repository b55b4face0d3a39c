package multiproc

import (
	"context"
	"errors"
	"testing"
)

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

	a := act(t, play{Lock: l}) // the same by another process
	a.do("release", ErrNotHeld.Error())
	a.do("acquire", "ok")
	a.do("try acquire", errTaken.Error())
	if ok, err := l.TryAcquire(); ok || err != nil {
		t.Errorf("of what a child holds: %v, %v", ok, err)
	}
	if err := l.Acquire(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("of what a child holds, with a time-out: %v", err)
	}
	a.do("release", "ok")
	a.do("release", ErrNotHeld.Error())
	if err := l.Acquire(soon(t)); err != nil {
		t.Error(err)
	}
	a.do("try acquire", errTaken.Error())
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

// The same between two processes: one that holds the lock twice keeps the other
// out until its last release.
func TestPyRLock2Processes(t *testing.T) {
	r := NewRLock()
	defer r.Close()
	a, b := act(t, play{RLock: r}), act(t, play{RLock: r})
	a.do("rlock twice", "held twice")
	b.do("rlock release", ErrNotHeld.Error())
	for _, next := range []string{"held once", "ok"} {
		b.do("rlock try", errTaken.Error())
		if _, ok, err := r.TryAcquire(soon(t)); ok || err != nil {
			t.Errorf("of what a child holds: %v, %v", ok, err)
		}
		a.do("go on", next)
	}
	held, err := r.Acquire(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	b.do("rlock try", errTaken.Error())
	if err := r.Release(held); err != nil {
		t.Error(err)
	}
	b.do("rlock try", "ok")
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

func newCondition(t *testing.T) *Condition {
	t.Helper()
	c, err := NewCondition(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestPyNotifyN(t *testing.T) {
	c := newCondition(t)
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
	c := newCondition(t)
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

	// A child whose time runs out, and one that is woken for nothing first.
	e := NewEvent()
	defer e.Close()
	a, b := act(t, play{Cond: c, Event: e}), act(t, play{Cond: c, Event: e})
	a.do("cond wait in vain", context.DeadlineExceeded.Error())
	b.do("cond wait for", "waiting")
	if err := errors.Join(c.Acquire(soon(t)), c.NotifyAll(), c.Release()); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Acquire(soon(t)), e.Set(), c.NotifyAll(), c.Release()); err != nil {
		t.Fatal(err)
	}
	b.hear("ok")
	a.do("cond acquire", "ok") // nobody has kept the lock
}

// In Python an interrupt breaks off a wait (test_wait_result). The child waits
// for a condition: who has its lock after the child said that it is about to
// wait knows that it does.
func TestPyWaitResult(t *testing.T) {
	c := newCondition(t)
	here, there, err := Pipe[string]()
	if err != nil {
		t.Fatal(err)
	}
	defer here.Close()
	p := mustStart(t, waitBrokenOff, play{Cond: c, Conn: there}, Options{})
	if _, err := here.Recv(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Acquire(soon(t)), c.Release()); err != nil {
		t.Fatal(err)
	}
	if err := p.Interrupt(); err != nil {
		t.Fatal(err)
	}
	said, err := p.Join(soon(t))
	if want := context.Canceled.Error() + ": " + ErrInterrupted.Error(); said != want || err != nil {
		t.Errorf("the wait ended with %q, %v; want %q", said, err, want)
	}
	if err := errors.Join(c.Acquire(soon(t)), c.Release()); err != nil {
		t.Errorf("the lock after that: %v", err)
	}
}

// waitBrokenOff waits for what never comes, and says why it does not any more.
var waitBrokenOff = Func("waitBrokenOff", func(ctx context.Context, p play) (string, error) {
	if err := errors.Join(p.Cond.Acquire(ctx), p.Conn.Send(ctx, "waiting")); err != nil {
		return "", err
	}
	err := p.Cond.Wait(ctx)
	if err == nil {
		return "it was notified", nil
	}
	return err.Error() + ": " + context.Cause(ctx).Error(), p.Cond.Release()
})

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
