package chart

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Overview shows speedups over serial of all workloads at one number of
// workers: a block for each workload, in it a bar for each mode, lying down so
// that names and values have room at any width.
//
// The axis is linear. On a log axis a spawn at a fiftieth takes most of the
// width, and what a reader looks for, how near the modes come to the ideal and
// to each other, is left a few millimetres; here a fiftieth is a short bar
// with its value beside it.
type Overview struct {
	Frame
	Workers int // the ideal speedup, marked if above 1
	Groups  []string
	Series  []Series
}

func (o Overview) words() Frame { return o.Frame }

type overviewPlan struct {
	looks  []look
	names  [][]string
	cells  [][]Interval
	ideal  float64 // 0: not shown
	x      axis
	left   vg.Length   // width of the names
	right  vg.Length   // room for values
	blocks []vg.Length // height of each group
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
	if !anyPositive(cells) {
		return panel{}, errors.New("nothing to show: no speedup is above zero")
	}
	l := &overviewPlan{cells: cells, looks: th.looks(names(o.Series))}
	notes := missing(cells)
	top := math.Max(1, highest(cells))
	if w := float64(o.Workers); w > 1 && w <= 4*top {
		l.ideal = w
		top = math.Max(top, w)
	} else if w > 1 {
		notes = append(notes, fmt.Sprintf("the ideal, %d×, is beyond the picture", o.Workers))
	}
	l.nameGroups(cleaned(o.Groups), width)
	l.right = l.widestValue() + 8
	l.x = axis{max: top, norm: plot.LinearScale{}, ticks: linearTicks(top, max(2, int((width-l.left-l.right)/45)), unit{symbol: "×"})}

	var keys []key
	for _, k := range l.looks {
		keys = append(keys, key{look: k})
	}
	height := vg.Length(markRow + footer)
	for _, b := range l.blocks {
		height += b
	}
	return panel{height: height, legend: keys, notes: notes, draw: l.draw}, nil
}

func anyPositive(cells [][]Interval) bool {
	for _, row := range cells {
		for _, v := range row {
			if v.Center > 0 {
				return true
			}
		}
	}
	return false
}

// nameGroups wraps the names of the groups and finds the height of each block:
// that of its rows or of its name, whichever is more.
func (l *overviewPlan) nameGroups(groups []string, width vg.Length) {
	f := sans(tickSize)
	for _, g := range groups {
		lines := wrap(f, g, width*0.3, 4)
		for _, s := range lines {
			l.left = max(l.left, f.Width(s)+tickGap)
		}
		l.names = append(l.names, lines)
		name := vg.Length(len(lines)) * tickSize * leading
		l.blocks = append(l.blocks, max(vg.Length(len(l.looks))*rowHeight, name)+blockGap)
	}
}

func (l *overviewPlan) widestValue() vg.Length {
	f := sans(valueSize)
	var w vg.Length
	for _, row := range l.cells {
		for _, v := range row {
			if !v.absent() {
				w = max(w, f.Width(times(v.Center)))
			}
		}
	}
	return w
}

func (l *overviewPlan) draw(p *pen, r vg.Rectangle) {
	left, floor, top := r.Min.X+l.left, r.Min.Y+footer, r.Max.Y-markRow
	l.x.from, l.x.to = left, r.Max.X-l.right
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
		if g < len(l.names)-1 {
			p.StrokeLine2(draw.LineStyle{Color: p.th.rule, Width: 0.6}, r.Min.X, y, r.Max.X, y)
		}
	}
	p.StrokeLine2(draw.LineStyle{Color: p.th.axis, Width: 0.8}, left, floor, left, top)
}

// marks draws the lines at 1 and at the ideal, under the bars' values and over
// nothing, and names them above the plot.
func (l *overviewPlan) marks(p *pen, floor, top vg.Length) {
	mark := func(v float64, s string, dashes []vg.Length) {
		x := l.x.at(v)
		p.StrokeLine2(draw.LineStyle{Color: p.th.muted, Width: 1, Dashes: dashes}, x, floor, x, top)
		for _, a := range []anchor{bottomMiddle, bottomRight, bottomLeft} {
			if p.try(sans(8), p.th.muted, vg.Point{X: x, Y: top + 3}, a, s) {
				return
			}
		}
	}
	if l.ideal > 0 {
		mark(l.ideal, "ideal "+strconv.FormatFloat(l.ideal, 'f', -1, 64)+"×", []vg.Length{4, 3})
	}
	mark(1, "serial", []vg.Length{1.5, 2})
}

// row draws one value: bar, interval and figure.
func (l *overviewPlan) row(p *pen, i, g int, y vg.Length) {
	v := l.cells[i][g]
	if v.absent() {
		return
	}
	const half = rowHeight * 0.41
	x := l.x.at(v.Center)
	p.block(l.looks[i].hue, l.x.from, y-half, x, y+half)
	end := x
	if v.bounded() {
		p.lyingWhisker(l.x, v, y, 2.2)
		end = max(end, l.x.at(v.Hi))
	}
	f, text, at := sans(valueSize), times(v.Center), vg.Point{X: end + 4, Y: y}
	for _, mark := range []float64{1, l.ideal} { // whose lines a value is to stand beside, not on
		if x := l.x.at(mark); mark > 0 && at.X-1 < x && x < at.X+f.Width(text)+1 {
			at.X = x + 3
		}
	}
	p.backed(f, p.th.muted, at, middleLeft, text)
}
