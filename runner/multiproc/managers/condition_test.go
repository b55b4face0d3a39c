package managers

import (
	"context"
	"errors"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestEvent(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		e := got(NewEvent(ctx, m.Named("event")))(t)
		there := got(NewEvent(ctx, other.Named("event")))(t)
		if err := there.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waited for: %v", err)
		}
		waited := make(chan error, 1)
		go func() { waited <- there.Wait(ctx) }()
		ok(t, e.Set(ctx))
		ok(t, <-waited)
		set, err := there.IsSet(ctx)
		check(t, "set", set, err, true)
		ok(t, e.Clear(ctx))
		set, err = there.IsSet(ctx)
		check(t, "cleared", set, err, false)
	})
}

func TestCondition(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		e := got(NewEvent(ctx, m))(t)
		waited := make(chan error, 1)
		l := got(NewLock(ctx, m))(t)
		c := got(NewCondition(ctx, m.Named("condition"), l))(t)
		cThere := got(NewCondition(ctx, other.Named("condition"), nil))(t)
		if err := c.Notify(ctx, 1); !errors.Is(err, multiproc.ErrNotHeld) {
			t.Errorf("notified without the lock: %v", err)
		}
		ok(t, c.Acquire(ctx))
		if err := c.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("notified: %v", err)
		}
		held, err := l.Locked(ctx)
		check(t, "held again", held, err, true)
		go func() {
			waited <- func() error {
				if err := cThere.Acquire(ctx); err != nil {
					return err
				}
				return errors.Join(e.Set(ctx), cThere.NotifyAll(ctx), cThere.Release(ctx))
			}()
		}()
		ok(t, c.WaitFor(ctx, func() (bool, error) { return e.IsSet(ctx) }))
		ok(t, <-waited)
		ok(t, c.Release(ctx))
		elsewhere := begin(t, Options{})
		if _, err := NewCondition(ctx, elsewhere, l); err == nil {
			t.Error("a condition of a lock at another server")
		}
		ok(t, l.Delete(ctx))
		if _, err := NewCondition(ctx, m, l); err == nil {
			t.Error("a condition of a deleted lock")
		}
	})
}
