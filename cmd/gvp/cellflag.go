package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

// cellFlags are the flags that choose cells of a bench binary.
type cellFlags struct {
	workloads, modes words
	workers          counts
	params           params
}

// A cellHelp is what differs in the help on the flags that choose cells.
type cellHelp struct {
	do       string // what is done with the cells
	modes    string // what else there is to say of modes
	defaults string // where defaults come from
}

// addCellFlags gives the command the flags that choose cells of the bench binary
// that benchOf names, as an argument of run does.
func (t *tool) addCellFlags(c *cobra.Command, f *cellFlags, help cellHelp, benchOf func(*cobra.Command, []string) string) {
	f.params = params{}
	fs := c.Flags()
	fs.VarP(&f.workloads, "workload", "w", fmt.Sprintf("workloads to %s, such as hash,sleep (default %s)", help.do, help.defaults))
	fs.VarP(&f.modes, "mode", "m", fmt.Sprintf("modes to %s, such as goroutine,process%s (default all)", help.do, help.modes))
	fs.VarP(&f.workers, "workers", "j", fmt.Sprintf("numbers of workers, such as 1,2,4 (default %s)", help.defaults))
	fs.Var(f.params, "param", "values of a parameter, such as size=64KiB,1MiB, or of one workload's, such as hash.size=1KiB; may be repeated")
	complete(c, "workload", t.fromCatalog(benchOf, workloadNames))
	complete(c, "mode", t.fromCatalog(benchOf, modeNames))
	complete(c, "workers", cobra.NoFileCompletions)
	complete(c, "param", t.fromCatalog(benchOf, paramNames))
}

// given reports whether any of the flags was.
func (f *cellFlags) given() bool {
	return len(f.workloads) > 0 || len(f.modes) > 0 || len(f.workers) > 0 || len(f.params) > 0
}

// options are those of a preset, save for what the flags say otherwise.
func (f *cellFlags) options(p preset, catalog results.Catalog, cpus int) campaign.Options {
	o := p.options(catalog, cpus)
	if len(f.workloads) > 0 {
		o.Workloads = f.workloads
	}
	if len(f.workers) > 0 {
		o.Workers = f.workers
	}
	if o.Params = f.params; len(f.params) == 0 {
		o.Params, o.Together = p.paramsFor(catalog, o.Workloads), p.Together
	}
	o.Modes = f.modes
	return o
}
