package multiproc

import (
	"context"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Semaphore hands out permits to the process that made it and to all of its
// descendants that got it in a message.
//
// It counts for each process the permits that it has acquired and not released.
// When a process ends, those come back, and [ErrOwnerDied] tells the next one
// that asks. But they never come to more than the semaphore began with. So a
// permit that another process has given back already does not come twice, and
// neither does one that was added as a signal and that the ended process has
// taken: one that begins with 0 permits only signals, and nothing comes back.
type Semaphore struct{ ref }

// NewSemaphore returns a semaphore with n permits. More may be released than
// were acquired.
func NewSemaphore(n int) (*Semaphore, error) { return newSemaphore(n, false) }

// NewBoundedSemaphore returns a semaphore with n permits and never more: one
// release too many is [ErrReleased].
func NewBoundedSemaphore(n int) (*Semaphore, error) { return newSemaphore(n, true) }

func newSemaphore(n int, bounded bool) (*Semaphore, error) {
	if n < 0 {
		return nil, fmt.Errorf("a semaphore with %d permits: want 0 or more", n)
	}
	return &Semaphore{share(hub.NewSemaphore(uint64(n), bounded))}, nil
}

// Acquire waits for a permit.
func (s *Semaphore) Acquire(ctx context.Context) error {
	_, err := s.do(ctx, hub.SemAcquire, nil)
	return err
}

// TryAcquire takes a permit if one is free, and reports whether it did.
func (s *Semaphore) TryAcquire() (bool, error) { return s.try(hub.SemTryAcquire, nil, hub.ErrBusy) }

// Release gives a permit back.
func (s *Semaphore) Release() error {
	_, err := s.now(hub.SemRelease)
	return err
}

// Value returns the number of permits that are free.
func (s *Semaphore) Value() (int, error) { return s.count(hub.SemValue) }

// Close ends the semaphore: whoever waits for it gets [ErrClosed]. Only the
// process that made it can do that.
func (s *Semaphore) Close() error { return s.close() }
