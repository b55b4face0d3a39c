package report

import (
	"fmt"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/results"
)

// memoryFigure shows the memory of all processes of a mode at its peak.
func (s *Suite) memoryFigure(f Finding) (chart.Bars, bool) {
	unit := s.memoryUnit()
	b := chart.Bars{Across: "workers", Unit: unit}
	b.Groups, b.Series = s.bars(f.Row, func(mode string, w int) chart.Interval {
		return drawn(summarise(f.Row.values(mode, w, unit)))
	})
	var note string
	b.Series, note = without(b.Series, unit)
	title := "memory at the peak"
	r := ratioOf(f.Row.values("process", f.Workers, unit), f.Row.values("goroutine", f.Workers, unit))
	if r.Known() {
		title = compared(r, "process", "goroutine", "needs", "memory") + f.at()
	}
	how := "proportional set sizes (PSS) of the whole process tree"
	if unit == results.PeakRSS {
		how = "resident high-water marks of all processes"
	}
	b.Frame = s.frame(f.Row.Workload+": "+title,
		fmt.Sprintf("Peak memory of %s by number of workers, %s, %s (lower is better)", f.Row.Label(), how, f.sampled()), note)
	return b, len(b.Series) > 0
}
