package multiproc

import (
	"context"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Lock is held by one process at a time. Between the goroutines of one
// process it excludes as well, but any of them may release what another has
// acquired; another process may not.
//
// A Lock may be used by the process that made it and by all of its descendants
// that got it in a message. See [ErrOwnerDied] for what becomes of it when its
// holder dies.
type Lock struct{ ref }

// NewLock returns a lock that nobody holds.
func NewLock() *Lock { return &Lock{share(&hub.Lock{})} }

// Acquire waits for the lock.
func (l *Lock) Acquire(ctx context.Context) error {
	_, err := l.do(ctx, hub.LockAcquire, nil)
	return err
}

// TryAcquire acquires the lock if nobody holds it, and reports whether it did.
func (l *Lock) TryAcquire() (bool, error) { return l.try(hub.LockTryAcquire, nil, hub.ErrBusy) }

// Release releases the lock.
func (l *Lock) Release() error {
	_, err := l.now(hub.LockRelease)
	return err
}

// Locked tells whether anybody holds the lock.
func (l *Lock) Locked() (bool, error) { return l.truth(hub.LockHeld) }

// Close ends the lock: whoever waits for it gets [ErrClosed]. Only the process
// that made it can do that.
func (l *Lock) Close() error { return l.close() }
