package multiproc

import (
	"testing"
	"time"
)

// BenchmarkStart starts a child and joins it: cold, and from a spare, which is
// replaced off the clock.
func BenchmarkStart(b *testing.B) {
	b.Run("start=cold", func(b *testing.B) {
		for b.Loop() {
			startAndJoin(b, Options{})
		}
	})
	b.Run("start=warm", func(b *testing.B) {
		s, err := NewSpares(1, Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		var starts time.Duration
		for range b.N {
			b.StopTimer()
			if err := s.Wait(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
			starts += startAndJoin(b, Options{Spares: s})
		}
		b.ReportMetric(float64(starts.Nanoseconds())/float64(b.N), "start-ns/op")
	})
}

// startAndJoin returns how long the start took of that.
func startAndJoin(b *testing.B, o Options) time.Duration {
	b.Helper()
	began := time.Now()
	p, err := square.Start(3, o)
	took := time.Since(began)
	if err != nil {
		b.Fatal(err)
	}
	if got, err := p.Join(b.Context()); got != 9 || err != nil {
		b.Fatal(got, err)
	}
	return took
}
