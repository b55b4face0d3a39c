package campaign

import (
	"errors"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A Plan is what a run will measure.
type Plan struct {
	Cells   []results.Cell // without the control kernel
	Options Options        // complete: nothing in it is left to a default
}

// NewPlan makes the plan of a run. Its errors name what was asked for and is
// not there, and what is.
func NewPlan(catalog results.Catalog, o Options) (*Plan, error) {
	return nil, errors.ErrUnsupported
}

// Estimate returns how long the run will take, before it starts.
func (p *Plan) Estimate() time.Duration { return 0 }
