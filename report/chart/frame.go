package chart

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panel is the picture inside the frame, measured and ready to be drawn.
type panel struct {
	height vg.Length
	legend []key
	notes  []string // on what could not be shown
	draw   func(*pen, vg.Rectangle)
}

// key is one entry of the legend: a line with its glyph, the glyph alone, or a
// square.
type key struct {
	look
	line bool
	dot  bool
	part partKind
	next bool // begins a row of its own
}

// width returns the width of the mark with the gap after it.
func (k key) width() vg.Length {
	if k.line {
		return 21
	}
	return 14
}

// partKind tells the two shades of a stacked bar apart in the legend.
type partKind int

const (
	whole partKind = iota
	lowerPart
	upperPart
)

// sheet is a chart laid out: words wrapped, sizes known.
type sheet struct {
	w, h vg.Length
	th   theme
	panel

	title                       string // as given, for screen readers
	titles, subtitles, captions []string
	titleFace                   font.Face
	rows                        [][]key // of the legend
	keyGap                      vg.Length
}

const (
	margin    = 13.0 // around everything
	keyGap    = 15.0 // between legend entries
	legendRow = 16.0

	afterTitle = 1.5
)

// compose validates c and lays it out.
func compose(c Chart, o Options) (*sheet, error) {
	if c == nil {
		return nil, fmt.Errorf("chart: no chart given")
	}
	th, err := o.Theme.colours()
	if err != nil {
		return nil, err
	}
	if o.Width == 0 {
		o.Width = Wide
	}
	if !(o.Width >= minWidth && o.Width <= maxWidth) {
		return nil, fmt.Errorf("chart: width of %g cm: want %d to %d", o.Width, minWidth, maxWidth)
	}
	words := c.words()
	s := &sheet{w: vg.Length(o.Width) * vg.Centimeter, th: th, title: clean(words.Title)}
	inner := s.w - 2*margin
	if s.panel, err = c.plan(th, inner); err != nil {
		return nil, fmt.Errorf("chart %q: %w", s.title, err)
	}
	s.setTitle(inner)
	s.subtitles = wrap(sans(subtitleSize), clean(words.Subtitle), inner, 6)
	caption := append([]string{clean(words.Caption)}, s.notes...)
	if caption[0] == "" {
		caption = caption[1:]
	}
	s.captions = wrap(sans(captionSize), strings.Join(caption, " · "), inner, 10)
	s.rows, s.keyGap = legendRows(s.legend, inner)
	s.h = 2*margin + s.headHeight() + s.panel.height + s.captionHeight()
	return s, nil
}

// setTitle wraps the title, in smaller type when it would take many lines.
func (s *sheet) setTitle(width vg.Length) {
	for _, size := range []vg.Length{titleSize, titleSize - 1, titleSize - 2} {
		s.titleFace = bold(size)
		s.titles = wrap(s.titleFace, s.title, width, 10)
		if len(s.titles) <= 2 {
			return
		}
	}
}

func (s *sheet) headHeight() vg.Length {
	h := vg.Length(len(s.titles)) * s.titleFace.Font.Size * leading
	h += vg.Length(len(s.subtitles)) * subtitleSize * leading
	h += afterTitle
	if len(s.titles)+len(s.subtitles) > 0 {
		h += 6
	}
	if len(s.rows) > 0 {
		h += vg.Length(len(s.rows))*legendRow + 9
	}
	return h
}

func (s *sheet) captionHeight() vg.Length {
	if len(s.captions) == 0 {
		return 0
	}
	return 8 + vg.Length(len(s.captions))*captionSize*leading
}

// legendRows breaks the legend into rows of at most width, closer together
// where that saves a row.
func legendRows(keys []key, width vg.Length) ([][]key, vg.Length) {
	const tightGap = keyGap * 0.6
	loose, tight := legendRowsWith(keyGap, keys, width), legendRowsWith(tightGap, keys, width)
	if len(tight) < len(loose) {
		return tight, tightGap
	}
	return loose, keyGap
}

