package chart

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Decision is a map of which mode suits which tasks: kinds of work down, sizes of
// tasks across, in each field the mode that wins. Where a page is too narrow for
// the fields to stand beside each other, they stand below each other.
type Decision struct {
	Frame
	Sizes  []string // of tasks, by rising size
	Across string   // what the sizes are of
	Lines  []DecisionLine
}

// DecisionLine is one kind of work.
type DecisionLine struct {
	Name   string
	Fields []Field // one a size; those that are missing at the end are empty
}

// Field is what is known about tasks of one kind and size.
type Field struct {
	// Modes has the mode that wins or, if Undecided says why none does, those
	// of which any may be the fastest, if that is known. A field with neither is
	// empty.
	Modes     []string
	Undecided string

	// Margin is how many times as long the next mode takes; 0: not known. The
	// larger it is, the fuller is the colour.
	Margin float64

	Notes []string // set below, small
}

func (d Decision) words() Frame { return d.Frame }

// fullMargin is the margin from which on a field has its mode's full colour.
const fullMargin = 2

type decisionPlan struct {
	sizes  []string
	across string
	names  [][]string // of the lines, wrapped
	fields [][]field
	left   vg.Length // width of the names, or of the sizes in a list
	column vg.Length // width of a field
	list   bool      // the fields stand below each other
}

// field is a Field with its colours, and its texts as they are set.
type field struct {
	Field
	looks []look // of its modes
	heads []string
	small []string // lines below the head
}

// empty reports whether there is nothing to say.
func (f *field) empty() bool { return len(f.heads) == 0 }

const (
	headSize   = 8.0
	fieldPad   = 4.0 // from the edge of a field to its text
	fieldGap   = 2.0 // between fields
	headLead   = headSize * leading
	noteLead   = valueSize * leading
	chipSize   = 5.0 // of the square that stands before a mode's name
	chipGap    = 3.0
	nameShare  = 0.13 // of the width, which the names of lines may take
	mostModes  = 12   // named in an undecided field
	listIndent = 4.0
	listHang   = 4.0 // from the top of a field in a list to its text
)

func (d Decision) plan(th theme, width vg.Length) (panel, error) {
	if err := d.check(); err != nil {
		return panel{}, err
	}
	l := &decisionPlan{sizes: cleaned(d.Sizes), across: clean(d.Across)}
	looks := d.looks(th)
	for _, line := range d.Lines {
		var fs []field
		for i := range d.Sizes {
			f := field{}
			if i < len(line.Fields) {
				f.Field = line.Fields[i]
			}
			f.set(looks)
			fs = append(fs, f)
		}
		l.fields = append(l.fields, fs)
	}
	l.measure(d.Lines, width)
	height := l.height()
	var keys []key
	for _, k := range looks {
		keys = append(keys, key{look: k})
	}
	return panel{height: height, legend: keys, notes: l.notes(), draw: l.draw}, nil
}

// notes explains the colours.
func (l *decisionPlan) notes() []string {
	shaded, empty := false, false
	for _, fs := range l.fields {
		for i := range fs {
			shaded = shaded || fs[i].Margin > 0
			empty = empty || fs[i].empty()
		}
	}
	var notes []string
	if shaded {
		notes = append(notes, fmt.Sprintf("the fuller the colour, the larger the margin, up to %d×", fullMargin))
	}
	if empty && !l.list {
		notes = append(notes, "dashed: not measured")
	}
	return notes
}

