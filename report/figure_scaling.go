package report

import (
	"fmt"
	"math"
	"slices"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// scalingFigure shows the speedup over serial against the number of workers.
func (s *Suite) scalingFigure(f Finding) (chart.Scaling, bool) {
	c := chart.Scaling{Cores: s.CPUs}
	base := f.Row.base()
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
	var note string
	c.Lines, note = withoutSlow(c.Lines)
	title := fmt.Sprintf("%s: the most is %s serial, by %s at %s", f.Row.Workload, times(top.Center), mode, wording.Count(workers, "worker"))
	c.Frame = s.frame(title, fmt.Sprintf("Speedup of %s over serial, %s (higher is better), log axes", f.Row.Label(), f.sampled()), note)
	return c, true
}

// withoutSlow takes the modes out of the chart that are so far below serial and
// all others that the rest would be pressed into one line, and says so.
func withoutSlow(lines []chart.Line) (kept []chart.Line, note string) {
	var omitted []string
	for len(lines) > 1 {
		i, low := slowest(lines)
		rest := slices.Delete(slices.Clone(lines), i, i+1)
		if _, next := slowest(rest); low*beyond > min(next, 1) {
			break
		}
		omitted = append(omitted, fmt.Sprintf("%s (at most %s)", lines[i].Name, times(low)))
		lines = rest
	}
	if len(omitted) == 0 {
		return lines, ""
	}
	return lines, "beyond the scale: " + list(omitted)
}

// slowest returns the line whose highest value is lowest, and that value.
func slowest(lines []chart.Line) (at int, value float64) {
	value = math.Inf(1)
	for i, l := range lines {
		top := 0.0
		for _, p := range l.Points {
			top = max(top, p.Y.Center)
		}
		if top < value {
			at, value = i, top
		}
	}
	return at, value
}
