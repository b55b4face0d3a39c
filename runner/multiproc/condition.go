package multiproc

import (
	"context"
	"encoding/binary"
	"errors"
	"math"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Condition is a lock with a place to wait for a change of what it guards.
// It may be used by the process that made it and by all of its descendants that
// got it in a message.
type Condition struct{ ref }

// NewCondition returns a condition whose lock nobody holds.
func NewCondition() *Condition { return &Condition{share(&hub.Condition{Lock: &hub.Lock{}})} }

// Acquire waits for the lock.
func (c *Condition) Acquire(ctx context.Context) error {
	_, err := c.do(ctx, hub.LockAcquire, nil)
	return err
}

// TryAcquire acquires the lock if nobody holds it, and reports whether it did.
func (c *Condition) TryAcquire() (bool, error) { return c.try(hub.LockTryAcquire, nil, hub.ErrBusy) }

// Release releases the lock.
func (c *Condition) Release() error {
	_, err := c.now(hub.LockRelease)
	return err
}

// Wait gives up the lock, which this process has to hold, waits for a
// notification, and acquires the lock again. It holds it again as well where
// ctx has ended, which is the error then. Where the error is anything else,
// such as [ErrOwnerDied], it does not.
func (c *Condition) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on the lock is given up, also where ctx ends at once.
	_, waited := c.begin(ctx, hub.CondWait, nil)
	if waited != nil && !errors.Is(waited, ctx.Err()) {
		return waited
	}
	if err := c.Acquire(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	return waited
}

// WaitFor waits until done reports true. The lock is held while done runs.
func (c *Condition) WaitFor(ctx context.Context, done func() bool) error {
	for !done() {
		if err := c.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Notify wakes up to n of those who wait. This process has to hold the lock.
func (c *Condition) Notify(n int) error {
	_, err := c.do(context.Background(), hub.CondNotify, binary.LittleEndian.AppendUint64(nil, uint64(max(n, 0))))
	return err
}

// NotifyAll wakes all who wait. This process has to hold the lock.
func (c *Condition) NotifyAll() error { return c.Notify(math.MaxInt) }

// Close ends the condition: whoever waits for it gets [ErrClosed]. Only the
// process that made it can do that.
func (c *Condition) Close() error { return c.close() }
