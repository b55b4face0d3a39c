package chart

import (
	"errors"
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Dots shows what several ways of doing the same thing take, on a log axis: a row
// for each thing, a dot with its interval for each way. Dots of one side look
// alike; where there is room the way is named beside its dot.
type Dots struct {
	Frame
	Unit string // a tidy Go benchmark unit: "sec/op"
	Rows []DotRow
}

// DotRow is one thing.
type DotRow struct {
	Name string
	Dots []Dot
}

// Dot is one way of doing it.
type Dot struct {
	Way
	Value Interval
}

func (d Dots) words() Frame { return d.Frame }

type dotsPlan struct {
	rows    []DotRow
	names   [][]string
	heights []vg.Length
	looks   map[Way]look
	x       axis
	left    vg.Length
}

const (
	dotRow   = 25.0 // room for a dot, and a name above and below it
	fewDots  = 3    // whose names have room there; more get a second tier
	dotTier  = valueSize*(ascent+descent) + 0.4
	dotInset = 8.0 // from the ends of the axis to its first and last dot
)

func (d Dots) plan(th theme, width vg.Length) (panel, error) {
	if len(d.Rows) > maxGroups {
		return panel{}, fmt.Errorf("%d rows are too many for one picture: at most %d", len(d.Rows), maxGroups)
	}
	var values [][]Point // of each row, as if it were a curve
	var cells [][]Interval
	zeros := 0
	l := &dotsPlan{looks: make(map[Way]look)}
	for _, row := range d.Rows {
		if len(row.Dots) > maxSeries {
			return panel{}, fmt.Errorf("row %q: %d ways are too many to tell apart: at most %d", clean(row.Name), len(row.Dots), maxSeries)
		}
		kept := DotRow{Name: clean(row.Name)}
		var pts []Point
		var vs []Interval
		for _, dot := range row.Dots {
			if err := dot.Value.check(); err != nil {
				return panel{}, fmt.Errorf("row %q: way %q: %w", kept.Name, clean(dot.Name), err)
			}
			if dot.Value.Center == 0 {
				zeros++
				continue
			}
			if dot.Value.absent() {
				continue
			}
			dot.Name = clean(dot.Name)
			kept.Dots = append(kept.Dots, dot)
			pts, vs = append(pts, Point{Y: dot.Value}), append(vs, dot.Value)
		}
		l.rows, values, cells = append(l.rows, kept), append(values, pts), append(cells, vs)
	}
	lo, hi := reach(values)
	if !(lo <= hi) || !slices.ContainsFunc(values, func(pts []Point) bool { return len(pts) > 0 }) {
		return panel{}, errors.New("nothing to show: no value is above zero")
	}
	l.nameRows(width)
	u := unitOf(d.Unit)
	l.x = decades(lo, hi, u)
	var height vg.Length
	for _, h := range l.heights {
		height += h
	}
	return panel{
		height: height + footer + 2,
		legend: l.legend(th),
		notes:  append(missing(cells), zeroNote(zeros)...),
		draw:   l.draw,
	}, nil
}

// nameRows wraps the names of the rows and finds the height of each.
func (l *dotsPlan) nameRows(width vg.Length) {
	f := sans(tickSize)
	for _, row := range l.rows {
		lines := wrap(f, row.Name, width*0.3, 4)
		for _, s := range lines {
			l.left = max(l.left, f.Width(s)+tickGap)
		}
		l.names = append(l.names, lines)
		h := vg.Length(dotRow)
		if len(row.Dots) > fewDots {
			h += 2 * dotTier
		}
		l.heights = append(l.heights, max(h, vg.Length(len(lines))*tickSize*leading+4))
	}
}

// legend finds the looks: one for each side, and one for each way of none.
func (l *dotsPlan) legend(th theme) []key {
	var shown []Way
	for _, side := range []Side{Goroutines, Processes, Python} {
		if slices.ContainsFunc(l.rows, func(row DotRow) bool {
			return slices.ContainsFunc(row.Dots, func(d Dot) bool { return d.Side == side })
		}) {
			shown = append(shown, Way{string(side), side})
		}
	}
	for _, row := range l.rows {
		for _, d := range row.Dots {
			if w := l.group(d.Way); !slices.Contains(shown, w) {
				shown = append(shown, w)
			}
		}
	}
	if len(shown) > maxSeries {
		shown = shown[:maxSeries] // the rest are named beside their dots, or nowhere
	}
	var keys []key
	for i, k := range th.ways(shown) {
		l.looks[shown[i]] = k
		keys = append(keys, key{look: k, dot: true})
	}
	return keys
}

// group returns what a way stands for in the legend: its side, or itself.
func (l *dotsPlan) group(w Way) Way {
	switch w.Side {
	case Goroutines, Processes, Python:
		return Way{string(w.Side), w.Side}
	}
	return Way{w.Name, Others}
}

func (l *dotsPlan) draw(p *pen, r vg.Rectangle) {
	left, floor := r.Min.X+l.left, r.Min.Y+footer
	right := r.Max.X
	if n := len(l.x.ticks); n > 0 {
		f := sans(tickSize)
		right -= f.Width(l.x.ticks[n-1].Label) / 2
	}
	l.x.from, l.x.to = left+dotInset, right-dotInset
	for _, t := range l.x.ticks {
		x := l.x.at(t.Value)
		p.StrokeLine2(draw.LineStyle{Color: p.th.rule, Width: 0.6}, x, floor, x, r.Max.Y)
	}
	p.floor(floor, left, right)
	p.feet(l.x, floor)
	y := r.Max.Y
	for i, row := range l.rows {
		middle := y - l.heights[i]/2
		for k, s := range l.names[i] {
			drop := (vg.Length(k) - vg.Length(len(l.names[i])-1)/2) * tickSize * leading
			p.text(sans(tickSize), p.th.ink, vg.Point{X: r.Min.X, Y: middle - drop}, middleLeft, s)
		}
		p.StrokeLine2(draw.LineStyle{Color: p.th.rule, Width: 0.6}, left, middle, right, middle)
		l.row(p, row, middle)
		y -= l.heights[i]
	}
}

// row draws the dots of a row, and then their names, so that none lies under a
// dot that comes after it.
func (l *dotsPlan) row(p *pen, row DotRow, y vg.Length) {
	for _, d := range row.Dots {
		if d.Value.bounded() {
			p.lyingWhisker(l.x, d.Value, y, 2.5)
		}
	}
	for _, d := range row.Dots {
		if k, ok := l.looks[l.group(d.Way)]; ok {
			p.glyph(k, vg.Point{X: l.x.at(d.Value.Center), Y: y})
		}
	}
	for _, d := range row.Dots {
		k, ok := l.looks[l.group(d.Way)]
		if !ok {
			continue
		}
		l.name(p, d.Name, k, vg.Point{X: l.x.at(d.Value.Center), Y: y}, len(row.Dots) > fewDots)
	}
}

// name sets the name of a way above or below its dot: in the middle if there is
// room for it, or else to one side; if tiers, also further away, with a thin line
// to it.
func (l *dotsPlan) name(p *pen, name string, k look, dot vg.Point, tiers bool) {
	const near = glyphRadius + 1.6
	f, c := sans(valueSize), p.th.legible(k.hue)
	offsets := []vg.Length{near, -near}
	if tiers {
		offsets = append(offsets, near+dotTier, -near-dotTier)
	}
	for _, off := range offsets {
		a := anchor{0.5, 0}
		if off < 0 {
			a.y = 1
		}
		for _, side := range []struct{ x, shift vg.Length }{{0.5, 0}, {0, -2}, {1, 2}} {
			a.x = side.x
			if !p.try(f, c, vg.Point{X: dot.X + side.shift, Y: dot.Y + off}, a, name) {
				continue
			}
			if far := vg.Length(near + 1); off > far || off < -far {
				from := vg.Length(glyphRadius + 1)
				if off < 0 {
					from = -from
				}
				p.StrokeLine2(draw.LineStyle{Color: alpha(k.hue, 0xb0), Width: 0.6}, dot.X, dot.Y+from, dot.X, dot.Y+off)
			}
			return
		}
	}
}
