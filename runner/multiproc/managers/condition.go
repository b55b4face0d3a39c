package managers

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Condition is a lock with a place to wait for a change of what it guards:
// see [multiproc.Condition].
type Condition struct{ proxy[conditionOf] }

type conditionOf struct{}

func (conditionOf) words() string { return "condition" }

// NewCondition makes a condition of the lock, which has to be at the same
// server. A nil one gives it a lock of its own.
func NewCondition(ctx context.Context, where In, l *Lock) (*Condition, error) {
	var object uint64
	if l != nil {
		c, _, err := find(where)
		if err != nil {
			return nil, fmt.Errorf("make a condition: %w", err)
		}
		if l.place.Hub != c.place.Hub {
			return nil, fmt.Errorf("a condition of a lock at another server: %w", multiproc.ErrClosed)
		}
		object = l.object
	}
	p, err := newObject[conditionOf](ctx, where, kindCondition, number(nil, object))
	if err != nil {
		return nil, err
	}
	return &Condition{p}, nil
}

// Acquire waits for the lock.
func (c *Condition) Acquire(ctx context.Context) error { return c.just(ctx, hub.LockAcquire, nil) }

// TryAcquire acquires the lock if nobody holds it, and reports whether it did.
func (c *Condition) TryAcquire(ctx context.Context) (bool, error) {
	return c.try(ctx, hub.LockTryAcquire, hub.ErrBusy)
}

// Release releases the lock.
func (c *Condition) Release(ctx context.Context) error { return c.just(ctx, hub.LockRelease, nil) }

// Wait gives up the lock, which this process has to hold, waits for a
// notification, and acquires the lock again. It holds it again as well where
// ctx has ended, which is the error then. Where the error is anything else,
// such as [multiproc.ErrOwnerDied], it does not.
func (c *Condition) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := c.just(ctx, hub.CondWait, nil)
	if err == nil || ctx.Err() == nil || !errors.Is(err, ctx.Err()) || errors.Is(err, ErrDisconnected) {
		return err
	}
	again := c.Acquire(context.WithoutCancel(ctx))
	if again != nil {
		return again
	}
	return err
}

// WaitFor waits until done reports true, or fails: its error is that of
// WaitFor. The lock is held while done runs, and as after Wait at the end.
func (c *Condition) WaitFor(ctx context.Context, done func() (bool, error)) error {
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
}

// Notify wakes up to n of those who wait. This process has to hold the lock.
func (c *Condition) Notify(ctx context.Context, n int) error {
	return c.just(ctx, hub.CondNotify, number(nil, uint64(max(n, 0))))
}

// NotifyAll wakes all who wait. This process has to hold the lock.
func (c *Condition) NotifyAll(ctx context.Context) error { return c.Notify(ctx, math.MaxInt) }
