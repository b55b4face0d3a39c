package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// percentiles are those that are measured, with their metrics.
var percentiles = []struct {
	percent float64
	unit    string
}{{50, results.P50Sec}, {90, results.P90Sec}, {99, results.P99Sec}, {99.9, results.P999Sec}}

// latencyFigure shows the distribution of the time that a unit takes.
func (s *Suite) latencyFigure(f Finding) (chart.Quantiles, bool) {
	q := chart.Quantiles{Unit: "sec"}
	for _, m := range s.Modes {
		w := f.Workers
		if m == serial {
			w = 1
		}
		line := chart.Line{Name: m}
		for _, p := range percentiles {
			if v := f.Row.values(m, w, p.unit); len(v) > 0 {
				line.Points = append(line.Points, chart.Point{X: p.percent, Y: drawn(summarise(v))})
			}
		}
		if len(line.Points) > 0 {
			q.Lines = append(q.Lines, line)
		}
	}
	q.Frame = s.frame(f.Row.Workload+": "+s.latencyTitle(f),
		fmt.Sprintf("Time from start to end of a unit of %s at %s, %s (lower is better), log axis", f.Row.Label(), wording.Count(f.Workers, "worker"), f.sampled()))
	return q, len(q.Lines) > 0
}

// latencyTitle says in which concurrent mode the highest percentile that all of
// them have is lowest, and in which it is highest.
func (s *Suite) latencyTitle(f Finding) string {
	modes := s.concurrent(f.Row, f.Workers, results.P50Sec)
	for _, p := range slices.Backward(percentiles) {
		if len(modes) < 2 || len(s.concurrent(f.Row, f.Workers, p.unit)) < len(modes) {
			continue
		}
		least, most := math.Inf(1), math.Inf(-1)
		var best, worst string
		for _, m := range modes {
			v := summarise(f.Row.values(m, f.Workers, p.unit)).Center
			if v < least {
				least, best = v, m
			}
			if v > most {
				most, worst = v, m
			}
		}
		return fmt.Sprintf("%g %% of units end within %s in %s, within %s in %s",
			p.percent, quantity(least, p.unit), best, quantity(most, p.unit), worst)
	}
	return "time from start to end of a unit"
}
