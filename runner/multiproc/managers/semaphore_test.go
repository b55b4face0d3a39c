package managers

import (
	"errors"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestSemaphores(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		s := got(NewBoundedSemaphore(ctx, m, 1))(t)
		ok(t, s.Acquire(ctx))
		got2, err := s.TryAcquire(ctx)
		check(t, "acquired", got2, err, false)
		ok(t, s.Release(ctx))
		if err := s.Release(ctx); !errors.Is(err, multiproc.ErrReleased) {
			t.Errorf("one too many: %v", err)
		}
		s = got(NewSemaphore(ctx, m, 0))(t)
		ok(t, s.Release(ctx))
		n, err := s.Value(ctx)
		check(t, "value", n, err, 1)
		if _, err := NewSemaphore(ctx, m, -1); err == nil {
			t.Error("one with -1 permits")
		}
	})
}
