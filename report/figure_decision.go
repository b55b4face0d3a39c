package report

import (
	"fmt"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
)

// decisionFigure shows the fastest mode for tasks of each kind and size.
func (s *Suite) decisionFigure(d Decision) chart.Decision {
	c := chart.Decision{Across: "task"}
	for _, decade := range d.Decades {
		c.Sizes = append(c.Sizes, decadeName(decade))
	}
	for _, l := range d.Lines {
		line := chart.DecisionLine{Name: l.Name()}
		for _, f := range l.Fields {
			if f == nil {
				line.Fields = append(line.Fields, chart.Field{})
				continue
			}
			field := chart.Field{Modes: f.Among}
			switch {
			case f.unclear():
				field = chart.Field{Undecided: f.verdict()}
			case len(f.Among) > 1:
				field.Undecided = f.verdict()
			}
			if f.Margin.Known() && !f.unclear() {
				field.Margin = f.Margin.Center
				field.Notes = append(field.Notes, "by "+ahead(f.Margin.Center))
			}
			if text := f.reached(); text != "" {
				field.Notes = append(field.Notes, text)
			}
			line.Fields = append(line.Fields, field)
		}
		c.Lines = append(c.Lines, line)
	}
	var findings []Finding
	for _, f := range d.all() {
		findings = append(findings, f.Finding)
	}
	at := "the most workers that there are CPUs for"
	if w, same := sameWorkers(findings); same {
		at = wording.Count(w, "worker")
	}
	c.Frame = s.frame(d.Headline(), fmt.Sprintf("Fastest mode by kind of work and size of task (what serial takes for one), how much longer the next mode takes, and speedup over serial, at %s, %s",
		at, sampledAll(findings)))
	return c
}

// ahead says 31 %, or 2.31×.
func ahead(ratio float64) string {
	if ratio < large {
		return percent(ratio - 1)
	}
	return times(ratio)
}
