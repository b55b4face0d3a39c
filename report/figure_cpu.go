package report

import (
	"fmt"
	"math"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// cpuFigure shows the CPU seconds of a unit, those in user mode apart from those
// in the kernel.
func (s *Suite) cpuFigure(f Finding) (chart.Bars, bool) {
	b := chart.Bars{Across: "workers", Unit: results.SecPerOp, Parts: [2]string{"user", "system"}}
	b.Groups, b.Series = s.bars(f.Row, func(mode string, w int) chart.Interval { return drawn(f.Row.cpu(mode, w)) })
	for i := range b.Series {
		one := &b.Series[i]
		for g, w := range f.Row.Workers {
			user := summarise(f.Row.values(one.Name, w, results.UserPerOp)).Center
			// The medians of the parts need not add up to that of the sum.
			one.Lower = append(one.Lower, math.Min(user, one.Values[g].Center))
		}
	}
	var note string
	b.Series, note = without(b.Series, results.SecPerOp)
	title := "CPU time of a unit"
	r := ratioOf(f.Row.cpuSum("process", f.Workers), f.Row.cpuSum("goroutine", f.Workers))
	if r.Known() {
		title = compared(r, "process", "goroutine", "takes", "CPU time")
	}
	b.Frame = s.frame(f.Row.Workload+": "+title+f.at(),
		fmt.Sprintf("CPU seconds per unit of %s by number of workers, user and system, all processes of the mode, %s (lower is better)", f.Row.Label(), f.sampled()), note)
	return b, len(b.Series) > 0
}

// at says at how many workers the finding is.
func (f Finding) at() string { return " at " + wording.Count(f.Workers, "worker") }
