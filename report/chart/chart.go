// Package chart draws the pictures of a report: bars, scaling curves, latency
// quantiles, efficiency curves, an overview of speedups, a map of which mode
// suits which tasks, what several ways of doing something take, and how a value
// went over revisions, as SVG and as PNG.
//
// It knows nothing of files or statistics. What it is given is plain numbers
// in base units with their intervals, and the words to put around them; what
// it adds of its own is a note in the caption when something could not be
// shown. The same input always gives the same bytes.
package chart

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// Interval is a value with the bounds of its confidence interval, in base
// units. A Center of NaN means that there is no value: its place stays empty.
// A bound of NaN or ±Inf is unknown: the value is drawn without a whisker.
// Bounds of 0 are bounds like any other; a value alone is Exact.
type Interval struct{ Center, Lo, Hi float64 }

// Exact returns a value whose interval is unknown.
func Exact(v float64) Interval { return Interval{v, math.Inf(-1), math.Inf(1)} }

// Absent returns an interval without a value.
func Absent() Interval { return Exact(math.NaN()) }

func (v Interval) absent() bool { return math.IsNaN(v.Center) }

// bounded reports whether both ends of the interval are known.
func (v Interval) bounded() bool {
	return finite(v.Lo) && finite(v.Hi)
}

func (v Interval) check() error {
	switch {
	case v.absent():
		return nil
	case math.IsInf(v.Center, 0):
		return errors.New("the value is infinite")
	case v.Center < 0:
		return fmt.Errorf("the value %g is negative", v.Center)
	case v.bounded() && v.Lo > v.Hi:
		return fmt.Errorf("its interval is upside down: [%g, %g]", v.Lo, v.Hi)
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Frame is the words around a picture. None of them is ever cut off at the
// edge: long ones are wrapped, and only absurdly long ones end in an ellipsis.
type Frame struct {
	Title    string // the finding, in words
	Subtitle string // unit, sample count, interval, and which direction is better
	Caption  string // provenance; notes on what is missing are added to it
}

// Chart is one of the kinds of chart in this package: Bars, Scaling,
// Quantiles, Efficiency, Overview, Decision, Sizes, Dots or Trend.
type Chart interface {
	words() Frame
	plan(th theme, width vg.Length) (panel, error)
}

// Options says how a chart is drawn. The zero value is a light chart for a
// page of full width.
type Options struct {
	Theme Theme

	// Width of the picture in centimetres; zero means Wide. Type keeps its
	// size, so a chart for a small screen is drawn Narrow rather than shrunk.
	// The height follows from what has to be shown.
	Width float64

	// DPI is the resolution of a PNG; zero means 192.
	DPI int
}

// Widths in centimetres for Options.
const (
	Wide   = 16.5
	Narrow = 9.525 // 360 CSS pixels: a phone held upright
)

const (
	minWidth, maxWidth = 7, 100 // cm
	maxDPI             = 600

	maxSeries = 40   // more cannot be told apart
	maxGroups = 200  // more have no room for their names
	maxBars   = 1000 // cells of one picture
	maxPoints = 2000 // of one line; more are thinned out
)

// SVG writes c to w as an SVG document without an XML prologue, so that it can
// be a file of its own or stand inside an HTML page. Fonts are named, not
// embedded. It scales to the width that it is given.
func SVG(w io.Writer, c Chart, o Options) (err error) {
	defer guard(&err)
	s, err := compose(c, o)
	if err != nil {
		return err
	}
	return s.svg(w)
}

// PNG writes c to w as a PNG picture.
func PNG(w io.Writer, c Chart, o Options) (err error) {
	defer guard(&err)
	if o.DPI == 0 {
		o.DPI = 192
	}
	if o.DPI < 1 || o.DPI > maxDPI {
		return fmt.Errorf("chart: resolution of %d dpi: want 1 to %d", o.DPI, maxDPI)
	}
	s, err := compose(c, o)
	if err != nil {
		return err
	}
	const maxPixels = 100e6
	if px := s.w.Dots(float64(o.DPI)) * s.h.Dots(float64(o.DPI)); px > maxPixels {
		return fmt.Errorf("chart %q: %.0f million pixels are too many for a PNG: lower the resolution or chart fewer groups", s.title, px/1e6)
	}
	img := vgimg.NewWith(vgimg.UseWH(s.w, s.h), vgimg.UseDPI(o.DPI), vgimg.UseBackgroundColor(s.th.paper))
	s.draw(img)
	_, err = vgimg.PngCanvas{Canvas: img}.WriteTo(w)
	return err
}

// guard turns a panic of the drawing library into an error: a report with one
// picture missing is better than none.
func guard(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("chart: drawing failed: %v", r)
	}
}

// clean makes s fit to be set in type: one line, without control characters
// (which XML forbids), and not absurdly long.
func clean(s string) string {
	const longest = 1000
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) && r != '\u00a0' }), " ")
	if r := []rune(s); len(r) > longest {
		s = string(r[:longest]) + "…"
	}
	return s
}
