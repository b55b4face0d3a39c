package runner

import (
	"context"

	"github.com/gvp-bench/gvp/results"
)

// goroutine is what Go programs do: a goroutine for each worker, on as many
// CPUs as there are workers.
type goroutine struct{}

func (goroutine) describe() results.CatalogMode {
	return results.CatalogMode{Name: "goroutine", Help: "one process, a goroutine per worker, GOMAXPROCS = min(workers, CPUs)"}
}

func (goroutine) gomaxprocs(workers, cpus int) int { return min(workers, cpus) }

func (goroutine) start(_ context.Context, t task) (crew, error) {
	return newTeam(t, 0, t.cell.Workers, false)
}
