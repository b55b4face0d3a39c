package chart

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"
)

// drawn returns what a chart draws, and where its texts stand.
func drawn(t *testing.T, c Chart, width float64) (*sheet, []recorder.Action, map[string]vg.Rectangle) {
	t.Helper()
	s, err := compose(c, Options{Width: width})
	if err != nil {
		t.Fatal(err)
	}
	var rec recorder.Canvas
	s.draw(&rec)
	places := make(map[string]vg.Rectangle)
	for _, x := range texts(rec.Actions) {
		places[strings.ReplaceAll(x.text, "\u00a0", " ")] = x.box
	}
	return s, rec.Actions, places
}

func TestWordsBreakAtMarks(t *testing.T) {
	f := sans(tickSize)
	width := f.Width("(iterations=100000")
	for text, want := range map[string]string{
		"mixed (iterations=1000000, wait=1ms)": "mixed|(iterations=|1000000,|wait=1ms)",
		"a/very/long/name/without/any/space":   "a/very/long/name/|without/any/space",
		"nomarkwhatsoeverinthisword":           "",
	} {
		got := strings.Join(wrap(f, text, width, 9), "|")
		if want != "" && got != want || strings.ReplaceAll(strings.ReplaceAll(got, "|", ""), " ", "") != strings.ReplaceAll(text, " ", "") {
			t.Errorf("%q is broken into %q, want %q", text, got, want)
		}
	}
}

func TestNonBreakingSpacesDoNotBreak(t *testing.T) {
	text := clean("median of  6 samples with 95\u00a0%\u00a0CI")
	if want := "median of 6 samples with 95\u00a0%\u00a0CI"; text != want {
		t.Fatalf("clean text %q, want %q", text, want)
	}
	f := sans(subtitleSize)
	got := strings.Join(wrap(f, text, f.Width("median of 6 samples with 95 %"), 9), "|")
	if want := "median of 6 samples with|95\u00a0%\u00a0CI"; got != want {
		t.Errorf("broken into %q, want %q", got, want)
	}
}

// TestOverviewValuesStandBesideTheIdeal charts values whose labels would stand
// on the line of the ideal.
func TestOverviewValuesStandBesideTheIdeal(t *testing.T) {
	o := Overview{Workers: 2, Groups: []string{"hash"}}
	for i, v := range []float64{1.80, 1.85, 1.91, 1.95, 1.99} {
		o.Series = append(o.Series, Series{Name: modes[i+1], Values: []Interval{within(v, 0.001)}})
	}
	_, _, places := drawn(t, o, Narrow)
	ideal := places["2×"] // the tick stands in the middle under the line
	line := (ideal.Min.X + ideal.Max.X) / 2
	for _, label := range []string{"1.80×", "1.85×", "1.91×", "1.95×", "1.99×"} {
		b, ok := places[label]
		if !ok || b.Min.X <= line && line <= b.Max.X {
			t.Errorf("%s is at %v, the line of the ideal at %v", label, b, line)
		}
	}
}

// TestValueOfALongIntervalKeepsOffTheLegend charts an interval that leaves the
// picture.
func TestValueOfALongIntervalKeepsOffTheLegend(t *testing.T) {
	b := Bars{
		Unit: "sec/op", Groups: []string{"1"}, Parts: [2]string{"user", "system"},
		Series: []Series{{Name: "goroutine", Values: []Interval{{254, 200, 900}}}, {Name: "process", Values: []Interval{within(100, 0.1)}}},
	}
	s, _, places := drawn(t, b, Wide)
	top := s.h - margin - s.headHeight() // of the panel
	if value := places["254 s"]; value == (vg.Rectangle{}) || value.Max.Y > top {
		t.Errorf("the value is at %v, above the top of the picture at %v", value, top)
	}
	// What the two shades mean is not one more mode.
	if mode, user, system := places["process"], places["user"], places["system"]; user.Max.Y > mode.Min.Y || user.Min.Y != system.Min.Y {
		t.Errorf("user at %v and system at %v share a row with process at %v", user, system, mode)
	}
}

// TestSmallBarsAreSeen charts a value of a thousandth of the highest one.
func TestSmallBarsAreSeen(t *testing.T) {
	b := Bars{Unit: "B/s", Groups: []string{"1"}, Series: []Series{{Name: "goroutine", Values: []Interval{Exact(1e9)}}, {Name: "spawn", Values: []Interval{Exact(1e6)}}}}
	_, actions, _ := drawn(t, b, Wide)
	blocks := 0
	for _, a := range actions {
		fill, ok := a.(*recorder.Fill)
		if !ok || len(fill.Path) != 5 {
			continue
		}
		blocks++
		low, high := math.Inf(1), math.Inf(-1)
		for _, c := range fill.Path[:4] {
			low, high = math.Min(low, float64(c.Pos.Y)), math.Max(high, float64(c.Pos.Y))
		}
		if high-low < sliver*0.99 {
			t.Errorf("a block of %.3f points cannot be seen", high-low)
		}
	}
	if blocks < 5 { // the paper, two marks of the legend, two bars
		t.Errorf("%d blocks, want 5", blocks)
	}
}

func TestEndsKeepTheirNamesOnAPhone(t *testing.T) {
	for _, c := range []Chart{latency(modes[1:]), scaling([]float64{1, 2, 4}, modes, 2)} {
		got := shownTexts(t, c, Narrow)
		for _, want := range []string{"gomaxprocs1 ", "process ", "goroutine "} {
			if !strings.Contains(got, want) {
				t.Errorf("%T: no end label with %q in\n%s", c, want, got)
			}
		}
	}
}
