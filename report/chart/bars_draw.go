package chart

import (
	"math"

	"gonum.org/v1/plot/vg"
)

func (l *barPlan) draw(p *pen, r vg.Rectangle) {
	left, floor := r.Min.X+l.left, r.Min.Y+l.below
	l.y.from, l.y.to = floor, r.Max.Y
	p.rules(l.y, left, r.Max.X)
	for g := range l.groups {
		middle := left + l.slot*(vg.Length(g)+0.5)
		for i, lines := 0, l.names[g]; i < len(lines); i++ {
			at := vg.Point{X: middle, Y: floor - footGap - vg.Length(i)*l.name.Font.Size*leading}
			p.text(l.name, p.th.ink, at, topMiddle, lines[i])
		}
		for i := range l.looks {
			x := middle + l.bar*(vg.Length(i)-vg.Length(len(l.looks))/2)
			l.drawBar(p, i, g, x)
		}
	}
	p.floor(floor, left, r.Max.X)
	p.across(l.across, r.Max.X, r.Min.Y)
}

// drawBar draws one bar, its slot's left side at x, with whisker and value.
func (l *barPlan) drawBar(p *pen, i, g int, x vg.Length) {
	v := l.cells[i][g]
	if v.absent() {
		return
	}
	gap := min(1.2, l.bar*0.06)
	x0, x1, top := x+gap, x+l.bar-gap, l.y.at(v.Center)
	hue := l.looks[i].hue
	if low, ok := l.lowerOf(i, g); ok {
		p.block(p.th.faded(hue), x0, l.y.at(low), x1, top)
		top = l.y.at(low)
	}
	if v.Center > 0 {
		top = max(top, l.y.from+sliver) // a bar of no height would leave its value hanging over nothing
	}
	p.block(hue, x0, l.y.from, x1, top)

	middle, above := (x0+x1)/2, l.y.at(v.Center)
	if v.bounded() {
		scale := l.y
		scale.max, scale.to = l.top, l.y.at(l.top) // an interval that goes on beyond it stays below its value
		p.whisker(scale, v, middle, min(2.5, l.bar/4))
		above = max(above, scale.at(v.Hi))
	}
	if l.labels.write == nil {
		return
	}
	at := vg.Point{X: middle, Y: above + labelGap}
	if l.labels.upright {
		p.upright(l.labels.face, p.th.muted, at, l.labels.write(v.Center))
	} else {
		at.Y -= l.labels.face.Font.Size * descent // figures have nothing below their base line
		p.try(l.labels.face, p.th.muted, at, bottomMiddle, l.labels.write(v.Center))
	}
}

// sliver is the least height of a bar with a value above zero.
const sliver = 0.8

// lowerOf returns the lower part of a stacked bar, if it is known.
func (l *barPlan) lowerOf(i, g int) (float64, bool) {
	if l.lower == nil || g >= len(l.lower[i]) || math.IsNaN(l.lower[i][g]) {
		return 0, false
	}
	return l.lower[i][g], true
}
