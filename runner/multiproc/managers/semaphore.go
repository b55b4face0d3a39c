package managers

import (
	"context"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Semaphore hands out permits: see [multiproc.Semaphore].
type Semaphore struct{ proxy[semaphoreOf] }

type semaphoreOf struct{}

func (semaphoreOf) words() string { return "semaphore" }

// NewSemaphore makes a semaphore with n permits. More may be released than were
// acquired.
func NewSemaphore(ctx context.Context, where In, n int) (*Semaphore, error) {
	return newSemaphore(ctx, where, n, no)
}

// NewBoundedSemaphore makes a semaphore with n permits and never more: one
// release too many is [multiproc.ErrReleased].
func NewBoundedSemaphore(ctx context.Context, where In, n int) (*Semaphore, error) {
	return newSemaphore(ctx, where, n, yes)
}

func newSemaphore(ctx context.Context, where In, n int, bounded byte) (*Semaphore, error) {
	if n < 0 {
		return nil, fmt.Errorf("a semaphore with %d permits: want 0 or more", n)
	}
	p, err := newObject[semaphoreOf](ctx, where, kindSemaphore, append(number(nil, uint64(n)), bounded))
	if err != nil {
		return nil, err
	}
	return &Semaphore{p}, nil
}

// Acquire waits for a permit.
func (s *Semaphore) Acquire(ctx context.Context) error { return s.just(ctx, hub.SemAcquire, nil) }

// TryAcquire takes a permit if one is free, and reports whether it did.
func (s *Semaphore) TryAcquire(ctx context.Context) (bool, error) {
	return s.try(ctx, hub.SemTryAcquire, hub.ErrBusy)
}

// Release gives a permit back.
func (s *Semaphore) Release(ctx context.Context) error { return s.just(ctx, hub.SemRelease, nil) }

// Value returns the number of permits that are free.
func (s *Semaphore) Value(ctx context.Context) (int, error) { return s.count(ctx, hub.SemValue) }
