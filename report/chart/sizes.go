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

func (s Sizes) plan(th theme, width vg.Length) (panel, error) {
	var lines []Line
	var ways []Way
	for _, l := range s.Lines {
		lines = append(lines, Line{l.Name, l.Points})
		ways = append(ways, l.Way)
	}
	size := func(x float64) bool { return x >= 1e-12 && x <= 1e18 }
	g, err := newGraph(th, lines, size, "a size")
	if err != nil {
		return panel{}, err
	}
	g.looks = th.ways(ways)
	g.across = clean(s.Across)
	g.inset.X = glyphRadius + 9

	xs := places(g.all)
	first, last := xs[0], xs[len(xs)-1]
	if first == last {
		first, last = first/2, last*2
	}
	g.x = axis{min: first, max: last, norm: plot.LogScale{}}
	in := unitOf(s.SizeIn)
	for _, x := range xs {
		p := in.at(x)
		g.x.ticks = append(g.x.ticks, plot.Tick{Value: x, Label: trim(x/p.factor) + p.text})
	}
	u := unitOf(s.Unit)
	lo, hi := reach(g.all)
	g.y = decades(lo, hi, u)
	g.label(width, u.short)
	return g.panel(plotHeight, g.draw), nil
}
