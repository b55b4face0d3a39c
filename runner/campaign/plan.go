package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A Plan is what a run will measure.
type Plan struct {
	Cells   []results.Cell // without the control kernel
	Options Options        // complete: nothing in it is left to a default

	workloads []results.CatalogWorkload // those of the cells
	base      string                    // the mode that every speedup is over: serial
}

// NewPlan makes the plan of a run. Its errors name what was asked for and is
// not there, and what is.
func NewPlan(catalog results.Catalog, o Options) (*Plan, error) {
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	modes, err := chooseModes(catalog, o.Modes)
	if err != nil {
		return nil, err
	}
	workloads, err := chooseWorkloads(catalog, o.Workloads)
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(workloads, o.Params, o.Together)
	if err != nil {
		return nil, err
	}
	several := 0
	for _, m := range modes {
		several += len(workersOf(m, o.Workers))
	}
	if n := len(rows) * several; n > maxCells {
		return nil, fmt.Errorf("%d cells are too many (at most %d): choose fewer workloads, parameter values, modes or workers", n, maxCells)
	}
	if n := (len(rows)*several + 1) * o.Rounds; n > maxSamples {
		return nil, fmt.Errorf("%d samples are too many (at most %d): choose fewer rounds or cells", n, maxSamples)
	}
	p := &Plan{Options: o, workloads: workloads, base: catalog.Modes[0].Name}
	p.Options.Workloads, p.Options.Modes = namesOf(workloads, workloadName), namesOf(modes, modeName)
	for _, row := range rows {
		for _, m := range modes {
			for _, n := range workersOf(m, o.Workers) {
				row.Mode, row.Workers = m.Name, n
				p.Cells = append(p.Cells, row)
			}
		}
	}
	return p, nil
}

// complete checks the options that need no catalog, and fills the defaults in.
func (o Options) complete() (Options, error) {
	o.Rounds = cmp.Or(o.Rounds, defaultRounds)
	o.Target = cmp.Or(o.Target, defaultTarget)
	o.Timeout = cmp.Or(o.Timeout, max(time.Minute, 20*o.Target))
	o.Out = cmp.Or(o.Out, defaultOut)
	switch {
	case o.Rounds < 1 || o.Rounds > maxRounds:
		return o, fmt.Errorf("%d rounds: want 1 to %d", o.Rounds, maxRounds)
	case o.Target < minTarget || o.Target > maxTarget:
		return o, fmt.Errorf("samples of %v: want %v to %v", o.Target, minTarget, maxTarget)
	case o.Timeout <= o.Target || o.Timeout > maxTimeout:
		return o, fmt.Errorf("a time-out of %v: want more than the %v of a sample, and at most %v", o.Timeout, o.Target, maxTimeout)
	case o.ProfileTime < 0 || o.ProfileTime > maxTarget:
		return o, fmt.Errorf("profiles of %v: want 0 to %v", o.ProfileTime, maxTarget)
	}
	if len(o.Workers) == 0 {
		o.Workers = defaultWorkers(runtime.NumCPU())
	}
	for _, n := range o.Workers {
		if n < 1 || n > maxWorkers {
			return o, fmt.Errorf("%d workers: want 1 to %d", n, maxWorkers)
		}
	}
	o.Workers = slices.Compact(slices.Sorted(slices.Values(o.Workers)))
	return o, nil
}

// defaultWorkers returns the powers of two up to cpus, and cpus.
func defaultWorkers(cpus int) []int {
	var ns []int
	for n := 1; n <= cpus; n *= 2 {
		ns = append(ns, n)
	}
	if bits.OnesCount(uint(cpus)) != 1 {
		ns = append(ns, cpus)
	}
	return ns
}

func workersOf(m results.CatalogMode, several []int) []int {
	if m.Single {
		return []int{1}
	}
	return several
}

// chooseModes returns the modes of the given names in the catalog's order, and
// with them the first, which is the base.
func chooseModes(c results.Catalog, names []string) ([]results.CatalogMode, error) {
	if len(c.Modes) == 0 {
		return nil, errors.New("the bench binary has no modes")
	}
	if len(names) > 0 {
		names = append([]string{c.Modes[0].Name}, names...)
	}
	return choose("mode", c.Modes, modeName, names)
}

// chooseWorkloads returns the workloads of the given names in the catalog's order.
func chooseWorkloads(c results.Catalog, names []string) ([]results.CatalogWorkload, error) {
	if len(c.Workloads) == 0 {
		return nil, errors.New("the bench binary has no workloads")
	}
	return choose("workload", c.Workloads, workloadName, names)
}

func modeName(m results.CatalogMode) string         { return m.Name }
func workloadName(w results.CatalogWorkload) string { return w.Name }

// choose returns those of all that names name, in the order of all; without
// names, all of them.
func choose[T any](what string, all []T, nameOf func(T) string, names []string) ([]T, error) {
	known := namesOf(all, nameOf)
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, UnknownName(what, n, known)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(t T) bool {
		return len(names) > 0 && !slices.Contains(names, nameOf(t))
	}), nil
}

func namesOf[T any](all []T, nameOf func(T) string) []string {
	names := make([]string, len(all))
	for i, t := range all {
		names[i] = nameOf(t)
	}
	return names
}

// control is the cell of the control kernel.
func (p *Plan) control() results.Cell {
	return results.Cell{Workload: results.ControlWorkload, Mode: p.base, Workers: 1}
}

// Estimate returns about how long the run will take.
func (p *Plan) Estimate() time.Duration {
	return newProgress(newRun(p), runtime.NumCPU()).planned()
}
