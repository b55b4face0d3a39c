package chart

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Quantiles shows a distribution by its percentiles: X of each point is a
// percentile from 0 to 100. The axis gives each further nine the same room, as
// plots of HDR histograms do, so that the tail, which is what matters, is seen.
type Quantiles struct {
	Frame
	Unit  string // a tidy Go benchmark unit: "sec"
	Lines []Line
}

func (q Quantiles) words() Frame { return q.Frame }

func (q Quantiles) plan(th theme, width vg.Length) (panel, error) {
	percentile := func(x float64) bool { return x >= 0 && x <= 100 }
	g, err := newGraph(th, q.Lines, percentile, "a percentile from 0 to 100")
	if err != nil {
		return panel{}, err
	}
	g.across = "percentile of units"
	g.inset = vg.Point{X: glyphRadius + 9, Y: 4}

	xs := places(g.all)
	g.xAt = nines(xs)
	g.x = axis{min: g.xAt(xs[0]), max: g.xAt(xs[len(xs)-1]), norm: plot.LinearScale{}}
	if g.x.min == g.x.max {
		g.x.min, g.x.max = g.x.min-1, g.x.max+1
	}
	for _, x := range xs {
		g.x.ticks = append(g.x.ticks, plot.Tick{Value: g.xAt(x), Label: percentileName(x)})
	}
	u := unitOf(q.Unit)
	lo, hi := reach(g.all)
	g.y = decades(lo, hi, u)
	g.label(width, u.short)
	return g.panel(plotHeight, g.draw), nil
}

// nines returns the scale of percentiles: 90, 99 and 99.9 are 1, 2 and 3. The
// maximum, which would be infinitely far, stands a little after the last of xs.
func nines(xs []float64) func(float64) float64 {
	scale := func(x float64) float64 { return -math.Log10(1 - x/100) }
	last := 0.0
	for _, x := range xs {
		if x < 100 {
			last = scale(x)
		}
	}
	return func(x float64) float64 {
		if s := scale(x); finite(s) {
			return math.Max(s, 0)
		}
		return last + 0.7
	}
}

func percentileName(x float64) string {
	switch x {
	case 0:
		return "min"
	case 100:
		return "max"
	}
	return "p" + strconv.FormatFloat(x, 'g', 8, 64)
}
