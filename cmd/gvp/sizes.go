package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/report"
	"github.com/gvp-bench/gvp/runner/campaign"
)

// sizesRun is gvp run with a preset of tasks of several sizes, as a command of
// its own.
type sizesRun struct {
	name, short, long, example string

	preset string
	least  int    // sizes without which the report has nothing to say
	param  string // what the parameter must be that gives the sizes
}

func sizesRuns() []sizesRun {
	return []sizesRun{
		{
			name:  "granularity",
			short: "Measure how small tasks may be in every mode",
			long: `granularity is gvp run --preset granularity: it measures tasks of several sizes,
for the report to say what the smallest ones are with which a mode still does
half of its peak rate of work: METG(50 %), as Task Bench defines it.

Another workload will do as well if its work is proportional to a parameter:
give four values of it and more.`,
			example: `  gvp granularity
  gvp granularity -m goroutine,process --rounds 20
  gvp granularity -w hash --param size=64B,1KiB,16KiB,256KiB,4MiB`,
			preset: granularityPreset,
			least:  report.LeastSizes,
			param:  "its work is proportional to, such as --workload spin --param iterations=10,100,1000,10000",
		},
		{
			name:  "decide",
			short: "Measure which mode suits which tasks",
			long: `decide is gvp run --preset decision: it measures tasks that compute, that wait
and that do both, each of several sizes, for the report to draw a map of: which
mode is fastest for tasks of what size, and by how much.

Any workload will do of which a parameter, or several that rise together, makes
the tasks larger: give two values of it and more.`,
			example: `  gvp decide
  gvp decide -m goroutine,process --rounds 20
  gvp decide ./mybench -w mine --param size=1KiB,64KiB,4MiB`,
			preset: decisionPreset,
			least:  report.LeastDecision,
			param:  "makes its tasks larger, such as --workload hash --param size=1KiB,64KiB",
		},
	}
}

func (t *tool) sizesCommands() []*cobra.Command {
	var commands []*cobra.Command
	for _, s := range sizesRuns() {
		f := runFlags{preset: s.preset}
		c := &cobra.Command{
			Use:     s.name + " [package-or-binary]",
			Short:   s.short,
			Long:    s.long,
			Example: s.example,
			Args:    atMostOne,
			RunE:    func(c *cobra.Command, args []string) error { return t.run(c, &f, args) },
		}
		t.addMeasureFlags(c, &f)
		commands = append(commands, c)
	}
	return commands
}

// checkSizes finds out whether what is planned with a preset of several sizes has
// as many as the report must have.
func checkSizes(plan *campaign.Plan, preset string) error {
	for _, s := range sizesRuns() {
		if s.preset == preset && !hasSizes(plan, s.least) {
			return usagef("nothing says what the sizes of tasks are: name a workload and %d values or more of a parameter that %s", s.least, s.param)
		}
	}
	return nil
}

// hasSizes reports whether some workload is to be measured with tasks of at least
// that many sizes.
func hasSizes(plan *campaign.Plan, least int) bool {
	rows := make(map[string][]string) // by workload
	for _, c := range plan.Cells {
		if row := c.Row(); !slices.Contains(rows[c.Workload], row) {
			rows[c.Workload] = append(rows[c.Workload], row)
		}
	}
	for _, r := range rows {
		if len(r) >= least {
			return true
		}
	}
	return false
}
