package chart

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Trend shows a value over revisions, with the levels between which it changed.
// Its axis is linear and begins where the values do: what is looked for are
// changes of a few percent.
type Trend struct {
	Frame
	Unit   string // a tidy Go benchmark unit: "sec/op"
	Across string // what the points are of: "revision"
	Range  string // what the intervals are, if there are any

	Points  []TrendPoint
	Levels  []TrendLevel
	Changes []TrendChange
}

// TrendPoint is the value of one revision.
type TrendPoint struct {
	Name  string
	Value Interval
}

// TrendLevel is the level of the points From to To.
type TrendLevel struct {
	From, To int
	Value    float64
}

// TrendChange is where a new level begins.
type TrendChange struct {
	At    int // index of the first point of the new level
	Label string
	Worse bool
}

func (t Trend) words() Frame { return t.Frame }

type trendPlan struct {
	graph
	levels  []TrendLevel
	changes []TrendChange
}

func (t Trend) check() error {
	n := len(t.Points)
	if n > maxPoints {
		return fmt.Errorf("%d points are too many for one picture: at most %d", n, maxPoints)
	}
	for _, p := range t.Points {
		if err := p.Value.check(); err != nil {
			return fmt.Errorf("point %q: %w", clean(p.Name), err)
		}
	}
	for _, l := range t.Levels {
		if l.From < 0 || l.From > l.To || l.To >= n || !finite(l.Value) || l.Value < 0 {
			return fmt.Errorf("a level of %g from %d to %d: want a value of points 0 to %d", l.Value, l.From, l.To, n-1)
		}
	}
	for _, c := range t.Changes {
		if c.At < 1 || c.At >= n {
			return fmt.Errorf("a change at %d: want 1 to %d", c.At, n-1)
		}
	}
	if !slices.ContainsFunc(t.Points, func(p TrendPoint) bool { return !p.Value.absent() }) {
		return errors.New("nothing to show: it needs a point")
	}
	return nil
}

func (t Trend) plan(th theme, width vg.Length) (panel, error) {
	if err := t.check(); err != nil {
		return panel{}, err
	}
	pts := make([]Point, len(t.Points))
	for i, p := range t.Points {
		pts[i] = Point{float64(i), p.Value}
	}
	l := &trendPlan{graph: graph{looks: th.looks([]string{""}), all: [][]Point{pts}}, levels: t.Levels, changes: t.Changes}
	l.across = clean(t.Across)
	l.inset.X = glyphRadius + 9
	u := unitOf(t.Unit)
	l.y = zoomed(t.extent, u)
	if r := clean(t.Range); r != "" {
		l.notes = append(l.notes, r)
	}
	if l.y.min > 0 {
		l.notes = append(l.notes, "the axis does not begin at 0")
	}
	l.label(width, u.short)
	for i, text := range l.ends.texts {
		l.ends.texts[i] = strings.TrimSpace(text) // the line has no name
	}
	if len(t.Points) == 1 {
		l.x = axis{min: -1, max: 1, norm: plot.LinearScale{}}
	} else {
		l.x = axis{min: 0, max: float64(len(t.Points) - 1), norm: plot.LinearScale{}}
	}
	l.x.ticks = t.feet(width / 4)
	f, last := sans(tickSize), l.x.ticks[len(l.x.ticks)-1]
	l.right = max(l.right, f.Width(last.Label)/2) // half of it stands there
	p := l.panel(plotHeight, l.draw)
	p.legend = nil // there is but one line
	return p, nil
}

// feet returns the ticks in the order in which they are to have room: the axis
// sets the last one first, then the others as they come, and those where a new
// level begins matter more than the rest.
func (t Trend) feet(most vg.Length) []plot.Tick {
	n := len(t.Points)
	order := []int{0}
	for _, c := range t.Changes {
		order = append(order, c.At)
	}
	for i := 1; i < n; i++ {
		order = append(order, i)
	}
	var ticks []plot.Tick
	have := make(map[int]bool)
	for _, i := range order {
		if !have[i] && i != n-1 {
			have[i] = true
			ticks = append(ticks, plot.Tick{Value: float64(i), Label: fit(sans(tickSize), clean(t.Points[i].Name), most)})
		}
	}
	return append(ticks, plot.Tick{Value: float64(n - 1), Label: fit(sans(tickSize), clean(t.Points[n-1].Name), most)})
}

// extent calls see with all that should be in sight. Of intervals that is no more
// than the values' own range again on either side.
func (t Trend) extent() (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	see := func(v float64) { lo, hi = math.Min(lo, v), math.Max(hi, v) }
	for _, p := range t.Points {
		if !p.Value.absent() {
			see(p.Value.Center)
		}
	}
	for _, l := range t.Levels {
		see(l.Value)
	}
	low, high := lo-(hi-lo), hi+(hi-lo)
	for _, p := range t.Points {
		if !p.Value.absent() && p.Value.bounded() {
			see(math.Max(p.Value.Lo, low))
			see(math.Min(p.Value.Hi, high))
		}
	}
	return lo, hi
}

