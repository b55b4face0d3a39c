package chart

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

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

// decisionPlan is what is to be laid out.
type decisionPlan struct {
	sizes  []string
	across string
	names  []string // of the lines
	fields [][]*field
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
	headSize  = 8.0
	fieldPad  = 4.0 // from the edge of a field to its text
	fieldGap  = 2.0 // between fields
	headLead  = headSize * leading
	noteLead  = valueSize * leading
	chipSize  = 5.0 // of the square that stands for a mode
	mostModes = 12  // named in an undecided field
)

func (d Decision) plan(th theme, width vg.Length) (panel, error) {
	if err := d.check(); err != nil {
		return panel{}, err
	}
	l := &decisionPlan{sizes: cleaned(d.Sizes), across: clean(d.Across)}
	looks := d.looks(th)
	for _, line := range d.Lines {
		fs := make([]*field, len(d.Sizes))
		for i := range fs {
			fs[i] = new(field)
			if i < len(line.Fields) {
				fs[i].Field = line.Fields[i]
			}
			fs[i].set(looks)
		}
		l.names = append(l.names, clean(line.Name))
		l.fields = append(l.fields, fs)
	}
	picture, ok := l.matrix(width)
	if !ok {
		picture = l.list(width)
	}
	for _, k := range looks {
		picture.legend = append(picture.legend, key{look: k})
	}
	if slices.ContainsFunc(l.all(), func(f *field) bool { return f.Margin > 0 }) {
		shades := fmt.Sprintf("the fuller the colour, the larger the margin, up to %d×", fullMargin)
		picture.notes = slices.Insert(picture.notes, 0, shades)
	}
	return picture, nil
}

// all returns the fields of all lines.
func (l *decisionPlan) all() []*field { return slices.Concat(l.fields...) }

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
			if err := f.check(); err != nil {
				return fmt.Errorf("line %q at %q: %w", clean(line.Name), clean(d.Sizes[i]), err)
			}
			shown = shown || len(f.Modes) > 0 || f.Undecided != ""
		}
	}
	if !shown {
		return errors.New("nothing to show: all fields are empty")
	}
	return nil
}

func (f Field) check() error {
	switch {
	case len(f.Modes) > maxSeries:
		return fmt.Errorf("%d modes are too many to tell apart: at most %d", len(f.Modes), maxSeries)
	case len(f.Modes) > 1 && f.Undecided == "":
		return fmt.Errorf("%d modes win: want one, or a word on why none does", len(f.Modes))
	case f.Margin != 0 && !(f.Margin >= 1 && finite(f.Margin)):
		return fmt.Errorf("the margin %g: want 1 or more", f.Margin)
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
