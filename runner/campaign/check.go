package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/gvp-bench/gvp/results"
)

// Check finds out whether the workers of a plan can be set up, before anything
// is measured: a worker of each workload with each combination of its
// parameters, in a process of its own. A [SetupError] says which cannot.
//
// A process that crashes or takes too long is not this check's concern: that is
// one cell's failure, and the run, which goes on without it, will record it.
func Check(ctx context.Context, plan *Plan, bench *Bench) (err error) {
	work, err := os.MkdirTemp("", "gvp-")
	if err != nil {
		return fmt.Errorf("cannot check the parameters: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	l := &launcher{bench: bench, work: work}
	for i, cell := range plan.Cells {
		if i > 0 && cell.Row() == plan.Cells[i-1].Row() {
			continue
		}
		cell.Mode, cell.Workers = plan.base, 1
		a, err := l.take(ctx, results.Spec{Protocol: results.ProtocolVersion, Cell: cell, Check: true}, plan.Options.Timeout)
		if err != nil {
			return err
		}
		if why, ok := errors.AsType[hostError](a.err); ok {
			return &SetupError{Cell: cell, Chosen: plan.chosen(cell), Why: string(why)}
		}
	}
	return nil
}

// A SetupError says that no worker of a cell can be set up, and why.
type SetupError struct {
	Cell   results.Cell
	Chosen bool // whether some parameter has another value than its default
	Why    string
}

func (e *SetupError) Error() string {
	return fmt.Sprintf("workload %s cannot be set up: %s", e.Cell.Workload, e.Why)
}

// chosen tells whether a parameter of the cell has another value than its
// default.
func (p *Plan) chosen(c results.Cell) bool {
	return slices.ContainsFunc(p.workloads, func(w results.CatalogWorkload) bool {
		return w.Name == c.Workload && slices.ContainsFunc(w.Params, func(param results.CatalogParam) bool {
			return c.Values()[param.Name] != param.Default
		})
	})
}
