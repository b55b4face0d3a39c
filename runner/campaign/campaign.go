package campaign

import (
	"context"
	"errors"

	"github.com/gvp-bench/gvp/results"
)

// Describe asks the bench binary what it can measure.
func Describe(ctx context.Context, bench *Bench) (results.Catalog, error) {
	return results.Catalog{}, errors.ErrUnsupported
}

// Run measures the plan into a new folder. The summary is that of what was
// measured, also with an error.
func Run(ctx context.Context, plan *Plan, bench *Bench, hooks Hooks) (*Summary, error) {
	return nil, errors.ErrUnsupported
}

// Resume completes the run in folder, wherever it was cut off, in the order
// in which it would have gone on. It refuses to with another bench binary or on
// another machine, and says what differs.
func Resume(ctx context.Context, folder string, bench *Bench, hooks Hooks) (*Summary, error) {
	return nil, errors.ErrUnsupported
}