func legendRowsWith(gap vg.Length, keys []key, width vg.Length) [][]key {
	f := sans(legendSize)
	var rows [][]key
	x := width
	for _, k := range keys {
		k.name = fit(f, k.name, width-k.width())
		w := k.width() + f.Width(k.name)
		if x += gap; x+w > width || len(rows) == 0 || k.next {
			rows = append(rows, nil)
			x = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], k)
		x += w
	}
	return rows
}

// draw draws the sheet on a canvas of its size.
func (s *sheet) draw(c vg.Canvas) {
	p := &pen{Canvas: draw.NewCanvas(c, s.w, s.h), th: s.th}
	p.SetColor(s.th.paper)
	p.Fill(p.Rectangle.Path())

	y := s.h - margin
	y = p.paragraph(s.titleFace, s.th.ink, y, s.titles) - afterTitle
	y = p.paragraph(sans(subtitleSize), s.th.muted, y, s.subtitles)
	if len(s.titles)+len(s.subtitles) > 0 {
		y -= 6
	}
	for _, row := range s.rows {
		p.legendRow(row, y-legendRow/2, s.keyGap)
		y -= legendRow
	}
	p.paragraph(sans(captionSize), s.th.muted, margin+s.captionHeight()-8, s.captions)
	bottom := margin + s.captionHeight()
	s.panel.draw(p, vg.Rectangle{
		Min: vg.Point{X: margin, Y: bottom},
		Max: vg.Point{X: s.w - margin, Y: bottom + s.panel.height},
	})
}

// paragraph sets lines of type down from y and returns where it ended.
func (p *pen) paragraph(f font.Face, c color.Color, y vg.Length, lines []string) vg.Length {
	for _, l := range lines {
		p.text(f, c, vg.Point{X: margin, Y: y}, topLeft, l)
		y -= f.Font.Size * leading
	}
	return y
}

func (p *pen) legendRow(row []key, y, gap vg.Length) {
	f := sans(legendSize)
	x := vg.Length(margin)
	for _, k := range row {
		p.mark(k, x, y)
		p.text(f, p.th.ink, vg.Point{X: x + k.width(), Y: y}, middleLeft, k.name)
		x += k.width() + f.Width(k.name) + gap
	}
}

// mark draws the mark of a legend entry, its left end at x.
func (p *pen) mark(k key, x, y vg.Length) {
	if k.line {
		p.StrokeLine2(draw.LineStyle{Color: k.hue, Width: lineWidth}, x, y, x+16, y)
		p.glyph(k.look, vg.Point{X: x + 8, Y: y})
		return
	}
	if k.dot {
		p.glyph(k.look, vg.Point{X: x + 4.5, Y: y})
		return
	}
	c := k.hue
	switch k.part {
	case lowerPart:
		c = p.th.ink
	case upperPart:
		c = p.th.faded(p.th.ink)
	}
	p.block(c, x, y-4.5, x+9, y+4.5)
}

// block fills a rectangle.
func (p *pen) block(c color.Color, x0, y0, x1, y1 vg.Length) {
	p.FillPolygon(c, []vg.Point{{X: x0, Y: y0}, {X: x0, Y: y1}, {X: x1, Y: y1}, {X: x1, Y: y0}})
}

const (
	lineWidth   = 1.7
	glyphRadius = 2.8
)

// glyph draws the glyph of a look with a rim of paper, which keeps it apart
// from lines and from other glyphs.
func (p *pen) glyph(l look, at vg.Point) {
	p.DrawGlyphNoClip(draw.GlyphStyle{Color: p.th.paper, Radius: glyphRadius + 0.8, Shape: l.glyph}, at)
	p.DrawGlyphNoClip(draw.GlyphStyle{Color: l.hue, Radius: glyphRadius, Shape: l.glyph}, at)
}
