package main

import (
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
	"github.com/gvp-bench/gvp/runner/check"
)

// kinds returns what the flags have check compare, and what chooses the cells.
// Flags that choose among one kind leave the other out.
func (f *checkFlags) kinds() (kinds check.Kinds, cells func([]results.Catalog) ([][]results.Cell, error)) {
	cells = func(all []results.Catalog) ([][]results.Cell, error) {
		return f.cells.checkedCells(all, runtime.GOMAXPROCS(0))
	}
	switch {
	case !f.cells.given() && f.bench == "":
		return check.TestsElseCells, cells
	case !f.cells.given():
		return check.TestsElseCells, nil
	case f.bench == "":
		return check.CellsAlone, cells
	}
	return check.TestsAndCells, cells
}

// checkedCells returns what is compared of each of several bench binaries, told by
// its catalog: the cells of the quick preset, save for what the flags say
// otherwise. A name need not be known to all of them, as a workload may be on one
// side alone, but it must be to one.
func (f *cellFlags) checkedCells(catalogs []results.Catalog, cpus int) ([][]results.Cell, error) {
	quick, err := findPreset(quickPreset)
	if err != nil {
		return nil, err
	}
	all := union(catalogs)
	if _, err := campaign.NewPlan(all, f.options(quick, all, cpus)); err != nil {
		return nil, usageError{err}
	}
	cells := make([][]results.Cell, len(catalogs))
	for i, c := range catalogs {
		own, some := f.within(c)
		if !some {
			continue
		}
		o := own.options(quick, c, cpus)
		o.Params = knownParams(o, c)
		plan, err := campaign.NewPlan(c, o)
		if err != nil {
			return nil, usageError{err}
		}
		// Nothing here is over serial, which a plan always has.
		cells[i] = slices.DeleteFunc(plan.Cells, func(cell results.Cell) bool {
			return len(f.modes) > 0 && !slices.Contains(f.modes, cell.Mode)
		})
	}
	return cells, nil
}

// union returns a catalog of what any of them has; of two definitions of a
// parameter it has the first.
func union(catalogs []results.Catalog) results.Catalog {
	var all results.Catalog
	for _, c := range catalogs {
		for _, w := range c.Workloads {
			i := slices.IndexFunc(all.Workloads, func(o results.CatalogWorkload) bool { return o.Name == w.Name })
			if i < 0 {
				all.Workloads = append(all.Workloads, w)
				continue
			}
			for _, p := range w.Params {
				if !hasParam(all.Workloads[i], p.Name) {
					all.Workloads[i].Params = append(all.Workloads[i].Params, p)
				}
			}
		}
		for _, m := range c.Modes {
			if !slices.ContainsFunc(all.Modes, func(o results.CatalogMode) bool { return o.Name == m.Name }) {
				all.Modes = append(all.Modes, m)
			}
		}
	}
	return all
}

func hasParam(w results.CatalogWorkload, name string) bool {
	return slices.ContainsFunc(w.Params, func(p results.CatalogParam) bool { return p.Name == name })
}

// within returns the flags without the workloads and modes that a bench binary does
// not have; some is false if none is left of those that were chosen.
func (f cellFlags) within(c results.Catalog) (own cellFlags, some bool) {
	own = f
	own.workloads = slices.DeleteFunc(slices.Clone(f.workloads), func(name string) bool {
		return !slices.ContainsFunc(c.Workloads, func(w results.CatalogWorkload) bool { return w.Name == name })
	})
	own.modes = slices.DeleteFunc(slices.Clone(f.modes), func(name string) bool {
		return !slices.ContainsFunc(c.Modes, func(m results.CatalogMode) bool { return m.Name == name })
	})
	return own, len(own.workloads) > 0 == (len(f.workloads) > 0) && len(own.modes) > 0 == (len(f.modes) > 0)
}

// knownParams returns the parameters of a plan that the chosen workloads of a bench
// binary have.
func knownParams(o campaign.Options, c results.Catalog) map[string][]string {
	known := make(map[string][]string)
	for name, values := range o.Params {
		for _, w := range c.Workloads {
			if len(o.Workloads) > 0 && !slices.Contains(o.Workloads, w.Name) {
				continue
			}
			if hasParam(w, strings.TrimPrefix(name, w.Name+".")) {
				known[name] = values
			}
		}
	}
	return known
}

// benchOfCheck returns the argument of the bench binary whose names check
// completes: a side that is built already, or else the first package.
func benchOfCheck(c *cobra.Command, args []string) string {
	for _, side := range []string{"head", "base"} {
		if name := c.Flag(side).Value.String(); source(name).Binary != "" {
			return name
		}
	}
	return firstOf(args)
}
