package chart

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

// Sizes shows what several ways of doing something take, or reach, against the
// size of it, both on log axes.
type Sizes struct {
	Frame
	Unit   string // a tidy Go benchmark unit: "sec/op", "B/s"
	SizeIn string // the unit of the sizes: "B"; empty if they are numbers
	Across string // what the sizes are of: "message"
	Lines  []WayLine
}

// WayLine is the curve of one way: X of each point is a size.
type WayLine struct {
	Way
	Points []Point
}

func (s Sizes) words() Frame { return s.Frame }

type sizesPlan struct {
	plotted
	ends
	across string
	left   vg.Length
}

func (s Sizes) plan(th theme, width vg.Length) (panel, error) {
	var lines []Line
	var ways []Way
	for _, l := range s.Lines {
		lines = append(lines, Line{l.Name, l.Points})
		ways = append(ways, l.Way)
	}
	size := func(x float64) bool { return x >= 1e-12 && x <= 1e18 }
	all, zeros, err := curves(lines, size, "a size")
	if err != nil {
		return panel{}, err
	}
	l := &sizesPlan{across: clean(s.Across)}
	l.all = all
	l.looks = th.ways(ways)

	xs := places(all)
	first, last := xs[0], xs[len(xs)-1]
	if first == last {
		first, last = first/2, last*2
	}
	l.x = axis{min: first, max: last, norm: plot.LogScale{}}
	in := unitOf(s.SizeIn)
	for _, x := range xs {
		p := in.at(x)
		l.x.ticks = append(l.x.ticks, plot.Tick{Value: x, Label: trim(x/p.factor) + p.text})
	}
	u := unitOf(s.Unit)
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

func (l *sizesPlan) draw(p *pen, r vg.Rectangle) {
	left, right := r.Min.X+l.left, r.Max.X-l.room()
	floor, top := r.Min.Y+footer+acrossHeight, r.Max.Y-4
	l.x.from, l.x.to = left+glyphRadius+9, right
	l.y.from, l.y.to = floor, top
	p.rules(l.y, left, right)
	p.floor(floor, left, right)
	p.feet(l.x, floor)
	p.across(l.across, r.Max.X, r.Min.Y)
	l.plotted.draw(p)
	l.ends.draw(p, &l.plotted, floor+endRow/2, top)
}
