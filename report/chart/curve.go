package chart

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Line is one curve.
type Line struct {
	Name   string
	Points []Point
}

// Point is one value of a curve. A point whose value is absent breaks the line.
type Point struct {
	X float64
	Y Interval
}

// curves checks lines and returns their points by rising X, thinned out to
// what a picture can show. ok says which X are allowed, and wanted says so in
// words. On a log axis zero has no place: such points become absent, and are counted.
func curves(lines []Line, ok func(float64) bool, wanted string) (out [][]Point, zeros int, err error) {
	if len(lines) == 0 {
		return nil, 0, errors.New("nothing to show: it needs a line")
	}
	if len(lines) > maxSeries {
		return nil, 0, fmt.Errorf("%d lines are too many to tell apart: at most %d", len(lines), maxSeries)
	}
	shown := false
	for _, l := range lines {
		pts := slices.Clone(l.Points)
		for i, pt := range pts {
			if !ok(pt.X) {
				return nil, 0, fmt.Errorf("line %q: x = %g: want %s", clean(l.Name), pt.X, wanted)
			}
			if err := pt.Y.check(); err != nil {
				return nil, 0, fmt.Errorf("line %q at x = %g: %w", clean(l.Name), pt.X, err)
			}
			if pt.Y.Center == 0 {
				zeros++
				pts[i].Y = Absent()
			}
			shown = shown || !pts[i].Y.absent()
		}
		slices.SortStableFunc(pts, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
		out = append(out, thin(pts))
	}
	if !shown {
		return nil, 0, errors.New("nothing to show: no value is above zero")
	}
	return out, zeros, nil
}

// thin keeps at most maxPoints of pts, evenly, with the first and the last.
func thin(pts []Point) []Point {
	if len(pts) <= maxPoints {
		return pts
	}
	out := make([]Point, maxPoints)
	for i := range out {
		out[i] = pts[i*(len(pts)-1)/(maxPoints-1)]
	}
	return out
}

// curveNotes returns the notes on what a chart of curves leaves out.
func curveNotes(all [][]Point, zeros int) []string {
	var cells [][]Interval
	for _, pts := range all {
		var row []Interval
		for _, pt := range pts {
			row = append(row, pt.Y)
		}
		cells = append(cells, row)
	}
	var notes []string
	if len(missing(cells)) > 0 {
		notes = append(notes, "no band: too few samples for an interval")
	}
	return append(notes, zeroNote(zeros)...)
}

func zeroNote(n int) []string {
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"one value of 0 has no place on a log axis"}
	}
	return []string{fmt.Sprintf("%d values of 0 have no place on a log axis", n)}
}

// reach returns the ends of the values and their intervals, no further than
// four times beyond the lowest and the highest value.
func reach(all [][]Point) (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	for _, pts := range all {
		for _, pt := range pts {
			if !pt.Y.absent() {
				lo, hi = math.Min(lo, pt.Y.Center), math.Max(hi, pt.Y.Center)
			}
		}
	}
	low, high := lo, hi
	for _, pts := range all {
		for _, pt := range pts {
			if !pt.Y.absent() && pt.Y.bounded() {
				low, high = math.Min(low, pt.Y.Lo), math.Max(high, pt.Y.Hi)
			}
		}
	}
	return clampLog(math.Max(low, lo/4)), clampLog(math.Min(high, hi*4))
}

// clampLog keeps v where the arithmetic of a log axis is exact enough.
func clampLog(v float64) float64 { return math.Min(math.Max(v, 1e-290), 1e290) }

// places returns the different X of all curves, rising.
func places(all [][]Point) []float64 {
	var xs []float64
	for _, pts := range all {
		for _, pt := range pts {
			xs = append(xs, pt.X)
		}
	}
	slices.Sort(xs)
	return slices.Compact(xs)
}

// plotted draws curves between two axes.
type plotted struct {
	looks []look
	all   [][]Point
	x, y  axis
	xAt   func(float64) float64 // from a point's X to the axis; nil: as it is
}

func (l *plotted) at(pt Point) vg.Point {
	x := pt.X
	if l.xAt != nil {
		x = l.xAt(x)
	}
	return vg.Point{X: l.x.at(x), Y: l.y.at(pt.Y.Center)}
}

// draw draws all bands, then all lines, then all glyphs: no band hides a line.
func (l *plotted) draw(p *pen) {
	for i, pts := range l.all {
		for _, run := range runs(pts, func(pt Point) bool { return !pt.Y.absent() && pt.Y.bounded() }) {
			l.band(p, run, l.looks[i])
		}
	}
	for i, pts := range l.all {
		for _, run := range runs(pts, func(pt Point) bool { return !pt.Y.absent() }) {
			l.line(p, run, l.looks[i])
		}
	}
	for i, pts := range l.all {
		for _, pt := range pts {
			if !pt.Y.absent() && len(pts) <= 60 {
				p.glyph(l.looks[i], l.at(pt))
			}
		}
	}
}

// runs returns the longest stretches of points that all are as keep says.
func runs(pts []Point, keep func(Point) bool) [][]Point {
	var out [][]Point
	from := 0
	for i := range len(pts) + 1 {
		if i < len(pts) && keep(pts[i]) {
			continue
		}
		if i > from {
			out = append(out, pts[from:i])
		}
		from = i + 1
	}
	return out
}

// band shades the intervals of a run; a point alone gets a whisker.
func (l *plotted) band(p *pen, run []Point, k look) {
	if len(run) == 1 {
		p.whisker(l.y, run[0].Y, l.at(run[0]).X, 2.5)
		return
	}
	var edge []vg.Point
	for _, pt := range run {
		edge = append(edge, vg.Point{X: l.at(pt).X, Y: l.y.at(pt.Y.Hi)})
	}
	for _, pt := range slices.Backward(run) {
		edge = append(edge, vg.Point{X: l.at(pt).X, Y: l.y.at(pt.Y.Lo)})
	}
	p.FillPolygon(alpha(k.hue, 0x30), edge)
}

func (l *plotted) line(p *pen, run []Point, k look) {
	pts := make([]vg.Point, len(run))
	for i, pt := range run {
		pts[i] = l.at(pt)
		if i > 0 {
			p.lines = append(p.lines, [2]vg.Point{pts[i-1], pts[i]})
		}
	}
	p.StrokeLines(draw.LineStyle{Color: k.hue, Width: lineWidth}, pts)
}