func (d Decision) check() error {
	n, m := len(d.Lines), len(d.Sizes)
	switch {
	case n == 0 || m == 0:
		return errors.New("nothing to show: it needs a kind of work and a size of tasks")
	case n > maxSeries:
		return fmt.Errorf("%d kinds of work are too many for one picture: at most %d", n, maxSeries)
	case m > maxSeries:
		return fmt.Errorf("%d sizes are too many for one picture: at most %d", m, maxSeries)
	}
	shown := false
	for _, line := range d.Lines {
		if len(line.Fields) > m {
			return fmt.Errorf("line %q has %d fields for %d sizes", clean(line.Name), len(line.Fields), m)
		}
		for i, f := range line.Fields {
			switch {
			case len(f.Modes) > maxSeries:
				return fmt.Errorf("line %q at %q: %d modes are too many to tell apart: at most %d", clean(line.Name), clean(d.Sizes[i]), len(f.Modes), maxSeries)
			case len(f.Modes) > 1 && f.Undecided == "":
				return fmt.Errorf("line %q at %q: %d modes win: want one, or a word on why none does", clean(line.Name), clean(d.Sizes[i]), len(f.Modes))
			case f.Margin != 0 && !(f.Margin >= 1 && finite(f.Margin)):
				return fmt.Errorf("line %q at %q: the margin %g: want 1 or more", clean(line.Name), clean(d.Sizes[i]), f.Margin)
			}
			shown = shown || len(f.Modes) > 0 || f.Undecided != ""
		}
	}
	if !shown {
		return errors.New("nothing to show: all fields are empty")
	}
	return nil
}

