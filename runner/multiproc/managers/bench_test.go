package managers

import (
	"context"
	"testing"
)

func BenchmarkDictGet(b *testing.B) {
	for _, network := range []string{"unix", "tcp"} {
		b.Run("network="+network, func(b *testing.B) {
			d := benchDict(b, network)
			for b.Loop() {
				if v, _, err := d.Get(context.Background(), "key"); v != 7 || err != nil {
					b.Fatal(v, err)
				}
			}
		})
		b.Run("side-by-side/network="+network, func(b *testing.B) {
			d := benchDict(b, network)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if v, _, err := d.Get(context.Background(), "key"); v != 7 || err != nil {
						b.Error(v, err)
						return
					}
				}
			})
		})
	}
}

func benchDict(b *testing.B, network string) *Dict[string, int] {
	b.Helper()
	m, err := Start(b.Context(), Options{Network: network})
	ok(b, err)
	b.Cleanup(func() { ok(b, m.Shutdown(context.Background())) })
	d, err := NewDict[string, int](b.Context(), m)
	ok(b, err)
	ok(b, d.Set(b.Context(), "key", 7))
	return d
}
