package managers

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestQueues(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		q := got(NewQueue[string](ctx, m, 1))(t)
		ok(t, q.Put(ctx, "a"))
		if err := q.TryPut(ctx, "b"); !errors.Is(err, multiproc.ErrFull) {
			t.Errorf("full: %v", err)
		}
		if err := q.Put(brief(t), "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("full, in time: %v", err)
		}
		v, err := q.Get(ctx)
		check(t, "got", v, err, "a")
		if _, err := q.TryGet(ctx); !errors.Is(err, multiproc.ErrEmpty) {
			t.Errorf("empty: %v", err)
		}
		if _, err := q.Get(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("empty, in time: %v", err)
		}
		n, err := q.Cap(ctx)
		check(t, "room", n, err, 1)
		n, err = q.Len(ctx)
		check(t, "length", n, err, 0)
		ok(t, q.Shut(ctx))
		if _, err := q.Get(ctx); !errors.Is(err, multiproc.ErrClosed) {
			t.Errorf("shut: %v", err)
		}

		j := got(NewJoinableQueue[int](ctx, m, 0))(t)
		ok(t, j.Put(ctx, 1))
		ok(t, j.TryPut(ctx, 2))
		for want := 1; want <= 2; want++ {
			v, err := j.Get(ctx)
			check(t, "task", v, err, want)
		}
		if err := j.Join(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("joined too soon: %v", err)
		}
		ok(t, j.TaskDone(ctx))
		ok(t, j.TaskDone(ctx))
		ok(t, j.Join(ctx))
		if err := j.TaskDone(ctx); !errors.Is(err, multiproc.ErrReleased) {
			t.Errorf("one too many: %v", err)
		}
	})
}

// No item is lost to a context that ends as it arrives.
func TestNothingIsLostToContexts(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	q := got(NewQueue[int](ctx, m, 0))(t)
	const n = 300
	var sum, want int
	var getting sync.WaitGroup
	getting.Go(func() {
		for left := n; left > 0; {
			short, cancel := context.WithTimeout(ctx, 100_000) // nanoseconds: it ends at any time
			v, err := q.Get(short)
			cancel()
			switch {
			case err == nil:
				sum += v
				left--
			case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
				t.Error(err)
				return
			}
		}
	})
	for i := range n {
		ok(t, q.Put(ctx, i))
		want += i
	}
	getting.Wait()
	if sum != want {
		t.Errorf("sum %d, want %d", sum, want)
	}
}
