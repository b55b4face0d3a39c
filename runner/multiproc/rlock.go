package multiproc

import (
	"context"
	"sync/atomic"
)

// An RLock is a lock that its holder may acquire again. Go's goroutines have no
// identity by which a lock could know its holder; so the hold travels in the
// context:
//
//	held, err := r.Acquire(ctx)
//	...
//	defer r.Release(held)
//	again, err := r.Acquire(held) // does not wait
type RLock struct{ Lock }

// NewRLock returns a lock that nobody holds.
func NewRLock() *RLock { return &RLock{*NewLock()} }

// A hold is that of one RLock.
type hold struct{ levels atomic.Int64 }

// holdKey is the context key of the hold of a lock.
type holdKey struct{ lock ref }

// Acquire waits for the lock, unless ctx holds it, and returns a context that
// does.
func (r *RLock) Acquire(ctx context.Context) (context.Context, error) {
	if h := r.hold(ctx); h != nil && h.again() {
		return ctx, nil
	}
	if err := r.Lock.Acquire(ctx); err != nil {
		return ctx, err
	}
	return r.held(ctx), nil
}

// TryAcquire is Acquire that does not wait: it reports whether it succeeded.
func (r *RLock) TryAcquire(ctx context.Context) (context.Context, bool, error) {
	if h := r.hold(ctx); h != nil && h.again() {
		return ctx, true, nil
	}
	ok, err := r.Lock.TryAcquire()
	if !ok || err != nil {
		return ctx, false, err
	}
	return r.held(ctx), true, nil
}

// Release undoes one Acquire. The lock is free after as many as there were.
func (r *RLock) Release(held context.Context) error {
	h := r.hold(held)
	if h == nil {
		return ErrNotHeld
	}
	switch left := h.levels.Add(-1); {
	case left < 0:
		h.levels.Add(1)
		return ErrNotHeld
	case left == 0:
		return r.Lock.Release()
	}
	return nil
}

func (r *RLock) hold(ctx context.Context) *hold {
	h, _ := ctx.Value(holdKey{r.ref}).(*hold)
	return h
}

// held returns a context that holds the lock once.
func (r *RLock) held(ctx context.Context) context.Context {
	h := &hold{}
	h.levels.Store(1)
	return context.WithValue(ctx, holdKey{r.ref}, h)
}

// again adds a level, unless the hold has ended.
func (h *hold) again() bool {
	for {
		n := h.levels.Load()
		if n == 0 {
			return false
		}
		if h.levels.CompareAndSwap(n, n+1) {
			return true
		}
	}
}
