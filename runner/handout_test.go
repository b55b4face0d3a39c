package runner

import (
	"testing"

	"github.com/gvp-bench/gvp/results"
)

// BenchmarkHandOut shows what handing out one unit costs in each mode: chunks
// of one unit, of work that is over at once.
func BenchmarkHandOut(b *testing.B) {
	for _, mode := range []string{"goroutine", "gomaxprocs1", "thread", "process", "hybrid"} {
		b.Run("mode="+mode+"/workers=2", func(b *testing.B) {
			b.StopTimer()
			spec := results.Spec{Cell: cell("number", mode, 2), Units: uint64(b.N), Chunk: 1}
			if _, err := underTest.Measure(b.Context(), spec, Clock{b.StartTimer, b.StopTimer}); err != nil {
				b.Fatal(err)
			}
		})
	}
}
