package chart

import (
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// whisker draws the interval of v as an upright line at x with a cap at either
// end; an end beyond the axis has no cap.
func (p *pen) whisker(a axis, v Interval, x, half vg.Length) {
	ls := [][2]vg.Point{{{X: x, Y: a.at(v.Lo)}, {X: x, Y: a.at(v.Hi)}}}
	for _, end := range []float64{v.Lo, v.Hi} {
		if a.holds(end) {
			ls = append(ls, [2]vg.Point{{X: x - half, Y: a.at(end)}, {X: x + half, Y: a.at(end)}})
		}
	}
	p.cased(ls)
}

// lyingWhisker is whisker for a horizontal axis.
func (p *pen) lyingWhisker(a axis, v Interval, y, half vg.Length) {
	ls := [][2]vg.Point{{{X: a.at(v.Lo), Y: y}, {X: a.at(v.Hi), Y: y}}}
	for _, end := range []float64{v.Lo, v.Hi} {
		if a.holds(end) {
			ls = append(ls, [2]vg.Point{{X: a.at(end), Y: y - half}, {X: a.at(end), Y: y + half}})
		}
	}
	p.cased(ls)
}

// cased draws lines in ink with a rim of paper, so that they show on the paper
// and on a bar of any hue. Each of the two is one path, which keeps the SVG small.
func (p *pen) cased(ls [][2]vg.Point) {
	const ink, rim = 0.9, 0.55
	var thin, thick vg.Path
	for _, l := range ls {
		thin.Move(l[0])
		thin.Line(l[1])
		over := l[1].Sub(l[0])
		if n := over.X + over.Y; n > 0 { // upright or lying: one of the two is 0
			over = over.Scale(rim / n) // the rim goes round the ends too
		}
		thick.Move(l[0].Sub(over))
		thick.Line(l[1].Add(over))
	}
	p.SetLineStyle(draw.LineStyle{Color: p.th.paper, Width: ink + 2*rim})
	p.Stroke(thick)
	p.SetLineStyle(draw.LineStyle{Color: p.th.ink, Width: ink})
	p.Stroke(thin)
}
