package runner

import (
	"context"
	"math"

	"github.com/gvp-bench/gvp/results"
)

// hybrid is processes with goroutines inside: about √workers of each.
type hybrid struct{}

func (hybrid) describe() results.CatalogMode {
	return results.CatalogMode{Name: "hybrid", Help: "a warm pool of about √workers processes with goroutines inside, GOMAXPROCS = min(goroutines, CPUs) each"}
}

// gomaxprocs is that of the dispatcher, which only passes messages on.
func (hybrid) gomaxprocs(int, int) int { return 1 }

func (hybrid) start(ctx context.Context, t task) (crew, error) {
	return newPool(ctx, t, split(t.cell.Workers))
}

// split says how many goroutines each process gets: ⌊√workers⌋ processes that
// differ by one goroutine at most. Two workers are one process of two, which
// is what sets this mode apart from process there.
func split(workers int) []int {
	goroutines := make([]int, max(1, int(math.Sqrt(float64(workers)))))
	for w := range workers {
		goroutines[w%len(goroutines)]++
	}
	return goroutines
}
