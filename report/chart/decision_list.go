package chart

import (
	"strings"

	"gonum.org/v1/plot/vg"
)

// decisionList has the fields of a line below each other, each with its size to
// the left of it, where a page is narrow. It leaves empty ones out.
type decisionList struct {
	*decisionPlan
	labels [][]string // the names of the lines, wrapped
	ticks  []string   // the sizes, as far as they fit
	left   vg.Length  // width of the ticks
	column vg.Length  // width of a field
}

const (
	listIndent = 4.0
	listHang   = 4.0 // from the top of a field to its text
)

// list lays the fields out below each other.
func (l *decisionPlan) list(width vg.Length) panel {
	d := &decisionList{decisionPlan: l}
	face := sans(tickSize)
	for _, s := range l.sizes {
		s = fit(face, s, width*0.3)
		d.left = max(d.left, listIndent+face.Width(s)+tickGap)
		d.ticks = append(d.ticks, s)
	}
	d.column = width - d.left
	for _, name := range l.names {
		d.labels = append(d.labels, wrap(bold(tickSize), name, width, 3))
	}
	var height vg.Length
	for i, fs := range l.fields {
		for _, f := range fs {
			f.join(d.column - 2*fieldPad)
		}
		height += d.block(i)
	}
	return panel{height: height, draw: d.draw}
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

// listTall returns the room that the field takes in a list.
func (f *field) listTall() vg.Length {
	if f.empty() {
		return 0
	}
	return headLead + vg.Length(len(f.small))*noteLead + listHang + fieldGap
}

// block returns the height of a line.
func (d *decisionList) block(i int) vg.Length {
	h := vg.Length(len(d.labels[i]))*tickSize*leading + 3
	for _, f := range d.fields[i] {
		h += f.listTall()
	}
	return h + blockGap
}

func (d *decisionList) draw(p *pen, r vg.Rectangle) {
	y := r.Max.Y
	for i := range d.fields {
		y = d.drawBlock(p, i, r.Min.X, y)
	}
}

// drawBlock draws a line below y, and returns where it ends.
func (d *decisionList) drawBlock(p *pen, i int, left, y vg.Length) vg.Length {
	for _, s := range d.labels[i] {
		p.text(bold(tickSize), p.th.ink, vg.Point{X: left, Y: y}, topLeft, s)
		y -= tickSize * leading
	}
	y -= 3
	face := bold(headSize)
	for k, f := range d.fields[i] {
		if f.empty() {
			continue
		}
		h := f.listTall() - fieldGap
		p.text(sans(tickSize), p.th.ink, vg.Point{X: left + listIndent, Y: y - h/2}, middleLeft, d.ticks[k])
		b := vg.Rectangle{Min: vg.Point{X: left + d.left, Y: y - h}, Max: vg.Point{X: left + d.left + d.column, Y: y}}
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
