package chart

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// Bars shows values side by side, as bars in groups, on an axis from zero.
type Bars struct {
	Frame
	Unit   string   // a tidy Go benchmark unit: "sec/op", "B", "B/s", …
	Groups []string // workloads, or counts of workers
	Across string   // what the groups are ("workers"), if they do not say it themselves
	Series []Series

	// Parts names the two parts of stacked bars, the lower first: "user" and
	// "system". Both empty: plain bars.
	Parts [2]string
}

// Series is one bar in every group.
type Series struct {
	Name   string
	Values []Interval // one a group; those that are missing at the end are absent

	// Lower is the lower part of each value in a stacked chart; the rest is the
	// upper part. NaN or nothing: the bar is not divided.
	Lower []float64
}

func (b Bars) words() Frame { return b.Frame }

// plotHeight is how tall the plot of a chart with a vertical axis is.
const plotHeight = 195

// barPlan is a bar chart laid out.
type barPlan struct {
	looks  []look
	groups []string
	across string
	names  [][]string // of the groups, wrapped
	name   font.Face  // that they are set in
	cells  [][]Interval
	lower  [][]float64
	y      axis
	top    float64   // where the values and their intervals end; above it there is room for writing
	left   vg.Length // width of the axis labels
	slot   vg.Length // width of one group
	bar    vg.Length // width of one bar, with its share of the gap
	labels labelling
	below  vg.Length // height of what is under the floor
}

// labelling is how the values are written over their bars.
type labelling struct {
	face    font.Face
	write   func(float64) string // nil: there is no room
	upright bool
	room    vg.Length
}

func (b Bars) plan(th theme, width vg.Length) (panel, error) {
	cells, err := grid(b.Groups, b.Series)
	if err != nil {
		return panel{}, err
	}
	l := &barPlan{groups: cleaned(b.Groups), across: clean(b.Across), cells: cells, looks: th.looks(names(b.Series))}
	if b.Parts != [2]string{} {
		for i, s := range b.Series {
			if err := l.divide(i, s); err != nil {
				return panel{}, err
			}
		}
	}
	l.measure(unitOf(b.Unit), highest(cells), width)
	l.nameGroups()
	return panel{
		height: plotHeight + l.below,
		legend: b.legend(l),
		notes:  missing(cells),
		draw:   l.draw,
	}, nil
}

const widestBar = 60

// measure finds the axis, the width of the bars and how their values are
// written. Each hangs on the others: the axis must reach beyond top to leave
// room for the values, their writing hangs on the width of the bars, and that
// on the labels of the axis. The second round settles it; the room on the left only grows.
func (l *barPlan) measure(u unit, top float64, width vg.Length) {
	high := top
	l.top = top
	share := vg.Length(0.8) // of the slot, for the bars
	if len(l.looks) > 3 {
		share = 0.87
	}
	for range 3 {
		l.y = axis{max: high, norm: plot.LinearScale{}, ticks: linearTicks(high, 6, u)}
		l.left = max(l.left, l.y.widest()+tickGap)
		l.slot = (width - l.left) / vg.Length(len(l.groups))
		l.bar = min(widestBar, l.slot*share/vg.Length(len(l.looks)))
		l.chooseLabels(u, u.at(high))
		high = top * plotHeight / float64(plotHeight-l.labels.room)
	}
}

// grid checks the series and returns their values as a full table.
func grid(groups []string, series []Series) ([][]Interval, error) {
	switch n, m := len(groups), len(series); {
	case n == 0 || m == 0:
		return nil, errors.New("nothing to show: it needs a group and a series")
	case m > maxSeries:
		return nil, fmt.Errorf("%d series are too many to tell apart: at most %d", m, maxSeries)
	case n > maxGroups || n*m > maxBars:
		return nil, fmt.Errorf("%d groups of %d are too many for one picture: at most %d groups and %d cells", n, m, maxGroups, maxBars)
	}
	cells := make([][]Interval, len(series))
	for i, s := range series {
		if len(s.Values) > len(groups) {
			return nil, fmt.Errorf("series %q has %d values for %d groups", clean(s.Name), len(s.Values), len(groups))
		}
		cells[i] = make([]Interval, len(groups))
		for g := range groups {
			cells[i][g] = Absent()
			if g < len(s.Values) {
				cells[i][g] = s.Values[g]
			}
			if err := cells[i][g].check(); err != nil {
				return nil, fmt.Errorf("series %q in group %q: %w", clean(s.Name), clean(groups[g]), err)
			}
		}
	}
	return cells, nil
}

// divide takes over the lower parts of series i.
func (l *barPlan) divide(i int, s Series) error {
	if l.lower == nil {
		l.lower = make([][]float64, len(l.cells))
	}
	l.lower[i] = s.Lower
	for g, v := range s.Lower {
		if g >= len(l.groups) {
			return fmt.Errorf("series %q has %d lower parts for %d groups", clean(s.Name), len(s.Lower), len(l.groups))
		}
		if v < 0 || v > l.cells[i][g].Center*(1+1e-9) {
			return fmt.Errorf("series %q in group %q: the lower part %g is not within the value %g", clean(s.Name), l.groups[g], v, l.cells[i][g].Center)
		}
	}
	return nil
}

