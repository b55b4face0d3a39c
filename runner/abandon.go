package runner

import (
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
)

// abandon ends what a host has started, when its tool is gone.
func (r *Runner) abandon(spec results.Spec) {
	multiproc.KillChildren()
}
