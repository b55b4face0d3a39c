package managers

import (
	"context"
	"errors"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// The types for waiting are those of multiproc, with two differences: the
// object is at a server instead of in a process of the tree, so that every
// operation takes a context; and a process is a connection to that server.

// A Lock is held by one connection at a time: see [multiproc.Lock].
type Lock struct{ proxy[lockOf] }

type lockOf struct{}

func (lockOf) words() string { return "lock" }

// NewLock makes a lock that nobody holds.
func NewLock(ctx context.Context, where In) (*Lock, error) {
	p, err := newObject[lockOf](ctx, where, kindLock, nil)
	if err != nil {
		return nil, err
	}
	return &Lock{p}, nil
}

// Acquire waits for the lock.
func (l *Lock) Acquire(ctx context.Context) error { return l.just(ctx, hub.LockAcquire, nil) }

// TryAcquire acquires the lock if nobody holds it, and reports whether it did.
func (l *Lock) TryAcquire(ctx context.Context) (bool, error) {
	return l.try(ctx, hub.LockTryAcquire, hub.ErrBusy)
}

// Release releases the lock.
func (l *Lock) Release(ctx context.Context) error { return l.just(ctx, hub.LockRelease, nil) }

// Locked tells whether anybody holds the lock.
func (l *Lock) Locked(ctx context.Context) (bool, error) { return l.truth(ctx, hub.LockHeld) }

// just does an operation without a result.
func (r ref) just(ctx context.Context, op byte, arg []byte) error {
	_, err := r.do(ctx, op, arg)
	return err
}

// try does an operation that fails with the given error where it would have to
// wait.
func (r ref) try(ctx context.Context, op byte, busy error) (bool, error) {
	switch err := r.just(ctx, op, nil); {
	case errors.Is(err, busy):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// truth does an operation whose result is yes or no.
func (r ref) truth(ctx context.Context, op byte) (bool, error) {
	b, err := r.do(ctx, op, nil)
	return len(b) == 1 && b[0] == 1, err
}

// count does an operation whose result is a number.
func (r ref) count(ctx context.Context, op byte) (int, error) {
	b, err := r.do(ctx, op, nil)
	if err != nil {
		return 0, err
	}
	n, err := hub.Number(b)
	return int(n), err
}