// highest returns the top of the values and their intervals. An interval more
// than twice the highest value is left to run out of the picture, or it
// would press all bars flat. With nothing above zero, the axis goes to 1.
func highest(cells [][]Interval) float64 {
	var center, hi float64
	for _, row := range cells {
		for _, v := range row {
			if v.absent() {
				continue
			}
			center = math.Max(center, v.Center)
			if v.bounded() {
				hi = math.Max(hi, v.Hi)
			}
		}
	}
	top := math.Min(math.Max(center, hi), 2*center)
	if top < math.SmallestNonzeroFloat64*1e20 {
		return 1
	}
	return math.Min(top, math.MaxFloat64/1e3)
}

// missing returns the notes on what the picture of cells leaves out.
func missing(cells [][]Interval) []string {
	for _, row := range cells {
		for _, v := range row {
			if !v.absent() && !v.bounded() {
				return []string{"no whisker: too few samples for an interval"}
			}
		}
	}
	return nil
}

func names(series []Series) []string {
	out := make([]string, len(series))
	for i, s := range series {
		out[i] = clean(s.Name)
	}
	return out
}

func cleaned(ss []string) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = clean(s)
	}
	return out
}

func (b Bars) legend(l *barPlan) []key {
	var keys []key
	for _, k := range l.looks {
		keys = append(keys, key{look: k})
	}
	if l.lower != nil {
		for i, part := range []partKind{lowerPart, upperPart} {
			keys = append(keys, key{look: look{name: clean(b.Parts[i])}, part: part, next: i == 0})
		}
	}
	return keys
}

// chooseLabels takes the fullest way of writing the values that the width of a
// bar allows: with unit, without, upright, not at all.
func (l *barPlan) chooseLabels(u unit, common prefix) {
	f := sans(valueSize)
	flat := labelling{face: f, room: valueSize + labelGap + 2}
	for _, write := range l.flatWriters(u, common) {
		if l.widestLabel(f, write) <= l.bar-1 {
			flat.write = write
			l.labels = flat
			return
		}
	}
	for _, f := range []font.Face{f, sans(smallestSize)} {
		if w := l.widestLabel(f, u.short); l.bar >= f.Font.Size*(ascent+descent) && w < plotHeight/3 {
			l.labels = labelling{face: f, write: u.short, upright: true, room: w + labelGap + 2}
			return
		}
	}
	l.labels = labelling{room: 4}
}

// flatWriters returns the ways of writing the values over their bars, the
// fullest first. common is the prefix of the axis, which a bare number is
// understood to have: so that there are bare numbers only where they all have
// it and a reader finds it there with a unit. A k alone is no unit, and takes
// too little room to be left out.
func (l *barPlan) flatWriters(u unit, common prefix) []func(float64) string {
	scaled := func(v float64) string { return digits(v / common.factor) }
	switch {
	case !l.shares(common):
		return []func(float64) string{u.short}
	case u.symbol != "":
		return []func(float64) string{u.short, scaled}
	}
	return []func(float64) string{u.short, func(v float64) string {
		if v == 0 {
			return "0"
		}
		return scaled(v) + common.text
	}}
}

// shares reports whether all values can be read with the prefix p.
func (l *barPlan) shares(p prefix) bool {
	for _, row := range l.cells {
		for _, v := range row {
			if s := v.Center / p.factor; !v.absent() && v.Center != 0 && !(s >= 0.0995 && s < 1e6) {
				return false
			}
		}
	}
	return true
}

const labelGap = 3 // from a whisker to the value over it

func (l *barPlan) widestLabel(f font.Face, write func(float64) string) vg.Length {
	var w vg.Length
	for _, row := range l.cells {
		for _, v := range row {
			if !v.absent() {
				w = max(w, f.Width(write(v.Center)))
			}
		}
	}
	return w
}

// nameGroups breaks the names of the groups into what fits under them, in
// smaller type where that saves a word from being broken. Where a slot is too
// narrow for any type, only every so many-th group is named.
func (l *barPlan) nameGroups() {
	const narrowest = 22
	every := int(math.Ceil(narrowest / float64(l.slot)))
	for _, size := range []vg.Length{tickSize, tickSize - 1, valueSize} {
		l.name = sans(size)
		if l.longestWord() <= l.slot*vg.Length(every)-6 {
			break
		}
	}
	l.names = make([][]string, len(l.groups))
	lines := 1
	for g := 0; g < len(l.groups); g += every {
		l.names[g] = wrap(l.name, l.groups[g], l.slot*vg.Length(every)-6, 3)
		lines = max(lines, len(l.names[g]))
	}
	l.below = footGap + vg.Length(lines)*l.name.Font.Size*leading
	if l.across != "" {
		l.below += acrossHeight
	}
}

func (l *barPlan) longestWord() vg.Length {
	var w vg.Length
	for _, g := range l.groups {
		for word := range strings.FieldsSeq(g) {
			w = max(w, l.name.Width(word))
		}
	}
	return w
}

const acrossHeight = 13

// across sets what the horizontal axis counts at its right end.
func (p *pen) across(s string, right, bottom vg.Length) {
	if s != "" {
		f := sans(tickSize)
		p.text(f, p.th.muted, vg.Point{X: right, Y: bottom}, bottomRight, fit(f, s+" →", right-margin))
	}
}
