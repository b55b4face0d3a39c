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

type quantilesPlan struct {
	plotted
	ends
	left vg.Length
}

func (q Quantiles) plan(th theme, width vg.Length) (panel, error) {
	percentile := func(x float64) bool { return x >= 0 && x <= 100 }
	all, zeros, err := curves(q.Lines, percentile, "a percentile from 0 to 100")
	if err != nil {
		return panel{}, err
	}
	l := &quantilesPlan{}
	l.all = all
	var ns []string
	for _, line := range q.Lines {
		ns = append(ns, clean(line.Name))
	}
	l.looks = th.looks(ns)

	xs := places(all)
	l.xAt = nines(xs)
	l.x = axis{min: l.xAt(xs[0]), max: l.xAt(xs[len(xs)-1]), norm: plot.LinearScale{}}
	if l.x.min == l.x.max {
		l.x.min, l.x.max = l.x.min-1, l.x.max+1
	}
	for _, x := range xs {
		l.x.ticks = append(l.x.ticks, plot.Tick{Value: l.xAt(x), Label: percentileName(x)})
	}
	u := unitOf(q.Unit)
	lo, hi := reach(all)
	l.y = decades(lo, hi, u)
	l.ends = endsOf(l.looks, all, width, u.short)
	l.left = l.y.widest() + tickGap

	var keys []key
	for _, k := range l.looks {
		keys = append(keys, key{look: k, line: true})
	}
	return panel{
		height: plotHeight + footer + acrossHeight + 4,
		legend: keys,
		notes:  curveNotes(all, zeros),
		draw:   l.draw,
	}, nil
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

func (l *quantilesPlan) draw(p *pen, r vg.Rectangle) {
	left, right := r.Min.X+l.left, r.Max.X-l.room()
	floor, top := r.Min.Y+footer+acrossHeight, r.Max.Y-4
	l.x.from, l.x.to = left+glyphRadius+9, right
	l.y.from, l.y.to = floor+4, top
	p.rules(l.y, left, right)
	p.floor(floor, left, right)
	p.feet(l.x, floor)
	p.across("percentile of units", r.Max.X, r.Min.Y)
	l.plotted.draw(p)
	l.ends.draw(p, &l.plotted, floor+endRow/2, top)
}
