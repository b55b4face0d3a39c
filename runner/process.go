package runner

import (
	"context"
	"slices"

	"github.com/gvp-bench/gvp/results"
)

// process is a warm pool of one process per worker, each with GOMAXPROCS=1.
type process struct{}

func (process) describe() results.CatalogMode {
	return results.CatalogMode{Name: "process", Help: "a warm pool of one process per worker, GOMAXPROCS=1 each"}
}

// gomaxprocs is that of the dispatcher, which only passes messages on.
func (process) gomaxprocs(int, int) int { return 1 }

func (process) start(ctx context.Context, t task) (crew, error) {
	return newPool(ctx, t, slices.Repeat([]int{1}, t.cell.Workers))
}
