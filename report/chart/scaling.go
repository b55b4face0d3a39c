package chart

import (
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Scaling shows speedup over serial against the number of workers, both on
// axes of powers of two, with the ideal: w workers, w times as fast.
type Scaling struct {
	Frame
	Cores int // CPUs of the machine, marked if within the picture; 0 if unknown
	Lines []Line
}

func (s Scaling) words() Frame { return s.Frame }

type scalingPlan struct {
	graph
	cores float64
}

const tallest = 290

func (s Scaling) plan(th theme, width vg.Length) (panel, error) {
	count := func(x float64) bool { return x >= 1 && x <= 1e9 }
	g, err := newGraph(th, s.Lines, count, "a number of workers")
	if err != nil {
		return panel{}, err
	}
	l := &scalingPlan{g, float64(s.Cores)}
	l.across = "workers"
	l.inset.X = glyphRadius + 3

	xs := places(l.all)
	first, last := xs[0], xs[len(xs)-1]
	alone := first == last
	if alone {
		first, last = first/1.5, last*1.5
	}
	l.x = axis{min: first, max: last, norm: plot.LogScale{}}
	for _, x := range xs {
		l.x.ticks = append(l.x.ticks, plot.Tick{Value: x, Label: trim(x)})
	}
	lo, hi := reach(l.all)
	lo, hi = math.Min(lo, 1), math.Max(hi, 1)
	l.y = octaves(lo, math.Max(hi, math.Min(xs[len(xs)-1], 8*hi)))
	l.label(width, times)
	if alone {
		l.right = l.beside(width) // the labels stand inside, beside the only points
	}
	// Where a spawn at a fiftieth takes many octaves, a taller picture keeps the
	// other modes apart.
	height := min(max(plotHeight, 34*vg.Length(math.Log2(l.y.max/l.y.min))), tallest)
	return l.panel(height, l.draw), nil
}

// beside returns the room that labels beside points in the middle of the area
// need to its right: none, unless half of what the vertical axis leaves of the
// width is too narrow for them.
func (l *scalingPlan) beside(width vg.Length) vg.Length {
	area := width - l.y.widest() - tickGap - l.inset.X
	return max(0, 2*l.ends.room()-area)
}

// times writes a speedup.
func times(v float64) string { return digits(v) + "×" }

func (l *scalingPlan) draw(p *pen, r vg.Rectangle) {
	area := l.axes(p, r)
	ideal := l.drawIdeal(p)
	coreX := l.drawCores(p)
	l.curves(p)
	l.ends.draw(p, &l.graph, area)
	l.note(p, ideal, coreX)
}

// drawIdeal draws the part of the ideal line y = x that is within the axes and
// returns its ends.
func (l *scalingPlan) drawIdeal(p *pen) [2]vg.Point {
	from, to := math.Max(l.x.min, l.y.min), math.Min(l.x.max, l.y.max)
	if from >= to {
		return [2]vg.Point{}
	}
	line := [2]vg.Point{{X: l.x.at(from), Y: l.y.at(from)}, {X: l.x.at(to), Y: l.y.at(to)}}
	p.StrokeLines(draw.LineStyle{Color: p.th.muted, Width: 1, Dashes: []vg.Length{4, 3}}, line[:])
	p.lines = append(p.lines, line)
	return line
}

// drawCores marks the number of cores and returns where, or 0.
func (l *scalingPlan) drawCores(p *pen) vg.Length {
	if l.cores <= 0 || !l.x.holds(l.cores) {
		return 0
	}
	x := l.x.at(l.cores)
	p.StrokeLine2(draw.LineStyle{Color: p.th.axis, Width: 0.9, Dashes: []vg.Length{1.5, 2}}, x, l.y.from, x, l.y.to)
	p.lines = append(p.lines, [2]vg.Point{{X: x, Y: l.y.from}, {X: x, Y: l.y.to}})
	return x
}

// note labels the ideal line and the core count, where there is room.
func (l *scalingPlan) note(p *pen, ideal [2]vg.Point, coreX vg.Length) {
	f := sans(8)
	if coreX > 0 {
		s := strconv.FormatFloat(l.cores, 'f', 0, 64) + " cores"
		if l.cores == 1 {
			s = "1 core"
		}
		var spots []spot
		for _, y := range []vg.Length{l.y.from + 3, l.y.from + (l.y.to-l.y.from)/4, l.y.to - 10, l.y.from + (l.y.to-l.y.from)/2} {
			spots = append(spots, spot{vg.Point{X: coreX + 4, Y: y}, bottomLeft}, spot{vg.Point{X: coreX - 4, Y: y}, bottomRight})
		}
		spots = slices.DeleteFunc(spots, func(s spot) bool { return s.a == bottomLeft && s.pt.X+40 > l.x.to })
		p.place(f, p.th.muted, s, spots)
	}
	if ideal[1] == (vg.Point{}) {
		return
	}
	var spots []spot
	for _, t := range []vg.Length{0.75, 0.62, 0.87, 0.5, 0.97, 0.35, 0.2} {
		at := ideal[0].Add(ideal[1].Sub(ideal[0]).Scale(t))
		spots = append(spots, spot{at.Add(vg.Point{X: -3, Y: 1.5}), bottomRight}, spot{at.Add(vg.Point{X: 4, Y: -2}), topLeft})
	}
	p.place(f, p.th.muted, "ideal", spots)
}