// looks gives each mode that is in some field its look.
func (d Decision) looks(th theme) []look {
	var names []string
	for _, line := range d.Lines {
		for _, f := range line.Fields {
			for _, m := range f.Modes {
				if m = clean(m); !slices.Contains(names, m) {
					names = append(names, m)
				}
			}
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
	return th.looks(names)
}

// place is where a mode stands in a legend: after those before it in all charts.
func place(mode string) int {
	if i, ok := slot(mode); ok {
		return i
	}
	return math.MaxInt
}

// set finds the texts of the field and the looks of its modes.
func (f *field) set(looks []look) {
	for _, m := range f.Modes {
		i := slices.IndexFunc(looks, func(k look) bool { return k.name == clean(m) })
		f.looks = append(f.looks, looks[i])
	}
	head := ""
	switch {
	case f.Undecided != "":
		head = clean(f.Undecided)
	case len(f.Modes) > 0:
		head = f.looks[0].name
	}
	if head == "" {
		return
	}
	f.heads = []string{head}
	for _, n := range f.Notes {
		if n = clean(n); n != "" {
			f.small = append(f.small, n)
		}
	}
}

// named returns the modes that are named below the head, and how many are not.
func (f *field) named() (looks []look, more string) {
	if f.Undecided == "" {
		return nil, ""
	}
	if n := len(f.looks) - mostModes; n > 0 {
		return f.looks[:mostModes], fmt.Sprintf("and %d more", n)
	}
	return f.looks, ""
}

// width returns the room that the field's texts need, broken into words. Names of
// modes are not broken.
func (f *field) width() vg.Length {
	head, small := bold(headSize), sans(valueSize)
	var w vg.Length
	for _, s := range f.heads {
		for word := range strings.FieldsSeq(s) {
			w = max(w, head.Width(word))
		}
	}
	named, more := f.named()
	for _, k := range named {
		w = max(w, chipSize+chipGap+small.Width(k.name))
	}
	for _, s := range append([]string{more}, f.small...) {
		for word := range strings.FieldsSeq(s) {
			w = max(w, small.Width(word))
		}
	}
	return w + 2*fieldPad
}

// split breaks the field's texts into lines of at most width.
func (f *field) split(width vg.Length) {
	const most = 4
	f.heads = broken(bold(headSize), f.heads, width, most)
	_, more := f.named()
	if more != "" {
		f.small = append([]string{more}, f.small...)
	}
	f.small = broken(sans(valueSize), f.small, width, most)
}

// broken breaks texts into lines.
func broken(f font.Face, texts []string, width vg.Length, most int) []string {
	var lines []string
	for _, s := range texts {
		lines = append(lines, wrap(f, s, width, most)...)
	}
	return lines
}

// tall returns the room that they take below each other.
func (f *field) tall() vg.Length {
	if f.empty() {
		return 0
	}
	named, _ := f.named()
	return vg.Length(len(f.heads))*headLead + vg.Length(len(named)+len(f.small))*noteLead + 2*fieldPad - 2
}

// measure lays the fields out beside each other if their texts have room there,
// and else below each other.
func (l *decisionPlan) measure(lines []DecisionLine, width vg.Length) {
	f := sans(tickSize)
	for _, line := range lines {
		name := wrap(f, clean(line.Name), width*nameShare, 4)
		for _, s := range name {
			l.left = max(l.left, f.Width(s)+tickGap)
		}
		l.names = append(l.names, name)
	}
	l.column = (width - l.left) / vg.Length(len(l.sizes))
	var need vg.Length
	for _, fs := range l.fields {
		for i := range fs {
			need = max(need, fs[i].width())
		}
	}
	for _, s := range l.sizes {
		need = max(need, f.Width(s)+4)
	}
	if need+fieldGap <= l.column {
		for _, fs := range l.fields {
			for i := range fs {
				fs[i].split(l.column - fieldGap - 2*fieldPad)
			}
		}
		return
	}
	l.list = true
	l.left = 0
	for i, s := range l.sizes {
		l.sizes[i] = fit(f, s, width*0.3)
		l.left = max(l.left, listIndent+f.Width(l.sizes[i])+tickGap)
	}
	l.column = width - l.left
	for i, line := range lines {
		l.names[i] = wrap(bold(tickSize), clean(line.Name), width, 3)
	}
	for _, fs := range l.fields {
		for i := range fs {
			fs[i].join(l.column - 2*fieldPad)
		}
	}
}

// join sets what stands below the head in as few lines as it can: names of modes
// that have no line of their own are then words like any others.
func (f *field) join(width vg.Length) {
	if f.empty() {
		return
	}
	f.heads[0] = fit(bold(headSize), f.heads[0], width)
	text := strings.Join(f.small, " · ")
	if named, more := f.named(); len(named) > 0 {
		var words []string
		for _, k := range named {
			words = append(words, k.name)
		}
		if more != "" {
			words = append(words, more)
		}
		text = strings.TrimSuffix(strings.Join(words, ", ")+" · "+text, " · ")
	}
	f.small = nil
	if text != "" {
		f.small = wrap(sans(valueSize), text, width, 4)
	}
}

// listTall is tall for a field of a list, which has no empty ones.
func (f *field) listTall() vg.Length {
	if f.empty() {
		return 0
	}
	return headLead + vg.Length(len(f.small))*noteLead + listHang + fieldGap
}

// row returns the height of a line of fields beside each other.
func (l *decisionPlan) row(i int) vg.Length {
	h := max(vg.Length(len(l.names[i]))*tickSize*leading, headLead+noteLead+2*fieldPad)
	for k := range l.fields[i] {
		h = max(h, l.fields[i][k].tall())
	}
	return h
}

// block returns the height of a line of fields below each other.
func (l *decisionPlan) block(i int) vg.Length {
	h := vg.Length(len(l.names[i]))*tickSize*leading + 3
	for k := range l.fields[i] {
		h += l.fields[i][k].listTall()
	}
	return h + blockGap
}

func (l *decisionPlan) height() vg.Length {
	var h vg.Length
	for i := range l.fields {
		if l.list {
			h += l.block(i)
		} else {
			h += l.row(i) + fieldGap
		}
	}
	if !l.list {
		h += footer
		if l.across != "" {
			h += acrossHeight
		}
	}
	return h
}

func (l *decisionPlan) draw(p *pen, r vg.Rectangle) {
	y := r.Max.Y
	for i := range l.fields {
		if l.list {
			y = l.drawBlock(p, i, r.Min.X, y)
		} else {
			y = l.drawRow(p, i, r.Min.X, y)
		}
	}
	if l.list {
		return
	}
	for i, s := range l.sizes {
		p.text(sans(tickSize), p.th.ink, vg.Point{X: r.Min.X + l.left + (vg.Length(i)+0.5)*l.column, Y: y - footGap + fieldGap}, topMiddle, s)
	}
	p.across(l.across, r.Max.X, r.Min.Y)
}

// drawRow draws fields beside each other below y, and returns where they end.
func (l *decisionPlan) drawRow(p *pen, i int, left, y vg.Length) vg.Length {
	h := l.row(i)
	for k, s := range l.names[i] {
		drop := (vg.Length(k) - vg.Length(len(l.names[i])-1)/2) * tickSize * leading
		p.text(sans(tickSize), p.th.ink, vg.Point{X: left, Y: y - h/2 - drop}, middleLeft, s)
	}
	for k := range l.fields[i] {
		f := &l.fields[i][k]
		x := left + l.left + vg.Length(k)*l.column
		b := vg.Rectangle{Min: vg.Point{X: x + fieldGap/2, Y: y - h}, Max: vg.Point{X: x + l.column - fieldGap/2, Y: y}}
		head, small := p.ground(f, b)
		at := vg.Point{X: b.Min.X + fieldPad, Y: y - (h-f.tall())/2 - fieldPad + 1}
		for _, s := range f.heads {
			p.text(bold(headSize), head, at, topLeft, s)
			at.Y -= headLead
		}
		named, _ := f.named()
		for _, m := range named {
			p.chip(m, at)
			p.text(sans(valueSize), small, vg.Point{X: at.X + chipSize + chipGap, Y: at.Y}, topLeft, m.name)
			at.Y -= noteLead
		}
		for _, s := range f.small {
			p.text(sans(valueSize), small, at, topLeft, s)
			at.Y -= noteLead
		}
	}
	return y - h - fieldGap
}

// drawBlock draws fields below each other below y, and returns where they end.
func (l *decisionPlan) drawBlock(p *pen, i int, left, y vg.Length) vg.Length {
	for _, s := range l.names[i] {
		p.text(bold(tickSize), p.th.ink, vg.Point{X: left, Y: y}, topLeft, s)
		y -= tickSize * leading
	}
	y -= 3
	face := bold(headSize)
	for k := range l.fields[i] {
		f := &l.fields[i][k]
		if f.empty() {
			continue
		}
		h := f.listTall() - fieldGap
		p.text(sans(tickSize), p.th.ink, vg.Point{X: left + listIndent, Y: y - h/2}, middleLeft, l.sizes[k])
		b := vg.Rectangle{Min: vg.Point{X: left + l.left, Y: y - h}, Max: vg.Point{X: left + l.left + l.column, Y: y}}
		head, small := p.ground(f, b)
		at := vg.Point{X: b.Min.X + fieldPad, Y: y - listHang}
		p.text(face, head, at, topLeft, f.heads[0])
		at.X += face.Width(f.heads[0]) + 6
		named, _ := f.named()
		for _, m := range named {
			if at.X+chipSize > b.Max.X-2 {
				break
			}
			p.chip(m, at.Sub(vg.Point{Y: 1}))
			at.X += chipSize + 2
		}
		at = vg.Point{X: b.Min.X + fieldPad, Y: y - listHang - headLead}
		for _, s := range f.small {
			p.text(sans(valueSize), small, at, topLeft, s)
			at.Y -= noteLead
		}
		y -= h + fieldGap
	}
	return y - blockGap
}

// ground fills the box of a field and returns the colours of its texts: that of
// the mode that wins, the fuller the larger its margin; neutral, with a border,
// if none does; the border alone, dashed, if nothing is known.
func (p *pen) ground(f *field, b vg.Rectangle) (head, small color.NRGBA) {
	edge := []vg.Point{b.Min, {X: b.Min.X, Y: b.Max.Y}, b.Max, {X: b.Max.X, Y: b.Min.Y}, b.Min}
	switch {
	case f.empty():
		p.StrokeLines(draw.LineStyle{Color: p.th.rule, Width: 0.6, Dashes: []vg.Length{2, 2}}, edge)
		return p.th.muted, p.th.muted
	case f.Undecided != "":
		p.block(mix(p.th.paper, p.th.rule, 0.5), b.Min.X, b.Min.Y, b.Max.X, b.Max.Y)
		p.StrokeLines(draw.LineStyle{Color: p.th.rule, Width: 0.6}, edge)
		return p.th.ink, p.th.ink
	}
	fill, ink := p.th.filled(f.looks[0].hue, share(f.Margin))
	p.block(fill, b.Min.X, b.Min.Y, b.Max.X, b.Max.Y)
	return ink, ink
}

// share returns how full the colour is for a margin.
func share(margin float64) float64 {
	const least = 0.22 // still seen to be the mode's
	if margin < 1 {
		return least
	}
	return least + (1-least)*min(1, math.Log(margin)/math.Log(fullMargin))
}

// chip draws a small square in the colour of a mode, hanging from a line of type.
func (p *pen) chip(k look, at vg.Point) {
	p.block(k.hue, at.X, at.Y-chipSize-0.5, at.X+chipSize, at.Y-0.5)
}
