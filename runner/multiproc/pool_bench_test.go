package multiproc

import (
	"context"
	"fmt"
	"testing"
)

// Each iteration is one task that does next to nothing: what is measured is the
// way there and back.

func benchPool(b *testing.B) *Pool {
	b.Helper()
	p, err := NewPool(b.Context(), PoolOptions{Workers: 2})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		p.Close()
		if err := p.Join(context.Background()); err != nil {
			b.Error(err)
		}
	})
	if _, err := Map(b.Context(), p, double, upTo(100), MapOptions{Chunk: 1}); err != nil { // until they are up
		b.Fatal(err)
	}
	return p
}

func BenchmarkPoolMap(b *testing.B) {
	for _, chunk := range []int{1, 64, 0} {
		name := fmt.Sprint("chunk=", chunk)
		if chunk == 0 {
			name = "chunk=default"
		}
		b.Run(name, func(b *testing.B) {
			p := benchPool(b)
			args := upTo(b.N)
			b.ReportAllocs()
			b.ResetTimer()
			if _, err := Map(b.Context(), p, double, args, MapOptions{Chunk: chunk}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
		})
	}
}

func BenchmarkPoolApply(b *testing.B) {
	p := benchPool(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Apply(b.Context(), p, double, 1); err != nil {
			b.Fatal(err)
		}
	}
}
