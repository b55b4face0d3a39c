package managers

import (
	"context"
	"errors"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestLocks(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		here := got(NewLock(ctx, m.Named("lock")))(t)
		there := got(NewLock(ctx, other.Named("lock")))(t)
		ok(t, here.Acquire(ctx))
		got, err := there.TryAcquire(ctx)
		check(t, "acquired a held one", got, err, false)
		if err := there.Release(ctx); !errors.Is(err, multiproc.ErrNotHeld) {
			t.Errorf("released what another holds: %v", err)
		}
		if err := there.Acquire(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("acquired in time: %v", err)
		}
		held, err := there.Locked(ctx)
		check(t, "locked", held, err, true)
		ok(t, here.Release(ctx))
		got, err = there.TryAcquire(ctx)
		check(t, "acquired", got, err, true)
	})
}

func TestRLock(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	r := got(NewRLock(ctx, m))(t)
	held := got(r.Acquire(ctx))(t)
	again := got(r.Acquire(held))(t)
	_, acquired, err := r.TryAcquire(held)
	check(t, "again", acquired, err, true)
	_, acquired, err = r.TryAcquire(ctx)
	check(t, "by another", acquired, err, false)
	ok(t, r.Release(held))
	ok(t, r.Release(again))
	_, acquired, err = r.TryAcquire(ctx)
	check(t, "by another before the last release", acquired, err, false)
	ok(t, r.Release(held))
	if err := r.Release(held); !errors.Is(err, multiproc.ErrNotHeld) {
		t.Errorf("one too many: %v", err)
	}
	if err := r.Release(ctx); !errors.Is(err, multiproc.ErrNotHeld) {
		t.Errorf("without a hold: %v", err)
	}
	_, acquired, err = r.TryAcquire(held)
	check(t, "after the end", acquired, err, true)
}
