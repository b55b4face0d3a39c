package chart

import (
	"image/color"
	"math"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// How far capitals and descenders of Liberation Sans reach from the base line,
// as shares of its size. They bound the box that a text is booked with.
const (
	ascent  = 0.74
	descent = 0.22
	leading = 1.28 // from one base line to the next
)

// sans returns a face of Liberation Sans, which has the widths of Arial and
// Helvetica: a page without it keeps the layout.
func sans(size vg.Length) font.Face {
	return font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans"}, size)
}

func bold(size vg.Length) font.Face {
	return font.DefaultCache.Lookup(font.Font{Typeface: "Liberation", Variant: "Sans", Weight: xfont.WeightBold}, size)
}

// Sizes of type in points, the same at any width of the picture.
const (
	titleSize    = 13
	subtitleSize = 9.5
	legendSize   = 9.5
	tickSize     = 9
	valueSize    = 7.5
	captionSize  = 7.5
	smallestSize = 6.5 // values over very narrow bars
)

// anchor says which part of a text stands at the given point: 0 is left or
// bottom, 0.5 the middle, 1 right or top.
type anchor struct{ x, y vg.Length }

var (
	bottomLeft   = anchor{0, 0}
	bottomMiddle = anchor{0.5, 0}
	bottomRight  = anchor{1, 0}
	middleLeft   = anchor{0, 0.5}
	middleRight  = anchor{1, 0.5}
	topLeft      = anchor{0, 1}
	topMiddle    = anchor{0.5, 1}
)

// pen draws on a sheet and keeps account of where type and lines are, so that
// an optional label is only set where it can be read.
type pen struct {
	draw.Canvas
	th     theme
	booked []vg.Rectangle
	lines  [][2]vg.Point
}

// box returns the rectangle that s fills when its anchor stands at pt. The
// letters a value or a name is made of reach from the base line to the
// capitals' height; the box adds what hangs below.
func box(f font.Face, pt vg.Point, a anchor, s string) vg.Rectangle {
	w, up, down := f.Width(s), f.Font.Size*ascent, f.Font.Size*descent
	base := pt.Y
	switch a.y {
	case 0:
		base += down
	case 0.5:
		base -= up / 2 // figures and capitals are centred, descenders not counted
	case 1:
		base -= up
	}
	left := pt.X - w*a.x
	return vg.Rectangle{Min: vg.Point{X: left, Y: base - down}, Max: vg.Point{X: left + w, Y: base + up}}
}

// text sets s with its anchor at pt.
func (p *pen) text(f font.Face, c color.Color, pt vg.Point, a anchor, s string) {
	if s == "" {
		return
	}
	b := box(f, pt, a, s)
	p.booked = append(p.booked, b)
	p.SetColor(c)
	p.FillString(f, vg.Point{X: b.Min.X, Y: b.Min.Y + f.Font.Size*descent}, s)
}

// upright sets s running upwards, the middle of its foot at pt.
func (p *pen) upright(f font.Face, c color.Color, pt vg.Point, s string) {
	half := f.Font.Size * ascent / 2
	b := vg.Rectangle{
		Min: vg.Point{X: pt.X - half, Y: pt.Y},
		Max: vg.Point{X: pt.X + half + f.Font.Size*descent, Y: pt.Y + f.Width(s)},
	}
	if !p.free(b) {
		return
	}
	p.booked = append(p.booked, b)
	p.Push()
	p.Translate(vg.Point{X: pt.X + half, Y: pt.Y})
	p.Rotate(math.Pi / 2)
	p.SetColor(c)
	p.FillString(f, vg.Point{}, s)
	p.Pop()
}

// try sets s only if it touches no other type and stays on the sheet.
func (p *pen) try(f font.Face, c color.Color, pt vg.Point, a anchor, s string) bool {
	if s == "" || !p.free(box(f, pt, a, s)) {
		return false
	}
	p.text(f, c, pt, a, s)
	return true
}

// backed is try on a patch of paper, which keeps lines from running through s.
func (p *pen) backed(f font.Face, c color.Color, pt vg.Point, a anchor, s string) bool {
	b := box(f, pt, a, s)
	if !p.free(b) {
		return false
	}
	p.block(p.th.paper, b.Min.X-1, b.Min.Y, b.Max.X+1, b.Max.Y)
	p.text(f, c, pt, a, s)
	return true
}

// spot is a place where a label may stand.
type spot struct {
	pt vg.Point
	a  anchor
}

// place sets s at the first spot that is clear of type and lines, or else at
// the first that is clear of type.
func (p *pen) place(f font.Face, c color.Color, s string, spots []spot) {
	for _, sp := range spots {
		if b := box(f, sp.pt, sp.a, s); p.free(b) && !p.crossed(b) {
			p.text(f, c, sp.pt, sp.a, s)
			return
		}
	}
	for _, sp := range spots {
		if p.try(f, c, sp.pt, sp.a, s) {
			return
		}
	}
}

// free reports whether b is on the sheet and clear of all type.
func (p *pen) free(b vg.Rectangle) bool {
	if b.Min.X < p.Min.X || b.Min.Y < p.Min.Y || b.Max.X > p.Max.X || b.Max.Y > p.Max.Y {
		return false
	}
	for _, o := range p.booked {
		if b.Min.X < o.Max.X && o.Min.X < b.Max.X && b.Min.Y < o.Max.Y && o.Min.Y < b.Max.Y {
			return false
		}
	}
	return true
}

// crossed reports whether a line that labels should keep off runs through b.
func (p *pen) crossed(b vg.Rectangle) bool {
	for _, l := range p.lines {
		if clips(l, b) {
			return true
		}
	}
	return false
}

// clips reports whether the segment l meets b, by Liang and Barsky's method.
func clips(l [2]vg.Point, b vg.Rectangle) bool {
	t0, t1 := vg.Length(0), vg.Length(1)
	d := l[1].Sub(l[0])
	for _, e := range [4][2]vg.Length{
		{-d.X, l[0].X - b.Min.X}, {d.X, b.Max.X - l[0].X},
		{-d.Y, l[0].Y - b.Min.Y}, {d.Y, b.Max.Y - l[0].Y},
	} {
		switch {
		case e[0] == 0 && e[1] < 0:
			return false
		case e[0] < 0:
			t0 = max(t0, e[1]/e[0])
		case e[0] > 0:
			t1 = min(t1, e[1]/e[0])
		}
	}
	return t0 <= t1
}

// wrap breaks s into lines of at most width, at spaces where it can, or else
// within a word where it has a mark, as in name=value. From the line after the
// most-th on, it ends in an ellipsis instead.
func wrap(f font.Face, s string, width vg.Length, most int) []string {
	var lines []string
	for rest := s; rest != ""; {
		if len(lines) == most-1 {
			return append(lines, fit(f, rest, width))
		}
		n := prefixWithin(f, rest, width)
		if n < len(rest) {
			if sp := strings.LastIndexByte(rest[:n+1], ' '); sp > 0 {
				n = sp
			} else if mark := strings.LastIndexAny(rest[:n], "=/,;-_"); mark > 0 {
				n = mark + 1
			}
		}
		lines = append(lines, strings.TrimSpace(rest[:n]))
		rest = strings.TrimSpace(rest[n:])
	}
	return lines
}

// prefixWithin returns the length in bytes of the longest start of s that is
// at most width wide, and at least of its first letter.
func prefixWithin(f font.Face, s string, width vg.Length) int {
	if f.Width(s) <= width {
		return len(s)
	}
	ends := make([]int, 0, len(s))
	for i := range s {
		ends = append(ends, i)
	}
	lo, hi := 1, len(ends)-1 // ends[lo] is always taken; ends[hi+1] would be too wide
	if hi < 1 {
		return len(s)
	}
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if f.Width(s[:ends[mid]]) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return ends[lo]
}

// fit returns s, or as much of it as width allows with an ellipsis.
func fit(f font.Face, s string, width vg.Length) string {
	if f.Width(s) <= width {
		return s
	}
	n := prefixWithin(f, s, width-f.Width("…"))
	return strings.TrimSpace(s[:n]) + "…"
}
