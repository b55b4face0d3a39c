package chart

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Efficiency shows what share of its peak rate of work each mode reaches (Y,
// 0 to 1) against the granularity of tasks (X, seconds) on a log axis, and
// where each falls below half.
type Efficiency struct {
	Frame
	Lines []Line

	// Crossings are the granularities at which the lines cross a half, one for
	// each line; those that do not are absent. Fewer than lines will do.
	Crossings []Interval
}

func (e Efficiency) words() Frame { return e.Frame }

// halfway is the share of the peak that is looked for.
const halfway = 0.5

const mostEfficiency = 2 // more than 1 is noise, more than this a mistake

type efficiencyPlan struct {
	graph
	crossings []Interval
}

func (e Efficiency) plan(th theme, _ vg.Length) (panel, error) {
	granularity := func(x float64) bool { return x >= 1e-12 && x <= 1e9 }
	g, err := newGraph(th, e.Lines, granularity, "a granularity in seconds")
	if err != nil {
		return panel{}, err
	}
	if len(e.Crossings) > len(e.Lines) {
		return panel{}, fmt.Errorf("%d crossings of %d lines", len(e.Crossings), len(e.Lines))
	}
	l := &efficiencyPlan{g, e.Crossings}
	l.across = "granularity of a task"
	l.inset.X = glyphRadius + 3
	top := 1.0
	for _, pts := range l.all {
		for _, pt := range pts {
			if pt.Y.Center > mostEfficiency {
				return panel{}, fmt.Errorf("an efficiency of %g: want 0 to %d", pt.Y.Center, mostEfficiency)
			}
			if !pt.Y.absent() {
				top = max(top, pt.Y.Center)
			}
		}
	}
	xs := places(l.all)
	lo, hi := xs[0], xs[len(xs)-1]
	for i, c := range l.crossings {
		if err := c.check(); err != nil {
			return panel{}, fmt.Errorf("crossing of line %q: %w", l.looks[i].name, err)
		}
		if !c.absent() && granularity(c.Center) {
			lo, hi = min(lo, c.Center), max(hi, c.Center)
		}
	}
	l.x = decades(lo, hi, unitOf("sec"))
	l.y = axis{min: 0, max: top, norm: plot.LinearScale{}}
	for v := 0.0; v <= top; v += 0.25 {
		l.y.ticks = append(l.y.ticks, plot.Tick{Value: v, Label: trim(100*v) + "\u00a0%"})
	}
	l.right = glyphRadius + 2
	if n := len(l.x.ticks); n > 0 {
		f := sans(tickSize)
		l.right = max(l.right, f.Width(l.x.ticks[n-1].Label)/2) // half of the last label stands there
	}
	return l.panel(plotHeight, l.draw), nil
}

func (l *efficiencyPlan) draw(p *pen, r vg.Rectangle) {
	area := l.axes(p, r)
	y := l.y.at(halfway)
	p.StrokeLine2(draw.LineStyle{Color: p.th.muted, Width: 1, Dashes: []vg.Length{4, 3}}, area.Min.X, y, area.Max.X, y)
	l.curves(p)
	l.marks(p, area)
}

// A mark is a line's crossing on the sheet.
type mark struct {
	i    int // of the line
	x    vg.Length
	text string
}

const (
	tickHalf = 7  // a crossing's tick, from the line at a half up and down
	markLead = 16 // from the last crossing of a cluster to the labels
)

// marks draws a tick where each line crosses a half, over its interval, and the
// labels.
func (l *efficiencyPlan) marks(p *pen, area vg.Rectangle) {
	y := l.y.at(halfway)
	var ms []mark
	for i, c := range l.crossings {
		if c.absent() || !l.x.holds(c.Center) {
			continue
		}
		x, hue := l.x.at(c.Center), l.looks[i].hue
		if c.bounded() {
			p.StrokeLine2(draw.LineStyle{Color: alpha(hue, 0x60), Width: 4}, l.x.at(c.Lo), y, l.x.at(c.Hi), y)
		}
		p.StrokeLine2(draw.LineStyle{Color: p.th.paper, Width: 3.4}, x, y-tickHalf-1, x, y+tickHalf+1)
		p.StrokeLine2(draw.LineStyle{Color: hue, Width: 1.8}, x, y-tickHalf, x, y+tickHalf)
		ms = append(ms, mark{i, x, l.looks[i].name + " " + unitOf("sec").short(c.Center)})
	}
	f := bold(endSize)
	slices.SortStableFunc(ms, func(a, b mark) int { return cmp.Compare(a.x, b.x) })
	for len(ms) > 0 {
		n := len(ms) - 1
		for n > 0 && ms[n].x-ms[n-1].x < f.Width(ms[n-1].text)+markLead {
			n--
		}
		l.labels(p, ms[n:], area)
		ms = ms[:n]
	}
}

// labels sets the labels of crossings that are close together below each other:
// to the right and below, where the curves have left, or else to the left and
// above, where they have not come yet. Thin lines lead to them, which do not
// cross as the outermost crossing has the label nearest to it. Where there is no
// room, as beside many others in a narrow picture, a crossing has its tick only.
func (l *efficiencyPlan) labels(p *pen, ms []mark, area vg.Rectangle) {
	f, y := bold(endSize), l.y.at(halfway)
	var wide vg.Length
	for _, m := range ms {
		wide = max(wide, f.Width(m.text))
	}
	n := vg.Length(len(ms))
	first, last := ms[0].x, ms[len(ms)-1].x
	below := last+markLead+wide <= area.Max.X && y-tickHalf-n*endRow > l.y.from
	above := first-markLead-wide >= area.Min.X && y+tickHalf+n*endRow < l.y.to
	for k, m := range ms {
		c, hue := p.th.legible(l.looks[m.i].hue), alpha(l.looks[m.i].hue, 0xb0)
		switch {
		case below:
			at := vg.Point{X: last + markLead, Y: y - tickHalf - (n-vg.Length(k)-0.5)*endRow}
			if p.backed(f, c, at, middleLeft, m.text) {
				p.StrokeLine2(draw.LineStyle{Color: hue, Width: 0.6}, m.x, y-tickHalf, at.X-2, at.Y)
			}
		case above:
			at := vg.Point{X: first - markLead, Y: y + tickHalf + (vg.Length(k)+0.5)*endRow}
			if p.backed(f, c, at, middleRight, m.text) {
				p.StrokeLine2(draw.LineStyle{Color: hue, Width: 0.6}, m.x, y+tickHalf, at.X+2, at.Y)
			}
		}
	}
}
