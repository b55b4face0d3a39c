package multiproc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Condition is a lock with a place to wait for a change of what it guards.
// It may be used by the process that made it and by all of its descendants that
// got it in a message.
//
// No notification is lost when the process dies that it was for: another one
// gets it. When the holder of the lock dies, the next one that acquires it is
// told by [ErrOwnerDied]; or if nobody is about to, one of those who wait here,
// because what they wait for was perhaps up to the dead one.
type Condition struct{ ref }

// NewCondition returns a condition of the lock, which may have several of them.
// A nil one gives it a lock of its own. The error is [ErrNotOwner] where another
// process has made the lock, and [ErrClosed] where it is closed.
func NewCondition(l *Lock) (*Condition, error) {
	var of *hub.Lock
	if l != nil {
		if l.hub != home.ID && l.ref != (ref{}) {
			return nil, fmt.Errorf("a condition of a lock: %w", ErrNotOwner)
		}
		var ok bool
		if of, ok = home.Object(l.object).(*hub.Lock); !ok {
			return nil, fmt.Errorf("a condition of a lock: %w", hub.ErrClosed)
		}
	}
	return &Condition{share(hub.NewCondition(of))}, nil
}

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
//
// Who is notified is in line for the lock and waits for it whatever becomes of
// ctx.
func (c *Condition) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on the lock is given up, also where ctx ends at once.
	_, err := c.begin(ctx, hub.CondWait, nil)
	if err == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	if again := c.Acquire(context.WithoutCancel(ctx)); again != nil {
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
func (c *Condition) Notify(n int) error {
	_, err := c.do(context.Background(), hub.CondNotify, binary.LittleEndian.AppendUint64(nil, uint64(max(n, 0))))
	return err
}

// NotifyAll wakes all who wait. This process has to hold the lock.
func (c *Condition) NotifyAll() error { return c.Notify(math.MaxInt) }

// Close ends the condition: whoever waits for it gets [ErrClosed]. A lock that
// it was made of stays. Only the process that made the condition can do that.
func (c *Condition) Close() error { return c.close() }
