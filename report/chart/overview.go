package chart

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Overview shows speedups over serial of all workloads at one number of
// workers: a row for each mode, in a block for each workload. The axis is
// logarithmic, because the values reach from a fiftieth to the number of cores,
// and a factor of two is then as long to either side of 1.
type Overview struct {
	Frame
	Workers int // the ideal speedup, marked if above 1
	Groups  []string
	Series  []Series
}

func (o Overview) words() Frame { return o.Frame }

type overviewPlan struct {
	looks   []look
	names   [][]string
	cells   [][]Interval
	workers float64
	x       axis
	left    vg.Length // width of the names
	labels  [2]vg.Length
	blocks  []vg.Length // height of each group
}

const (
	rowHeight = 10.0
	blockGap  = 8.0
	markRow   = 14.0 // for the names of the marks, above the plot
)

func (o Overview) plan(th theme, width vg.Length) (panel, error) {
	cells, err := grid(o.Groups, o.Series)
	if err != nil {
		return panel{}, err
	}
	l := &overviewPlan{cells: cells, looks: th.looks(names(o.Series)), workers: float64(o.Workers)}
	var rows [][]Point
	zeros := 0
	for _, row := range cells {
		var pts []Point
		for g, v := range row {
			if v.Center == 0 {
				zeros++
				row[g] = Absent()
				continue
			}
			pts = append(pts, Point{Y: v})
		}
		rows = append(rows, pts)
	}
	lo, hi := reach(rows)
	if hi <= 1e-290 || math.IsInf(lo, 0) {
		return panel{}, fmt.Errorf("nothing to show: no speedup is above zero")
	}
	l.nameGroups(cleaned(o.Groups), width)
	l.measure(math.Min(lo, 1), math.Max(hi, math.Max(1, l.workers)), width-l.left)

	var keys []key
	for _, k := range l.looks {
		keys = append(keys, key{look: k, line: true})
	}
	height := vg.Length(markRow + footer)
	for _, b := range l.blocks {
		height += b
	}
	return panel{height: height, legend: keys, notes: append(missing(cells), zeroNote(zeros)...), draw: l.draw}, nil
}

// nameGroups wraps the names of the groups and finds the height of each block:
// that of its rows or of its name, whichever is more.
func (l *overviewPlan) nameGroups(groups []string, width vg.Length) {
	f := sans(tickSize)
	most := width * 0.3
	for _, g := range groups {
		lines := wrap(f, g, most, 4)
		for _, s := range lines {
			l.left = max(l.left, f.Width(s)+tickGap)
		}
		l.names = append(l.names, lines)
		name := vg.Length(len(lines)) * tickSize * leading
		l.blocks = append(l.blocks, max(vg.Length(len(l.looks))*rowHeight, name)+blockGap)
	}
}

// measure finds the axis, and the room for values to its left and right.
func (l *overviewPlan) measure(lo, hi float64, width vg.Length) {
	f := sans(valueSize)
	for _, row := range l.cells {
		for _, v := range row {
			if !v.absent() {
				side := sideOf(v)
				l.labels[side] = max(l.labels[side], f.Width(times(v.Center))+6)
			}
		}
	}
	l.x = octaves(lo, hi, int((width-l.labels[0]-l.labels[1])/30)+1, "×")
}

// sideOf returns on which side of its dot a value is written: away from 1.
func sideOf(v Interval) int {
	if v.Center < 1 {
		return 0
	}
	return 1
}

func (l *overviewPlan) draw(p *pen, r vg.Rectangle) {
	left, floor, top := r.Min.X+l.left, r.Min.Y+footer, r.Max.Y-markRow
	l.x.from, l.x.to = left+l.labels[0]+2, r.Max.X-l.labels[1]-2
	for _, t := range l.x.ticks {
		x := l.x.at(t.Value)
		p.StrokeLine2(draw.LineStyle{Color: p.th.rule, Width: 0.6}, x, floor, x, top)
	}
	p.feet(l.x, floor)
	l.marks(p, floor, top)

	f, y := sans(tickSize), top
	for g, lines := range l.names {
		middle := y - l.blocks[g]/2
		for i, s := range lines {
			drop := (vg.Length(i) - vg.Length(len(lines)-1)/2) * tickSize * leading
			p.text(f, p.th.ink, vg.Point{X: r.Min.X, Y: middle - drop}, middleLeft, s)
		}
		for i := range l.looks {
			l.row(p, i, g, middle-(vg.Length(i)-vg.Length(len(l.looks)-1)/2)*rowHeight)
		}
		y -= l.blocks[g]
		p.StrokeLine2(draw.LineStyle{Color: p.th.rule, Width: 0.6}, r.Min.X, y, r.Max.X, y)
	}
	p.floor(floor, r.Min.X, r.Max.X)
}

// marks draws the lines at 1 and at the ideal.
func (l *overviewPlan) marks(p *pen, floor, top vg.Length) {
	f := sans(8)
	one := l.x.at(1)
	p.StrokeLine2(draw.LineStyle{Color: p.th.axis, Width: 1}, one, floor, one, top)
	if l.workers <= 1 {
		p.text(f, p.th.muted, vg.Point{X: one, Y: top + 3}, bottomMiddle, "serial")
		return
	}
	p.try(f, p.th.muted, vg.Point{X: one + 2, Y: top + 3}, bottomRight, "serial")
	x := l.x.at(l.workers)
	p.StrokeLine2(draw.LineStyle{Color: p.th.muted, Width: 1, Dashes: []vg.Length{4, 3}}, x, floor, x, top)
	for _, a := range []anchor{bottomMiddle, bottomLeft, bottomRight} {
		if p.try(f, p.th.muted, vg.Point{X: x, Y: top + 3}, a, "ideal "+trim(l.workers)+"×") {
			return
		}
	}
}

// row draws one value: a stem from 1, the interval, the dot, and the figure.
func (l *overviewPlan) row(p *pen, i, g int, y vg.Length) {
	v := l.cells[i][g]
	if v.absent() {
		return
	}
	k, x, one := l.looks[i], l.x.at(v.Center), l.x.at(1)
	p.StrokeLine2(draw.LineStyle{Color: alpha(k.hue, 0x70), Width: 2.6}, one, y, x, y)
	lo, hi := x, x
	if v.bounded() {
		lo, hi = min(lo, l.x.at(v.Lo)), max(hi, l.x.at(v.Hi))
		ls := draw.LineStyle{Color: p.th.ink, Width: 0.9}
		p.StrokeLine2(ls, lo, y, hi, y)
		for _, end := range []float64{v.Lo, v.Hi} {
			if l.x.holds(end) {
				p.StrokeLine2(ls, l.x.at(end), y-2.5, l.x.at(end), y+2.5)
			}
		}
	}
	p.glyph(k, vg.Point{X: x, Y: y})
	f, c, s := sans(valueSize), p.th.muted, times(v.Center)
	if sideOf(v) == 0 {
		p.backed(f, c, vg.Point{X: min(lo, x-glyphRadius) - 3, Y: y}, middleRight, s)
		return
	}
	p.backed(f, c, vg.Point{X: max(hi, x+glyphRadius) + 3, Y: y}, middleLeft, s)
}
