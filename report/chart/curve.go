package chart

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Line is one curve.
type Line struct {
	Name   string
	Points []Point
}

// Point is one value of a curve. A point whose value is absent breaks the line.
type Point struct {
	X float64
	Y Interval
}

// curves checks lines and returns their points by rising X, thinned out to
// what a picture can show. ok says which X are allowed, and wanted says so in
// words. On a log axis zero has no place: such points become absent, and are counted.
func curves(lines []Line, ok func(float64) bool, wanted string) (out [][]Point, zeros int, err error) {
	if len(lines) == 0 {
		return nil, 0, errors.New("nothing to show: it needs a line")
	}
	if len(lines) > maxSeries {
		return nil, 0, fmt.Errorf("%d lines are too many to tell apart: at most %d", len(lines), maxSeries)
	}
	shown := false
	for _, l := range lines {
		pts := slices.Clone(l.Points)
		for i, pt := range pts {
			if !ok(pt.X) {
				return nil, 0, fmt.Errorf("line %q: x = %g: want %s", clean(l.Name), pt.X, wanted)
			}
			if err := pt.Y.check(); err != nil {
				return nil, 0, fmt.Errorf("line %q at x = %g: %w", clean(l.Name), pt.X, err)
			}
			if pt.Y.Center == 0 {
				zeros++
				pts[i].Y = Absent()
			}
			shown = shown || !pts[i].Y.absent()
		}
		slices.SortStableFunc(pts, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
		out = append(out, thin(pts))
	}
	if !shown {
		return nil, 0, errors.New("nothing to show: no value is above zero")
	}
	return out, zeros, nil
}

// thin keeps at most maxPoints of pts, evenly, with the first and the last.
func thin(pts []Point) []Point {
	if len(pts) <= maxPoints {
		return pts
	}
	out := make([]Point, maxPoints)
	for i := range out {
		out[i] = pts[i*(len(pts)-1)/(maxPoints-1)]
	}
	return out
}

// curveNotes returns the notes on what a chart of curves leaves out.
func curveNotes(all [][]Point, zeros int) []string {
	var cells [][]Interval
	for _, pts := range all {
		var row []Interval
		for _, pt := range pts {
			row = append(row, pt.Y)
		}
		cells = append(cells, row)
	}
	var notes []string
	if len(missing(cells)) > 0 {
		notes = append(notes, "no band: too few samples for an interval")
	}
	return append(notes, zeroNote(zeros)...)
}

func zeroNote(n int) []string {
	switch n {
	case 0:
		return nil
	case 1:
		return []string{"one value of 0 has no place on a log axis"}
	}
	return []string{fmt.Sprintf("%d values of 0 have no place on a log axis", n)}
}

// reach returns the ends of the values and their intervals, no further than
// four times beyond the lowest and the highest value.
func reach(all [][]Point) (lo, hi float64) {
	lo, hi = math.Inf(1), 0
	for _, pts := range all {
		for _, pt := range pts {
			if !pt.Y.absent() {
				lo, hi = math.Min(lo, pt.Y.Center), math.Max(hi, pt.Y.Center)
			}
		}
	}
	low, high := lo, hi
	for _, pts := range all {
		for _, pt := range pts {
			if !pt.Y.absent() && pt.Y.bounded() {
				low, high = math.Min(low, pt.Y.Lo), math.Max(high, pt.Y.Hi)
			}
		}
	}
	return clampLog(math.Max(low, lo/4)), clampLog(math.Min(high, hi*4))
}

// clampLog keeps v where the arithmetic of a log axis is exact enough.
func clampLog(v float64) float64 { return math.Min(math.Max(v, 1e-290), 1e290) }

// places returns the different X of all curves, rising.
func places(all [][]Point) []float64 {
	var xs []float64
	for _, pts := range all {
		for _, pt := range pts {
			xs = append(xs, pt.X)
		}
	}
	slices.Sort(xs)
	return slices.Compact(xs)
}
