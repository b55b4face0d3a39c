package report

import (
	"fmt"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/results"
)

// scalingFigure shows the speedup over serial against the number of workers.
func (s *Suite) scalingFigure(f Finding) (chart.Scaling, bool) {
	c := chart.Scaling{Cores: s.CPUs}
	base := f.Row.base(results.SecPerOp)
	if len(base) == 0 || len(f.Row.Workers) < 2 {
		return c, false
	}
	var top Ratio
	var mode string
	var workers int
	for _, m := range s.Modes {
		line := chart.Line{Name: m}
		for _, w := range f.Row.Workers {
			v := ratioOf(base, f.Row.values(m, w, results.SecPerOp))
			if !v.Known() || m == serial {
				continue
			}
			line.Points = append(line.Points, chart.Point{X: float64(w), Y: drawnRatio(v)})
			if v.Center > top.Center {
				top, mode, workers = v, m, w
			}
		}
		if len(line.Points) > 0 {
			c.Lines = append(c.Lines, line)
		}
	}
	if len(c.Lines) == 0 {
		return c, false
	}
	title := fmt.Sprintf("%s: the most is %s serial, by %s at %s", f.Row.Workload, times(top.Center), mode, count(workers, "worker"))
	c.Frame = s.frame(title, fmt.Sprintf("Speedup of %s over serial, %s (higher is better), log axes", f.Row.Label(), f.sampled()))
	return c, true
}
