package runner

import (
	"context"

	"github.com/gvp-bench/gvp/results"
)

// thread locks each worker's goroutine to an OS thread of its own: what
// Python's threads are.
type thread struct{}

func (thread) describe() results.CatalogMode {
	return results.CatalogMode{Name: "thread", Help: "one process, a goroutine locked to an OS thread per worker, GOMAXPROCS = min(workers, CPUs)"}
}

func (thread) gomaxprocs(workers, cpus int) int { return min(workers, cpus) }

func (thread) start(_ context.Context, t task) (crew, error) {
	return newTeam(t, 0, t.cell.Workers, true)
}
