package chart

import (
	"math"
	"strconv"

	"golang.org/x/perf/benchunit"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// axis maps values to places on the sheet. What is beyond its ends is put at
// the end: a log axis thus takes zero, and an interval may reach out of sight.
type axis struct {
	min, max float64
	norm     plot.Normalizer // plot.LinearScale or plot.LogScale
	from, to vg.Length       // places of min and max
	ticks    []plot.Tick
}

func (a axis) at(v float64) vg.Length {
	v = math.Min(math.Max(v, a.min), a.max)
	return a.from + vg.Length(a.norm.Normalize(a.min, a.max, v))*(a.to-a.from)
}

// holds reports whether v is between the ends of the axis.
func (a axis) holds(v float64) bool { return v >= a.min && v <= a.max }

// widest returns the width of the widest tick label.
func (a axis) widest() vg.Length {
	f := sans(tickSize)
	var w vg.Length
	for _, t := range a.ticks {
		w = max(w, f.Width(t.Label))
	}
	return w
}

// rules draws a horizontal line at each tick of the vertical axis a, and the
// labels to the left of it.
func (p *pen) rules(a axis, left, right vg.Length) {
	for _, t := range a.ticks {
		y := a.at(t.Value)
		p.StrokeLine2(draw.LineStyle{Color: p.th.rule, Width: 0.6}, left, y, right, y)
		p.try(sans(tickSize), p.th.ink, vg.Point{X: left - tickGap, Y: y}, middleRight, t.Label)
	}
}

// floor draws the line that the picture stands on.
func (p *pen) floor(y, left, right vg.Length) {
	p.StrokeLine2(draw.LineStyle{Color: p.th.axis, Width: 0.8}, left, y, right, y)
}

// feet sets the labels of the horizontal axis a below y, leaving out those
// that would touch: the ends first, then the rest in their order.
func (p *pen) feet(a axis, y vg.Length) {
	n := len(a.ticks)
	for k := range n {
		i := k - 1
		switch k {
		case 0:
			i = n - 1
		case 1:
			i = 0
		}
		t, f := a.ticks[i], sans(tickSize)
		pt := vg.Point{X: a.at(t.Value), Y: y - footGap}
		wide := box(f, pt, topMiddle, t.Label)
		wide.Min.X -= 3
		wide.Max.X += 3
		if p.free(wide) || n == 1 {
			p.text(f, p.th.ink, pt, topMiddle, t.Label)
		}
	}
}

const mostTicks = 9 // of a log axis

const (
	tickGap = 7 // from a tick's label to the plot
	footGap = 6 // from the floor to the labels below it
	footer  = footGap + tickSize*(ascent+descent)
)

// linearTicks returns about n round values from 0 to top, all with the prefix
// that suits top.
func linearTicks(top float64, n int, u unit) []plot.Tick {
	p := u.at(top)
	step := roundStep(top / p.factor / float64(n))
	var ts []plot.Tick
	for k := 0; float64(k)*step*p.factor <= top*(1+1e-9) && k <= 4*n; k++ {
		v := float64(k) * step
		label := "0"
		if k > 0 {
			label = trim(v) + p.text
		}
		ts = append(ts, plot.Tick{Value: v * p.factor, Label: label})
	}
	return ts
}

// roundStep returns the smallest of 1, 2, 2.5 and 5 times a power of ten that
// is at least v.
func roundStep(v float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*base >= v*(1-1e-9) {
			return m * base
		}
	}
	return 10 * base
}

// octaves returns a log axis of speedups over powers of two that holds lo to
// hi. With ticks below a quarter, all below 1 are written as fractions.
func octaves(lo, hi float64) axis {
	from := math.Floor(math.Log2(lo) + 1e-9)
	to := math.Ceil(math.Log2(hi) - 1e-9)
	if to <= from {
		to = from + 1
	}
	stride := math.Max(1, math.Ceil((to-from)/(mostTicks-1)))
	a := axis{min: math.Exp2(from), max: math.Exp2(to), norm: plot.LogScale{}}
	// Ticks are whole strides away from 1, so that 1 is always among them.
	first := math.Ceil(from/stride) * stride
	for e := first; e <= to; e += stride {
		a.ticks = append(a.ticks, plot.Tick{Value: math.Exp2(e), Label: power2(e, first < -2) + "×"})
	}
	return a
}

// power2 writes 2 to the power of e.
func power2(e float64, fractions bool) string {
	switch {
	case e < 0 && e > -20 && fractions:
		return "1/" + strconv.FormatFloat(math.Exp2(-e), 'f', 0, 64)
	case math.Abs(e) < 20:
		return strconv.FormatFloat(math.Exp2(e), 'f', -1, 64)
	}
	return strconv.FormatFloat(math.Exp2(e), 'g', 2, 64)
}

// decades returns a log axis over round decimal values that holds lo to hi,
// each tick with the prefix that suits it; of a unit with binary prefixes, over
// powers of two.
func decades(lo, hi float64, u unit) axis {
	if u.class == benchunit.Binary {
		return powersOfTwo(lo, hi, u)
	}
	for _, steps := range [][]float64{{1, 2, 5}, {1, 3}, {1}} {
		if a := decadeAxis(lo, hi, 1, steps, u); len(a.ticks) <= mostTicks {
			return a
		}
	}
	stride := 3 * math.Ceil((math.Log10(hi)-math.Log10(lo))/(3*(mostTicks-3))) // from prefix to prefix: ns, µs, ms
	return decadeAxis(lo, hi, stride, []float64{1}, u)
}

// powersOfTwo is decades for binary prefixes: each power, every other one, every
// fifth or so many as are from prefix to prefix.
func powersOfTwo(lo, hi float64, u unit) axis {
	from, to := math.Log2(lo), math.Log2(hi)
	stride := 10 * math.Ceil((to-from)/(10*(mostTicks-2)))
	for _, s := range []float64{5, 2, 1} {
		if (to-from)/s <= mostTicks-2 {
			stride = s
		}
	}
	a := axis{norm: plot.LogScale{}}
	for e := math.Floor(from/stride+1e-9) * stride; ; e += stride {
		v := math.Exp2(e)
		p := u.at(v)
		a.ticks = append(a.ticks, plot.Tick{Value: v, Label: trim(v/p.factor) + p.text})
		if v >= hi*(1-1e-9) && len(a.ticks) > 1 {
			return a.spanned(lo, hi)
		}
	}
}

func decadeAxis(lo, hi, stride float64, steps []float64, u unit) axis {
	a := axis{norm: plot.LogScale{}}
	from := math.Floor(math.Log10(lo)/stride) * stride
	for e := from; e <= math.Ceil(math.Log10(hi))+stride && len(a.ticks) < 1000; e += stride {
		for _, s := range steps {
			v := s * math.Pow(10, e)
			if v == 0 || math.IsInf(v, 0) {
				continue
			}
			p := u.at(v)
			t := plot.Tick{Value: v, Label: trim(v/p.factor) + p.text}
			if v <= lo*(1+1e-9) {
				a.ticks = a.ticks[:0] // the last one below lo is where the axis starts
			}
			a.ticks = append(a.ticks, t)
			if v >= hi*(1-1e-9) && len(a.ticks) > 1 {
				return a.spanned(lo, hi)
			}
		}
	}
	return a.spanned(lo, hi)
}

// spanned lets the axis run from its first tick to its last.
func (a axis) spanned(lo, hi float64) axis {
	a.min, a.max = lo, hi
	if n := len(a.ticks); n > 0 {
		a.min, a.max = math.Min(lo, a.ticks[0].Value), math.Max(hi, a.ticks[n-1].Value)
	}
	return a
}