// leastZoom is the smallest share of a value that an axis spans: less would make
// mountains of noise.
const leastZoom = 0.02

// zoomed returns a linear axis of round values that holds what extent returns.
func zoomed(extent func() (lo, hi float64), u unit) axis {
	lo, hi := extent()
	const least, most = 1e-290, 1e290 // where the arithmetic of the axis is exact enough
	if lo = math.Min(lo, most); hi > 0 {
		hi = math.Min(math.Max(hi, least), most)
	}
	if room := hi * leastZoom; hi-lo < room {
		mid := lo + (hi-lo)/2
		lo, hi = math.Max(0, mid-room/2), mid+room/2
	}
	if hi == 0 {
		hi = 1
	}
	p := u.at(hi)
	step := roundStep((hi - lo) / p.factor / 5)
	from, to := math.Floor(lo/p.factor/step+1e-9), math.Ceil(hi/p.factor/step-1e-9)
	a := axis{norm: plot.LinearScale{}}
	for k := math.Max(0, from); k <= to && len(a.ticks) < 20; k++ {
		v := k * step
		label := trim(v) + p.text
		if v == 0 {
			label = "0"
		}
		a.ticks = append(a.ticks, plot.Tick{Value: v * p.factor, Label: label})
	}
	return a.spanned(lo, hi)
}

const levelWidth = 4

func (l *trendPlan) draw(p *pen, r vg.Rectangle) {
	area := l.axes(p, r)
	for _, v := range l.levels {
		y := l.y.at(v.Value)
		from, to := l.x.at(float64(v.From)-0.5), l.x.at(float64(v.To)+0.5)
		p.StrokeLine2(draw.LineStyle{Color: alpha(p.th.axis, 0x70), Width: levelWidth}, from, y, to, y)
		for _, edge := range []vg.Length{y - levelWidth/2, y + levelWidth/2} {
			p.lines = append(p.lines, [2]vg.Point{{X: from, Y: edge}, {X: to, Y: edge}})
		}
	}
	for _, c := range l.changes {
		x := l.x.at(float64(c.At) - 0.5)
		p.StrokeLine2(draw.LineStyle{Color: p.th.legible(l.hue(p.th, c)), Width: 0.9, Dashes: []vg.Length{2.5, 2}}, x, area.Min.Y, x, area.Max.Y)
		p.lines = append(p.lines, [2]vg.Point{{X: x, Y: area.Min.Y}, {X: x, Y: area.Max.Y}})
	}
	l.whiskers(p)
	for _, run := range runs(l.all[0], func(pt Point) bool { return !pt.Y.absent() }) {
		l.line(p, run, l.looks[0])
	}
	l.glyphs(p)
	l.ends.draw(p, &l.graph, area)
	for _, c := range l.changes {
		l.name(p, c, area)
	}
}

// hue is that of a change for the worse or for the better.
func (l *trendPlan) hue(th theme, c TrendChange) color.NRGBA {
	if c.Worse {
		return th.hues[5]
	}
	return th.hues[4]
}

// mostGlyphs is from how many points on they are no longer marked one by one.
const mostGlyphs = 60

func (l *trendPlan) whiskers(p *pen) {
	if len(l.all[0]) > mostGlyphs {
		return
	}
	for _, pt := range l.all[0] {
		if !pt.Y.absent() && pt.Y.bounded() {
			p.whisker(l.y, pt.Y, l.at(pt).X, 2.5)
		}
	}
}

func (l *trendPlan) glyphs(p *pen) {
	for _, pt := range l.all[0] {
		if !pt.Y.absent() && len(l.all[0]) <= mostGlyphs {
			p.glyph(l.looks[0], l.at(pt))
		}
	}
}

// name labels a change beside its line, where there is room.
func (l *trendPlan) name(p *pen, c TrendChange, area vg.Rectangle) {
	f, x := bold(endSize), l.x.at(float64(c.At)-0.5)
	s := fit(f, clean(c.Label), area.Size().X/3)
	if s == "" {
		return
	}
	var spots []spot
	for k := range 12 {
		y := area.Max.Y - 2 - vg.Length(k)*(endRow+4)
		if y-endRow < area.Min.Y {
			break
		}
		right, left := spot{vg.Point{X: x + 4, Y: y}, topLeft}, spot{vg.Point{X: x - 4, Y: y}, anchor{1, 1}}
		if x+4+f.Width(s) <= area.Max.X {
			spots = append(spots, right)
		}
		if x-4-f.Width(s) >= area.Min.X {
			spots = append(spots, left)
		}
	}
	p.place(f, p.th.legible(l.hue(p.th, c)), s, spots)
}
