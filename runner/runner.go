package runner

import (
	"errors"
	"fmt"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/workloads"
)

// A Runner measures workloads in every mode.
type Runner struct {
	workloads []workloads.Workload
	worker    multiproc.Function[workerSpec, struct{}]
	unit      multiproc.Function[unitSpec, unitResult]
}

// New returns a Runner of the given workloads. A program makes one, before it
// calls [multiproc.Main]: the process modes find the workloads in it.
func New(ws ...workloads.Workload) (*Runner, error) {
	if len(ws) == 0 {
		return nil, errors.New("a bench binary needs at least one workload")
	}
	if err := workloads.Validate(ws...); err != nil {
		return nil, err
	}
	r := &Runner{workloads: ws}
	r.worker = multiproc.Func("gvp.worker", r.serveUnits)
	r.unit = multiproc.Func("gvp.unit", r.doUnit)
	return r, nil
}

// Catalog says what the Runner can measure.
func (r *Runner) Catalog() results.Catalog {
	c := results.Catalog{Protocol: results.ProtocolVersion}
	for _, w := range r.workloads {
		cw := results.CatalogWorkload{Name: w.Name, Help: w.Help, Note: w.Note}
		for _, p := range w.Params {
			cw.Params = append(cw.Params, results.CatalogParam{
				Name: p.Name, Help: p.Help, Kind: string(p.Kind), Default: p.Default,
				Min: p.Min, Max: p.Max, Range: p.Range(),
			})
		}
		c.Workloads = append(c.Workloads, cw)
	}
	for _, m := range modes() {
		c.Modes = append(c.Modes, m.describe())
	}
	return c
}

// job looks a workload up and sets its parameters.
func (r *Runner) job(name string, values map[string]string) (workloads.Job, error) {
	for _, w := range append(r.workloads, control) {
		if w.Name != name {
			continue
		}
		v, err := w.Resolve(values)
		if err != nil {
			return workloads.Job{}, err
		}
		job, err := w.New(v)
		if err != nil {
			return workloads.Job{}, fmt.Errorf("workload %s: %w", name, err)
		}
		return job, nil
	}
	return workloads.Job{}, fmt.Errorf("unknown workload %q", name)
}
