package chart

import (
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// graph is curves between two axes: what the charts of curves share.
type graph struct {
	looks  []look
	all    [][]Point
	notes  []string
	x, y   axis
	xAt    func(float64) float64 // from a point's X to the axis; nil: as it is
	across string                // what the X axis counts
	inset  vg.Point              // from the corner of the area to where the axes start
	right  vg.Length             // room beside the area
	ends   ends
}

// newGraph checks lines, as curves does. What it returns has no axes yet.
func newGraph(th theme, lines []Line, ok func(float64) bool, wanted string) (graph, error) {
	all, zeros, err := curves(lines, ok, wanted)
	if err != nil {
		return graph{}, err
	}
	var ns []string
	for _, l := range lines {
		ns = append(ns, clean(l.Name))
	}
	return graph{looks: th.looks(ns), all: all, notes: curveNotes(all, zeros)}, nil
}

// label makes room for labels at the ends of the curves.
func (g *graph) label(width vg.Length, value func(float64) string) {
	g.ends = endsOf(g.looks, g.all, width, value)
	g.right = g.ends.room()
}

// panel returns a picture that paint draws, with an area of that height between
// the axes.
func (g *graph) panel(height vg.Length, paint func(*pen, vg.Rectangle)) panel {
	var keys []key
	for _, k := range g.looks {
		keys = append(keys, key{look: k, line: true})
	}
	return panel{height: height + footer + acrossHeight + 4, legend: keys, notes: g.notes, draw: paint}
}

// draw draws a picture that has nothing but the graph.
func (g *graph) draw(p *pen, r vg.Rectangle) {
	area := g.axes(p, r)
	g.curves(p)
	g.ends.draw(p, g, area)
}

// axes sets the axes out within r, draws them and returns the area between them.
func (g *graph) axes(p *pen, r vg.Rectangle) vg.Rectangle {
	left, right := r.Min.X+g.y.widest()+tickGap, r.Max.X-g.right
	floor, top := r.Min.Y+footer+acrossHeight, r.Max.Y-4
	g.x.from, g.x.to = left+g.inset.X, right
	g.y.from, g.y.to = floor+g.inset.Y, top
	p.rules(g.y, left, right)
	p.floor(floor, left, right)
	p.feet(g.x, floor)
	p.across(g.across, r.Max.X, r.Min.Y)
	return vg.Rectangle{Min: vg.Point{X: left, Y: floor}, Max: vg.Point{X: right, Y: top}}
}

func (g *graph) at(pt Point) vg.Point {
	x := pt.X
	if g.xAt != nil {
		x = g.xAt(x)
	}
	return vg.Point{X: g.x.at(x), Y: g.y.at(pt.Y.Center)}
}

// curves draws all bands, then all lines, then all glyphs: no band hides a line.
func (g *graph) curves(p *pen) {
	for i, pts := range g.all {
		for _, run := range runs(pts, func(pt Point) bool { return !pt.Y.absent() && pt.Y.bounded() }) {
			g.band(p, run, g.looks[i])
		}
	}
	for i, pts := range g.all {
		for _, run := range runs(pts, func(pt Point) bool { return !pt.Y.absent() }) {
			g.line(p, run, g.looks[i])
		}
	}
	for i, pts := range g.all {
		for _, pt := range pts {
			if !pt.Y.absent() && len(pts) <= 60 {
				p.glyph(g.looks[i], g.at(pt))
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
func (g *graph) band(p *pen, run []Point, k look) {
	if len(run) == 1 {
		p.whisker(g.y, run[0].Y, g.at(run[0]).X, 2.5)
		return
	}
	var edge []vg.Point
	for _, pt := range run {
		edge = append(edge, vg.Point{X: g.at(pt).X, Y: g.y.at(pt.Y.Hi)})
	}
	for _, pt := range slices.Backward(run) {
		edge = append(edge, vg.Point{X: g.at(pt).X, Y: g.y.at(pt.Y.Lo)})
	}
	p.FillPolygon(alpha(k.hue, 0x30), edge)
}

func (g *graph) line(p *pen, run []Point, k look) {
	pts := make([]vg.Point, len(run))
	for i, pt := range run {
		pts[i] = g.at(pt)
		if i > 0 {
			p.lines = append(p.lines, [2]vg.Point{pts[i-1], pts[i]})
		}
	}
	p.StrokeLines(draw.LineStyle{Color: k.hue, Width: lineWidth}, pts)
}
