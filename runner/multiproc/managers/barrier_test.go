package managers

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestBarrier(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		b := got(NewBarrier(ctx, m.Named("barrier"), 2))(t)
		there := got(NewBarrier(ctx, other.Named("barrier"), 2))(t)
		acted := 0
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := there.WaitDo(ctx, func() error { acted++; return nil }); err != nil {
				t.Error(err)
			}
		})
		got(b.WaitDo(ctx, func() error { acted++; return nil }))(t)
		both.Wait()
		check(t, "actions", acted, nil, 1)
		n, err := b.Parties(ctx)
		check(t, "parties", n, err, 2)
		n, err = b.Waiting(ctx)
		check(t, "waiting", n, err, 0)
		if _, err := b.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("alone: %v", err)
		}
		broken, err := there.Broken(ctx)
		check(t, "broken", broken, err, true)
		ok(t, b.Reset(ctx))
		ok(t, b.Abort(ctx))
		if _, err := b.Wait(ctx); !errors.Is(err, multiproc.ErrBroken) {
			t.Errorf("aborted: %v", err)
		}
		if _, err := NewBarrier(ctx, m, 0); err == nil {
			t.Error("one without parties")
		}
	})
}
