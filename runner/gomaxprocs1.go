package runner

import (
	"context"

	"github.com/gvp-bench/gvp/results"
)

// gomaxprocs1 is the same goroutines on one CPU: Go's nearest thing to threads
// under Python's GIL.
type gomaxprocs1 struct{}

func (gomaxprocs1) describe() results.CatalogMode {
	return results.CatalogMode{Name: "gomaxprocs1", Help: "one process, a goroutine per worker, GOMAXPROCS=1: the nearest thing to Python's GIL"}
}

func (gomaxprocs1) gomaxprocs(int, int) int { return 1 }

func (gomaxprocs1) start(_ context.Context, t task) (crew, error) {
	return newTeam(t, 0, t.cell.Workers, false)
}
