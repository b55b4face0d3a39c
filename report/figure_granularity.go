package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
)

// granularityFigure shows the rate of work, as a share of each mode's peak,
// against the granularity of tasks.
func (s *Suite) granularityFigure(g Granularity) chart.Efficiency {
	var c chart.Efficiency
	var notes []string
	fewest, most := math.MaxInt, 0
	for _, m := range g.Modes {
		line := chart.Line{Name: m.Mode}
		for _, p := range m.Points {
			line.Points = append(line.Points, chart.Point{X: p.Seconds.Center, Y: drawn(p.Share)})
			fewest, most = min(fewest, len(p.samples)), max(most, len(p.samples))
		}
		at := chart.Absent()
		switch v := m.Seconds; {
		case v.Center == 0, math.IsInf(v.Center, 1):
			notes = append(notes, "beyond the sizes: "+m.Mode+" "+m.text(v.Center))
		default:
			at = drawn(v)
		}
		c.Lines = append(c.Lines, line)
		c.Crossings = append(c.Crossings, at)
	}
	title := g.Workload + ": " + strings.TrimSuffix(g.Sentence(), ".")
	sampled := Finding{N: [2]int{fewest, most}}.sampled()
	c.Frame = s.frame(title, fmt.Sprintf("Rate of work, as a share of each mode's own peak, against task granularity (wall time × cores / tasks), %s, %s (higher is better), log axis",
		strings.ReplaceAll(wording.Count(g.Workers, "worker"), " ", wording.NBSP), sampled), notes...)
	return c
}
