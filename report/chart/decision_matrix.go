package chart

import (
	"slices"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// decisionMatrix has the fields of a line beside each other, sizes across.
type decisionMatrix struct {
	*decisionPlan
	labels [][]string // the names of the lines, wrapped
	left   vg.Length  // width of the labels
	column vg.Length  // width of a field
}

const (
	nameShare = 0.13 // of the width, which the names of lines may take
	chipGap   = 3.0  // from a mode's square to its name
)

// matrix lays the fields out beside each other, if their texts have room there.
func (l *decisionPlan) matrix(width vg.Length) (picture panel, ok bool) {
	m := &decisionMatrix{decisionPlan: l}
	face := sans(tickSize)
	for _, name := range l.names {
		label := wrap(face, name, width*nameShare, 4)
		for _, s := range label {
			m.left = max(m.left, face.Width(s)+tickGap)
		}
		m.labels = append(m.labels, label)
	}
	m.column = (width - m.left) / vg.Length(len(l.sizes))
	var need vg.Length
	for _, f := range l.all() {
		need = max(need, f.width())
	}
	for _, s := range l.sizes {
		need = max(need, face.Width(s)+4)
	}
	if need+fieldGap > m.column {
		return panel{}, false
	}
	for _, f := range l.all() {
		f.split(m.column - fieldGap - 2*fieldPad)
	}
	picture = panel{height: m.height(), draw: m.draw}
	if slices.ContainsFunc(l.all(), (*field).empty) {
		picture.notes = []string{"dashed: not measured"}
	}
	return picture, true
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

// tall returns the room that the field's texts take below each other.
func (f *field) tall() vg.Length {
	if f.empty() {
		return 0
	}
	named, _ := f.named()
	return vg.Length(len(f.heads))*headLead + vg.Length(len(named)+len(f.small))*noteLead + 2*fieldPad - 2
}

// row returns the height of a line.
func (m *decisionMatrix) row(i int) vg.Length {
	h := max(vg.Length(len(m.labels[i]))*tickSize*leading, headLead+noteLead+2*fieldPad)
	for _, f := range m.fields[i] {
		h = max(h, f.tall())
	}
	return h
}

func (m *decisionMatrix) height() vg.Length {
	var h vg.Length
	for i := range m.fields {
		h += m.row(i) + fieldGap
	}
	h += footer
	if m.across != "" {
		h += acrossHeight
	}
	return h
}

func (m *decisionMatrix) draw(p *pen, r vg.Rectangle) {
	y := r.Max.Y
	for i := range m.fields {
		y = m.drawRow(p, i, r.Min.X, y)
	}
	for i, s := range m.sizes {
		p.text(sans(tickSize), p.th.ink, vg.Point{X: r.Min.X + m.left + (vg.Length(i)+0.5)*m.column, Y: y - footGap + fieldGap}, topMiddle, s)
	}
	p.across(m.across, r.Max.X, r.Min.Y)
}

// drawRow draws a line below y, and returns where it ends.
func (m *decisionMatrix) drawRow(p *pen, i int, left, y vg.Length) vg.Length {
	h := m.row(i)
	for k, s := range m.labels[i] {
		drop := (vg.Length(k) - vg.Length(len(m.labels[i])-1)/2) * tickSize * leading
		p.text(sans(tickSize), p.th.ink, vg.Point{X: left, Y: y - h/2 - drop}, middleLeft, s)
	}
	for k, f := range m.fields[i] {
		x := left + m.left + vg.Length(k)*m.column
		b := vg.Rectangle{Min: vg.Point{X: x + fieldGap/2, Y: y - h}, Max: vg.Point{X: x + m.column - fieldGap/2, Y: y}}
		head, small := p.ground(f, b)
		at := vg.Point{X: b.Min.X + fieldPad, Y: y - (h-f.tall())/2 - fieldPad + 1}
		for _, s := range f.heads {
			p.text(bold(headSize), head, at, topLeft, s)
			at.Y -= headLead
		}
		named, _ := f.named()
		for _, mode := range named {
			p.chip(mode, at)
			p.text(sans(valueSize), small, vg.Point{X: at.X + chipSize + chipGap, Y: at.Y}, topLeft, mode.name)
			at.Y -= noteLead
		}
		for _, s := range f.small {
			p.text(sans(valueSize), small, at, topLeft, s)
			at.Y -= noteLead
		}
	}
	return y - h - fieldGap
}
