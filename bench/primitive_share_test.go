package bench

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/managers"
)

// BenchmarkCounter counts one up what goroutines, or processes, have in common.
func BenchmarkCounter(b *testing.B) {
	ctx := context.Background()
	b.Run("by=atomic", func(b *testing.B) {
		var n atomic.Int64
		for b.Loop() {
			n.Add(1)
		}
	})
	b.Run("by=value", func(b *testing.B) {
		v, err := multiproc.NewValue(int64(0))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := v.Update(ctx, func(n *int64) error { *n++; return nil }); err != nil {
				b.Fatal(err)
			}
		}
		if n, err := v.Load(ctx); n != int64(b.N) || err != nil {
			b.Fatal(n, err)
		}
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("by=rawvalue", func(b *testing.B) {
		v, err := multiproc.NewValue(int64(0))
		if err != nil {
			b.Fatal(err)
		}
		n := v.Raw()
		for b.Loop() {
			atomic.AddInt64(n, 1)
		}
		if err := v.Close(); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("by=manager", func(b *testing.B) {
		counts := newDict(b)
		for b.Loop() {
			if _, err := managers.Add(ctx, counts, "n", 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkMap gets what is under a key of a map of a thousand.
func BenchmarkMap(b *testing.B) {
	const keys = 1000
	ctx := context.Background()
	b.Run("by=syncmap", func(b *testing.B) {
		var m sync.Map
		for i := range keys {
			m.Store(strconv.Itoa(i), i)
		}
		for b.Loop() {
			if _, ok := m.Load("500"); !ok {
				b.Fatal("the key is gone")
			}
		}
	})
	b.Run("by=manager", func(b *testing.B) {
		d := newDict(b)
		for i := range keys {
			if err := d.Set(ctx, strconv.Itoa(i), i); err != nil {
				b.Fatal(err)
			}
		}
		for b.Loop() {
			if v, ok, err := d.Get(ctx, "500"); v != 500 || !ok || err != nil {
				b.Fatal(v, ok, err)
			}
		}
	})
}

// newDict makes a dict at a server of its own, which ends with the benchmark.
func newDict(b *testing.B) *managers.Dict[string, int] {
	b.Helper()
	ctx := context.Background()
	m, err := managers.Start(ctx, managers.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := m.Shutdown(ctx); err != nil {
			b.Error(err)
		}
	})
	d, err := managers.NewDict[string, int](ctx, m)
	if err != nil {
		b.Fatal(errors.Join(err, m.Shutdown(ctx)))
	}
	return d
}
