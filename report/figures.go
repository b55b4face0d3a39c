package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
)

// A Figure is a chart of the report.
type Figure struct {
	Name  string // of its files, without extension: hash-scaling
	Row   *Row   // nil if it is about several rows
	Alt   string // what it shows, for those who do not see it
	Chart chart.Chart

	decision    bool   // whether it is the map of which mode suits which tasks
	granularity string // the workload whose granularity it is about, if it is
}

// Figures returns the charts of the suite: the overview first, then the map of
// which mode suits which tasks, those of granularity and those of each row. The
// rows of a series are only in the map and in the curves. What was not measured
// has none.
func (s *Suite) Figures() []Figure {
	findings := slices.DeleteFunc(slices.Clone(s.Findings()), func(f Finding) bool { return s.folded(f.Row) })
	var all []Figure
	add := func(row *Row, kind, sort string, c chart.Chart, frame chart.Frame, ok bool) {
		if !ok {
			return
		}
		name := kind
		if row != nil {
			name = s.slug(row) + "-" + kind
		}
		all = append(all, Figure{Name: name, Row: row, Chart: c, Alt: altOf(sort, frame)})
	}
	overview, ok := s.overviewFigure(findings)
	add(nil, "overview", "Dot chart", overview, overview.Frame, ok)
	if d, ok := s.Decision(); ok {
		c := s.decisionFigure(d)
		add(nil, "decision", "Map", c, c.Frame, true)
		all[len(all)-1].decision = true
	}
	for _, g := range s.Granularities() {
		c := s.granularityFigure(g)
		add(nil, fileName(g.Workload)+"-granularity", "Line chart", c, c.Frame, true)
		all[len(all)-1].granularity = g.Workload
	}
	for _, f := range findings {
		rate, ok := s.rateFigure(f)
		add(f.Row, "rate", "Bar chart", rate, rate.Frame, ok)
		scaling, ok := s.scalingFigure(f)
		add(f.Row, "scaling", "Line chart", scaling, scaling.Frame, ok)
		cpu, ok := s.cpuFigure(f)
		add(f.Row, "cpu", "Stacked bar chart", cpu, cpu.Frame, ok)
		memory, ok := s.memoryFigure(f)
		add(f.Row, "memory", "Bar chart", memory, memory.Frame, ok)
		latency, ok := s.latencyFigure(f)
		add(f.Row, "latency", "Line chart", latency, latency.Frame, ok)
	}
	return all
}

// altOf says what a chart of that sort shows.
func altOf(sort string, frame chart.Frame) string {
	return fmt.Sprintf("%s: %s. %s.", sort, strings.TrimSuffix(frame.Title, "."), frame.Subtitle)
}

// slug returns a name for the files of a row: that of the workload and, where
// others share it, the parameters.
func (s *Suite) slug(r *Row) string {
	shared := func(other *Row) bool { return other != r && other.Workload == r.Workload }
	if slices.ContainsFunc(s.Rows, shared) {
		return fileName(r.Workload + "-" + r.params("-"))
	}
	return fileName(r.Workload)
}

// fileName replaces what a system might not take in the name of a file.
func fileName(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '=' {
			return c
		}
		return '_'
	}, s)
}

// drawn returns an interval as charts take it.
func drawn(v Interval) chart.Interval { return chart.Interval{Center: v.Center, Lo: v.Lo, Hi: v.Hi} }

// drawnRatio returns a ratio as charts take it.
func drawnRatio(r Ratio) chart.Interval {
	if !r.Known() {
		return chart.Absent()
	}
	return chart.Interval{Center: r.Center, Lo: r.Lo, Hi: r.Hi}
}

// bars returns a series of bars for each mode that has a value at some number
// of workers.
func (s *Suite) bars(r *Row, value func(mode string, workers int) chart.Interval) (groups []string, series []chart.Series) {
	for _, w := range r.Workers {
		groups = append(groups, fmt.Sprint(w))
	}
	for _, m := range s.Modes {
		one := chart.Series{Name: m}
		found := false
		for _, w := range r.Workers {
			v := value(m, w)
			found = found || !math.IsNaN(v.Center)
			one.Values = append(one.Values, v)
		}
		if found {
			series = append(series, one)
		}
	}
	return groups, series
}

// beyond is how many times as high as all others a mode must be for them to
// become too small to compare beside it.
const beyond = 6

// without takes the modes out of a chart that would press all others flat, and
// says so.
func without(series []chart.Series, unit string) (kept []chart.Series, note string) {
	var omitted []string
	for len(series) > 2 {
		i, high := highest(series)
		rest := slices.Delete(slices.Clone(series), i, i+1)
		if _, next := highest(rest); high < beyond*next {
			break
		}
		omitted = append(omitted, fmt.Sprintf("%s (%s)", series[i].Name, quantity(high, unit)))
		series = rest
	}
	if len(omitted) == 0 {
		return series, ""
	}
	return series, "beyond the scale: " + list(omitted)
}

// highest returns the series with the highest value, and that value.
func highest(series []chart.Series) (at int, value float64) {
	for i, s := range series {
		for _, v := range s.Values {
			if v.Center > value {
				at, value = i, v.Center
			}
		}
	}
	return at, value
}

// frame puts the words around a chart. The notes come before the provenance.
func (s *Suite) frame(title, subtitle string, notes ...string) chart.Frame {
	var words []string
	for _, n := range append(notes, s.provenance()) {
		if n != "" {
			words = append(words, n)
		}
	}
	return chart.Frame{Title: title, Subtitle: subtitle, Caption: strings.Join(words, " · ")}
}

// provenance says in few words where the samples come from.
func (s *Suite) provenance() string {
	var words []string
	add := func(w string) {
		if w != "" {
			words = append(words, w)
		}
	}
	add(s.setting("cpu"))
	if s.CPUs > 0 {
		add(wording.Count(s.CPUs, "CPU"))
	}
	if s.setting("goos") != "" {
		add(s.setting("goos") + "/" + s.setting("goarch"))
	}
	if s.Run != nil {
		add(s.Run.Bench.GoVersion)
		add(s.Run.Started.Format("2 Jan 2006"))
	}
	return strings.Join(words, " · ")
}

// sampled says what the values of a chart are: median of 6 samples with 95 %
// CI.
func (f Finding) sampled() string {
	return "median of " + f.counted() + " with 95\u00a0%\u00a0CI"
}

// compared says how two modes compare in something, as the title of a chart:
// hash: process needs 2.5× the memory of goroutine.
func compared(r Ratio, mode, with, verb, what string) string {
	switch {
	case r.P > alpha:
		return fmt.Sprintf("no difference in %s that this run could tell between %s and %s", what, with, mode)
	case r.Center >= large:
		return fmt.Sprintf("%s %s %s the %s of %s", mode, verb, times(r.Center), what, with)
	case r.Center > 1:
		return fmt.Sprintf("%s %s %s more %s than %s", mode, verb, percent(r.Center-1), what, with)
	case r.Center < 1/large:
		return fmt.Sprintf("%s %s %s the %s of %s", with, verb, times(1/r.Center), what, mode)
	}
	return fmt.Sprintf("%s %s %s less %s than %s", mode, verb, percent(1-r.Center), what, with)
}
