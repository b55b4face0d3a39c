package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/results"
)

// chartSides are what charts call the sides.
var chartSides = map[results.Side]chart.Side{
	results.GoroutineSide: chart.Goroutines, results.ProcessSide: chart.Processes, results.PythonSide: chart.Python, results.UnknownSide: chart.Others,
}

// byRate is the primitive that is about what goes through in a second. All that
// send something report bytes per second, but of a round trip it is the time that
// is looked for.
const byRate = "Throughput"

// Figures returns the charts of the primitives: curves for those of several sizes,
// dots for the others that charge time. What is charged in another unit is in the
// tables alone.
func (p *Primitives) Figures() []Figure {
	curves, rest := p.series()
	var all []Figure
	for _, c := range curves {
		if f, ok := p.sizesFigure(c); ok {
			all = append(all, Figure{Name: "primitive-" + fileName(c.name), Alt: altOf("Line chart", f.Frame), Chart: f})
		}
	}
	if f, ok := p.dotsFigure(rest); ok {
		all = append(all, Figure{Name: "primitives", Alt: altOf("Dot chart", f.Frame), Chart: f})
	}
	return all
}

// sizesFigure shows what each way charges against the size.
func (p *Primitives) sizesFigure(c sizeSeries) (chart.Sizes, bool) {
	f := chart.Sizes{Unit: results.SecPerOp, Across: c.param}
	value := func(w Way) Interval { return w.Charge }
	what := "Time of one, by size, %s (lower is better), log axes"
	if c.all[0].Name == byRate && len(c.all[0].Ways) > 0 && len(c.all[0].Ways[0].rates) > 0 {
		f.Unit = results.BytesPerSec
		value = func(w Way) Interval { return w.Rate }
		what = "Bytes per second, by size, %s (higher is better), log axes"
	}
	if c.all[0].Unit != results.SecPerOp {
		return f, false
	}
	if strings.HasSuffix(c.valueOf(c.all[0]), "B") {
		f.SizeIn = "B"
	}
	index := make(map[string]int)
	for _, w := range c.ways() {
		index[w.By] = len(f.Lines)
		f.Lines = append(f.Lines, chart.WayLine{Way: chart.Way{Name: w.By, Side: chartSides[w.Side]}})
	}
	for _, one := range c.all {
		for _, w := range one.Ways {
			if v := value(w); !math.IsNaN(v.Center) {
				l := &f.Lines[index[w.By]]
				l.Points = append(l.Points, chart.Point{X: c.size(one), Y: drawn(v)})
			}
		}
	}
	f.Frame = p.frame(c.title(f.Unit), fmt.Sprintf(what, sampledWays(c.all)))
	return f, true
}

// ways returns the ways in which it is done at some size, by side and name: so
// that a way has the same look in charts that have the same ways of its side.
func (c sizeSeries) ways() []Way {
	var all []Way
	for _, one := range c.all {
		for _, w := range one.Ways {
			if !slices.ContainsFunc(all, func(had Way) bool { return had.By == w.By }) {
				all = append(all, w)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Way) int {
		return cmp.Or(cmp.Compare(slices.Index(sides, a.Side), slices.Index(sides, b.Side)), cmp.Compare(a.By, b.By))
	})
	return all
}

// title says what processes charge over goroutines at the smallest and at the
// largest size.
func (c sizeSeries) title(unit string) string {
	first, last := c.all[0], c.all[len(c.all)-1]
	least, most := first.Ratio(results.ProcessSide, results.GoroutineSide), last.Ratio(results.ProcessSide, results.GoroutineSide)
	if !least.Known() || !most.Known() {
		return c.name + ": what each way charges"
	}
	if unit == results.BytesPerSec {
		return fmt.Sprintf("%s: processes reach %s what goroutines do at %s, %s at %s, each in the fastest way",
			c.name, times(1/least.Center), c.valueOf(first), times(1/most.Center), c.valueOf(last))
	}
	return fmt.Sprintf("%s: processes take %s as long as goroutines at %s, %s at %s, each in the fastest way",
		c.name, times(least.Center), c.valueOf(first), times(most.Center), c.valueOf(last))
}

// dotsFigure shows what each way of several primitives charges.
func (p *Primitives) dotsFigure(all []Primitive) (chart.Dots, bool) {
	f := chart.Dots{Unit: results.SecPerOp}
	var shown []Primitive
	for _, one := range all {
		if one.Unit != results.SecPerOp {
			continue
		}
		row := chart.DotRow{Name: one.Label()}
		for _, w := range one.Ways {
			row.Dots = append(row.Dots, chart.Dot{Way: chart.Way{Name: w.By, Side: chartSides[w.Side]}, Value: drawn(w.Charge)})
		}
		f.Rows = append(f.Rows, row)
		shown = append(shown, one)
	}
	if len(shown) == 0 {
		return f, false
	}
	title := comparedIn(shown, comparisons[0])
	if title == "" {
		title = primitivesTitle
	}
	f.Frame = p.frame(title, fmt.Sprintf("Time of one, %s (further left is better), log axis", sampledWays(shown)))
	return f, true
}

// frame puts the words around a chart of primitives.
func (p *Primitives) frame(title, subtitle string) chart.Frame {
	s := &Suite{config: p.config}
	return s.frame(title, subtitle)
}

// sampledWays is [Finding.sampled] of the ways of primitives.
func sampledWays(all []Primitive) string {
	fewest, most := math.MaxInt, 0
	for _, one := range all {
		for _, w := range one.Ways {
			fewest, most = min(fewest, len(w.values)), max(most, len(w.values))
		}
	}
	if most < leastSamples {
		return "median of " + Finding{N: [2]int{fewest, most}}.counted()
	}
	return Finding{N: [2]int{fewest, most}}.sampled()
}
