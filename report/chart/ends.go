package chart

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ends labels the curves directly, where they end on the right.
type ends struct {
	texts []string // one a curve; empty: its end is not at the right edge
	width vg.Length
}

const (
	endSize = 8.5
	endLead = 14 // from a curve's end to its label: room for a line between them
	endRow  = endSize*(ascent+descent) + 0.6
)

// narrowNames is how much of a narrow sheet names at the ends of curves may
// take: the legend has colours for them, but who tells seven colours apart?
const narrowNames = 92

// endsOf writes the labels: names and values where the names are short,
// otherwise the values, and nothing where not even those have room one over the
// other.
func endsOf(looks []look, all [][]Point, width vg.Length, value func(float64) string) ends {
	xs := places(all)
	e := ends{texts: make([]string, len(all))}
	n := 0
	full := make([]string, len(all))
	for i, pts := range all {
		last := len(pts) - 1
		if last < 0 || pts[last].X != xs[len(xs)-1] || pts[last].Y.absent() {
			continue
		}
		n++
		e.texts[i] = value(pts[last].Y.Center)
		full[i] = looks[i].name + " " + e.texts[i]
	}
	if vg.Length(n)*endRow > plotHeight {
		return ends{texts: make([]string, len(all))}
	}
	if w := widest(full); w < max(width/4, min(width*0.38, narrowNames)) {
		e.texts = full
	}
	e.width = widest(e.texts)
	if e.width > max(width/4, narrowNames) {
		return ends{texts: make([]string, len(all))}
	}
	return e
}

func widest(texts []string) vg.Length {
	f := bold(endSize)
	var w vg.Length
	for _, s := range texts {
		w = max(w, f.Width(s))
	}
	return w
}

// room returns how much of the width the labels take.
func (e ends) room() vg.Length {
	if e.width == 0 {
		return glyphRadius + 2
	}
	return endLead + e.width
}

// draw sets the labels to the right of the curves' last points, moved apart
// where those are close, with a thin line to those that had to move.
func (e ends) draw(p *pen, g *graph, area vg.Rectangle) {
	type end struct {
		i  int
		pt vg.Point
	}
	var es []end
	for i, s := range e.texts {
		if s != "" {
			es = append(es, end{i, g.at(g.all[i][len(g.all[i])-1])})
		}
	}
	slices.SortStableFunc(es, func(a, b end) int { return cmp.Compare(a.pt.Y, b.pt.Y) })
	want := make([]vg.Length, len(es))
	for k, end := range es {
		want[k] = end.pt.Y
	}
	for k, y := range spread(want, endRow, area.Min.Y+endRow/2, area.Max.Y) {
		at, hue := es[k].pt, g.looks[es[k].i].hue
		if math.Abs(float64(y-at.Y)) > 1 {
			p.StrokeLine2(draw.LineStyle{Color: alpha(hue, 0xb0), Width: 0.6}, at.X+glyphRadius+1.5, at.Y, at.X+endLead-2, y)
		}
		p.text(bold(endSize), p.th.legible(hue), vg.Point{X: at.X + endLead, Y: y}, middleLeft, e.texts[es[k].i])
	}
}

// spread moves rising places apart to a least gap, as little as it can (in the
// sense of least squares), within lo and hi if they have room for all: places
// that get in each other's way form a block around their mean.
func spread(want []vg.Length, gap, lo, hi vg.Length) []vg.Length {
	type block struct {
		sum  vg.Length // of the starts that its members wish for
		n    int
		from vg.Length
	}
	var blocks []block
	for _, w := range want {
		b := block{sum: w, n: 1}
		for {
			span := vg.Length(b.n-1) * gap
			b.from = min(max(b.sum/vg.Length(b.n), lo), max(hi-span, lo))
			k := len(blocks) - 1
			if k < 0 || blocks[k].from+vg.Length(blocks[k].n)*gap <= b.from {
				break
			}
			prev := blocks[k]
			b.sum += prev.sum - vg.Length(b.n*prev.n)*gap
			b.n += prev.n
			blocks = blocks[:k]
		}
		blocks = append(blocks, b)
	}
	out := make([]vg.Length, 0, len(want))
	for _, b := range blocks {
		for i := range b.n {
			out = append(out, b.from+vg.Length(i)*gap)
		}
	}
	return out
}
