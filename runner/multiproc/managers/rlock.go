package managers

import (
	"context"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// An RLock is a lock that its holder may acquire again. As with
// [multiproc.RLock], the hold travels in the context.
type RLock struct{ proxy[rlockOf] }

type rlockOf struct{}

func (rlockOf) words() string { return "rlock" }

// NewRLock makes a lock that nobody holds.
func NewRLock(ctx context.Context, where In) (*RLock, error) {
	p, err := newObject[rlockOf](ctx, where, kindLock, nil)
	if err != nil {
		return nil, err
	}
	return &RLock{p}, nil
}

// lock is the lock without its levels.
func (r *RLock) lock() *Lock { return &Lock{proxy[lockOf]{r.ref}} }

// A hold is that of one RLock.
type hold struct {
	mu     sync.Mutex
	levels int
}

// holdKey is the context key of the hold of a lock.
type holdKey struct{ hub, object uint64 }

func (r *RLock) hold(ctx context.Context) *hold {
	h, _ := ctx.Value(holdKey{r.place.Hub, r.object}).(*hold)
	return h
}

// again adds a level to the hold of ctx, if it has one that has not ended.
func (r *RLock) again(ctx context.Context) bool {
	h := r.hold(ctx)
	if h == nil {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.levels == 0 {
		return false
	}
	h.levels++
	return true
}

// held returns a context that holds the lock once.
func (r *RLock) held(ctx context.Context) context.Context {
	return context.WithValue(ctx, holdKey{r.place.Hub, r.object}, &hold{levels: 1})
}

// Acquire waits for the lock, unless ctx holds it, and returns a context that
// does.
func (r *RLock) Acquire(ctx context.Context) (context.Context, error) {
	if r.again(ctx) {
		return ctx, nil
	}
	if err := r.lock().Acquire(ctx); err != nil {
		return ctx, err
	}
	return r.held(ctx), nil
}

// TryAcquire is Acquire that does not wait: it reports whether it succeeded.
func (r *RLock) TryAcquire(ctx context.Context) (context.Context, bool, error) {
	if r.again(ctx) {
		return ctx, true, nil
	}
	ok, err := r.lock().TryAcquire(ctx)
	if !ok || err != nil {
		return ctx, false, err
	}
	return r.held(ctx), true, nil
}

// Release undoes one Acquire. The lock is free after as many as there were. A
// context that holds the lock and has ended releases it all the same.
func (r *RLock) Release(held context.Context) error {
	h := r.hold(held)
	if h == nil {
		return multiproc.ErrNotHeld
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.levels {
	case 0:
		return multiproc.ErrNotHeld
	case 1:
		if err := r.lock().Release(context.WithoutCancel(held)); err != nil {
			return err
		}
	}
	h.levels--
	return nil
}
