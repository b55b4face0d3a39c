package chart

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"
)

// set is a text as it stands on the sheet.
type set struct {
	text string
	box  vg.Rectangle
}

// texts replays what was drawn and returns where each text stands, following
// translations and rotations.
func texts(actions []recorder.Action) []set {
	type frame struct{ sin, cos, x, y float64 }
	at := frame{cos: 1}
	var stack []frame
	var out []set
	place := func(x, y float64) vg.Point {
		return vg.Point{X: vg.Length(at.x + x*at.cos - y*at.sin), Y: vg.Length(at.y + x*at.sin + y*at.cos)}
	}
	for _, a := range actions {
		switch a := a.(type) {
		case *recorder.Push:
			stack = append(stack, at)
		case *recorder.Pop:
			at, stack = stack[len(stack)-1], stack[:len(stack)-1]
		case *recorder.Translate:
			p := place(float64(a.Point.X), float64(a.Point.Y))
			at.x, at.y = float64(p.X), float64(p.Y)
		case *recorder.Rotate:
			sin, cos := math.Sincos(a.Angle)
			at.sin, at.cos = at.sin*cos+at.cos*sin, at.cos*cos-at.sin*sin
		case *recorder.FillString:
			f := font.DefaultCache.Lookup(a.Font, a.Size)
			w, up, down := float64(f.Width(a.String)), float64(a.Size)*0.72, float64(a.Size)*0.2
			x, y := float64(a.Point.X), float64(a.Point.Y)
			p, q := place(x, y-down), place(x+w, y+up)
			out = append(out, set{a.String, vg.Rectangle{
				Min: vg.Point{X: min(p.X, q.X), Y: min(p.Y, q.Y)},
				Max: vg.Point{X: max(p.X, q.X), Y: max(p.Y, q.Y)},
			}})
		}
	}
	return out
}

// faults lists the texts of a chart that reach out of the sheet or into each other.
func faults(c Chart, o Options) ([]string, error) {
	s, err := compose(c, o)
	if err != nil {
		return nil, err
	}
	var rec recorder.Canvas
	s.draw(&rec)
	var out []string
	all := texts(rec.Actions)
	for i, a := range all {
		if a.box.Min.X < 0 || a.box.Min.Y < 0 || a.box.Max.X > s.w || a.box.Max.Y > s.h {
			out = append(out, fmt.Sprintf("%q at %.1f is out of the sheet of %.1f × %.1f", a.text, a.box, s.w, s.h))
		}
		for _, b := range all[:i] {
			if overlap(a.box, b.box) {
				out = append(out, fmt.Sprintf("%q at %.1f overlaps %q at %.1f", a.text, a.box, b.text, b.box))
			}
		}
	}
	return out, nil
}

func overlap(a, b vg.Rectangle) bool {
	const touch = 0.05
	return a.Min.X < b.Max.X-touch && b.Min.X < a.Max.X-touch && a.Min.Y < b.Max.Y-touch && b.Min.Y < a.Max.Y-touch
}

func TestTextOfFixturesIsReadable(t *testing.T) {
	for _, f := range fixtures() {
		fs, err := faults(f.chart, Options{Width: f.width})
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		for _, s := range fs {
			t.Errorf("%s: %s", f.name, s)
		}
	}
}

// TestTextIsReadableWhateverIsCharted draws charts of every kind from random
// input: many and few, long names and short, near values and far.
func TestTextIsReadableWhateverIsCharted(t *testing.T) {
	n := 600
	if testing.Short() {
		n = 120
	}
	for seed := range n {
		g := gen{rand.New(rand.NewPCG(uint64(seed), 7))}
		c, o := g.chart(), g.options()
		fs, err := faults(c, o)
		if err != nil && !strings.Contains(err.Error(), "nothing to show") {
			t.Errorf("seed %d: %T: %v", seed, c, err)
		}
		for _, s := range fs {
			t.Errorf("seed %d: %T at %.1f cm: %s", seed, c, o.Width, s)
		}
		if t.Failed() && seed > 50 {
			t.FailNow()
		}
	}
}

// TestFaultsAreFound makes sure that the test above can fail.
func TestFaultsAreFound(t *testing.T) {
	draw := func(at ...vg.Point) []set {
		var rec recorder.Canvas
		rec.Push()
		rec.Translate(vg.Point{X: 50, Y: 50})
		rec.Rotate(math.Pi / 2)
		for _, p := range at {
			rec.FillString(sans(10), p, "value")
		}
		rec.Pop()
		return texts(rec.Actions)
	}
	for _, c := range []struct {
		second vg.Point
		want   bool
	}{{vg.Point{X: 3, Y: 3}, true}, {vg.Point{X: 0, Y: 12}, false}, {vg.Point{X: 40}, false}} {
		ts := draw(vg.Point{}, c.second)
		if got := overlap(ts[0].box, ts[1].box); got != c.want {
			t.Errorf("two upright texts %v apart overlap = %v, want %v", c.second, got, c.want)
		}
		if w, h := ts[0].box.Size().X, ts[0].box.Size().Y; w > h {
			t.Errorf("an upright text is %.1f wide and %.1f high", w, h)
		}
	}
}

// gen makes up charts that a report could ask for.
type gen struct{ *rand.Rand }

func (g gen) options() Options {
	return Options{
		Theme: []Theme{"", Light, Dark}[g.IntN(3)],
		Width: []float64{0, Wide, Narrow, 7, 25}[g.IntN(5)],
	}
}

func (g gen) chart() Chart {
	switch g.IntN(9) {
	case 0:
		groups := g.names(1 + g.IntN(9))
		b := Bars{Frame: g.frame(), Unit: g.unit(), Groups: groups, Series: g.series(len(groups)), Across: g.pick("", "workers", g.text(3))}
		if g.IntN(3) == 0 {
			b.Parts = [2]string{"user", "system"}
			for i := range b.Series {
				for _, v := range b.Series[i].Values {
					b.Series[i].Lower = append(b.Series[i].Lower, v.Center*g.Float64())
				}
			}
		}
		return b
	case 1:
		return Scaling{Frame: g.frame(), Cores: g.IntN(20), Lines: g.lines([]float64{1, 2, 3, 4, 6, 8, 12, 16, 32, 64}[:1+g.IntN(10)])}
	case 2:
		return Quantiles{Frame: g.frame(), Unit: g.unit(), Lines: g.lines([]float64{0, 50, 75, 90, 95, 99, 99.9, 99.99, 100}[g.IntN(4) : 4+g.IntN(6)])}
	case 3:
		return g.efficiency()
	case 4:
		return g.decision()
	case 5:
		return g.sizes()
	case 6:
		return g.dots()
	case 7:
		return g.trend()
	}
	groups := g.names(1 + g.IntN(8))
	return Overview{Frame: g.frame(), Workers: g.IntN(20), Groups: groups, Series: g.series(len(groups))}
}

// efficiency makes up curves that cross a half close to each other or far apart.
func (g gen) efficiency() Efficiency {
	e := Efficiency{Frame: g.frame()}
	for _, n := range g.names(1 + g.IntN(9)) {
		charged := math.Pow(10, -8+6*g.Float64()*float64(g.IntN(2)))
		l := Line{Name: n}
		for work := charged / 30; work < 1e3*charged; work *= 2 + 3*g.Float64() {
			l.Points = append(l.Points, Point{work + charged, within(work/(work+charged), 0.1*g.Float64())})
		}
		e.Lines = append(e.Lines, l)
		switch g.IntN(5) {
		case 0:
			e.Crossings = append(e.Crossings, Absent())
		case 1:
			e.Crossings = append(e.Crossings, Exact(2*charged))
		default:
			e.Crossings = append(e.Crossings, within(2*charged, g.Float64()))
		}
	}
	return e
}

// decision makes up fields that are won, undecided and empty.
func (g gen) decision() Decision {
	d := Decision{Frame: g.frame(), Sizes: g.names(1 + g.IntN(9)), Across: g.pick("", "task", g.text(3))}
	for _, n := range g.names(1 + g.IntN(6)) {
		l := DecisionLine{Name: n}
		for range len(d.Sizes) - g.IntN(2) {
			f := Field{Modes: g.names(g.IntN(9)), Margin: 1 + g.Float64()*math.Pow(10, 3*g.Float64()), Notes: []string{g.text(2), g.text(4)}}
			if len(f.Modes) > 1 {
				f.Undecided = g.pick("no difference", "too few samples", "x"+g.text(6))
			}
			l.Fields = append(l.Fields, f)
		}
		d.Lines = append(d.Lines, l)
	}
	return d
}

func (g gen) way(name string) Way {
	return Way{name, []Side{Goroutines, Processes, Python, Others, "another"}[g.IntN(5)]}
}

func (g gen) sizes() Sizes {
	s := Sizes{Frame: g.frame(), Unit: g.unit(), SizeIn: g.pick("B", ""), Across: g.pick("", "message")}
	for _, l := range g.lines([]float64{0.5, 1, 8, 64, 1 << 10, 1 << 20, 1 << 40}[:1+g.IntN(7)]) {
		s.Lines = append(s.Lines, WayLine{g.way(l.Name), l.Points})
	}
	return s
}

func (g gen) dots() Dots {
	d := Dots{Frame: g.frame(), Unit: g.unit()}
	for _, n := range g.names(1 + g.IntN(9)) {
		row := DotRow{Name: n}
		for _, w := range g.names(g.IntN(9)) {
			row.Dots = append(row.Dots, Dot{g.way(w), g.value()})
		}
		d.Rows = append(d.Rows, row)
	}
	return d
}

func (g gen) trend() Trend {
	t := Trend{Frame: g.frame(), Unit: g.unit(), Across: g.pick("", "revision"), Range: g.text(6)}
	base := math.Pow(10, 12*g.Float64()-8)
	for _, name := range g.names(1 + g.IntN(80)) {
		v := within(base*(1+0.1*g.Float64()), 0.05*g.Float64())
		if g.IntN(6) == 0 {
			v = g.value()
		}
		t.Points = append(t.Points, TrendPoint{name, v})
	}
	t.Points[0].Value = Exact(base)
	for at := 1 + g.IntN(5); at < len(t.Points); at += 1 + g.IntN(20) {
		t.Levels = append(t.Levels, TrendLevel{at, at, base})
		t.Changes = append(t.Changes, TrendChange{at, g.pick("+8.2\u00a0%", "", g.text(5)), g.IntN(2) == 0})
	}
	return t
}

func (g gen) pick(ss ...string) string { return ss[g.IntN(len(ss))] }

func (g gen) unit() string {
	return g.pick("sec/op", "B", "B/s", "units/s", "x", "switches/op", "")
}

func (g gen) frame() Frame {
	return Frame{g.text(40), g.text(30), g.text(60)}
}

func (g gen) text(words int) string {
	ws := make([]string, g.IntN(words+1))
	for i := range ws {
		ws[i] = g.pick("hash", "primes", "goroutines", "a", "size=64KiB", "sync=true", "µs", "of", "nearly", strings.Repeat("long", 1+g.IntN(9)))
	}
	return strings.Join(ws, " ")
}

func (g gen) names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = g.pick(fmt.Sprint(1<<i), modes[i%len(modes)], g.text(4), fmt.Sprintf("w%d", i))
	}
	return out
}

func (g gen) value() Interval {
	v := math.Pow(10, -2+4*g.Float64())
	switch g.IntN(12) {
	case 0:
		return Absent()
	case 1:
		return Exact(v)
	case 2:
		return Exact(0)
	case 3:
		v *= math.Pow(10, 12*g.Float64()-6)
	case 4:
		return Interval{v, v / 100, v * 100}
	}
	return within(v, 0.3*g.Float64())
}

func (g gen) series(groups int) []Series {
	names := g.names(1 + g.IntN(9))
	out := make([]Series, len(names))
	for i, n := range names {
		out[i].Name = n
		for range groups - g.IntN(2) {
			out[i].Values = append(out[i].Values, g.value())
		}
	}
	return out
}

func (g gen) lines(xs []float64) []Line {
	names := g.names(1 + g.IntN(9))
	out := make([]Line, len(names))
	for i, n := range names {
		out[i].Name = n
		for _, x := range xs {
			if g.IntN(8) > 0 {
				out[i].Points = append(out[i].Points, Point{x, g.value()})
			}
		}
	}
	return out
}

// TestWordsAreAllThere makes sure that readable does not mean left out: the
// frame's words, the series, and every value for which a wide chart has room.
func TestWordsAreAllThere(t *testing.T) {
	shown := func(c Chart, width float64) string { return shownTexts(t, c, width) }
	for _, f := range fixtures() {
		got := shown(f.chart, f.width)
		words := f.chart.words()
		for w := range strings.FieldsSeq(words.Title + " " + words.Subtitle + " " + words.Caption) {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is missing", f.name, w)
			}
		}
	}
	for _, c := range []struct {
		chart Chart
		want  []string
	}{
		{threeModes(), []string{"1.90k\n", "990\n", "2.64k\n", "2.5k\n", "no whisker: too few samples"}},
		{sevenModes("sec/op", 250e-6), append(modes, "800 µs\n", "62.5 µs\n", "workers →\n")},
		{cpu(), []string{"user\n", "system\n", "131 µs\n"}},
		{scaling([]float64{1, 2, 3, 6, 12, 24}, modes, 12), []string{"12 cores\n", "ideal\n", "spawn 0.23×\n", "hybrid 10.0×\n", "24\n", "no band"}},
		{efficiency(modes), append(modes, "goroutine 40.0 ns\n", "process 180 ns\n", "spawn 18.0 ms\n", "50 %\n", "1 µs\n", "granularity of a task →\n")},
		{latency(modes[1:]), []string{"p50\n", "p99.9\n", "spawn 9.23 ms\n"}},
		{decision(), append(modes, "no difference\n", "too few\nsamples\n", "by 31 %\n", "1.98× serial\n", "waiting: sleep\n", "10 µs\n", "task →\n")},
		{sizes(), []string{"channel\n", "sharedmemory 3.38 ms\n", "16 MiB\n", "size →\n", "1 µs\n"}},
		{dots(), []string{"goroutines\n", "processes\n", "Python\n", "zeromq\n", "pool\n", "rawvalue\n", "pythonspawn\n", "StartJoin\n", "1 ms\n"}},
		{overview(), []string{"ideal 2×\n", "serial\n", "0.020×\n", "file sync=true\n"}},
	} {
		got := shown(c.chart, Wide)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%T: %q is missing from\n%s", c.chart, w, got)
			}
		}
	}
}

// shownTexts returns the texts of a chart, a line for each.
func shownTexts(t *testing.T, c Chart, width float64) string {
	t.Helper()
	s, err := compose(c, Options{Width: width})
	if err != nil {
		t.Fatal(err)
	}
	var rec recorder.Canvas
	s.draw(&rec)
	var sb strings.Builder
	for _, x := range texts(rec.Actions) {
		sb.WriteString(strings.ReplaceAll(x.text, "\u00a0", " ") + "\n")
	}
	return sb.String()
}

// TestLabelsOfBarsSayTheirPrefix charts values of which some have the axis's
// prefix and some do not, over bars too narrow for the longest labels.
func TestLabelsOfBarsSayTheirPrefix(t *testing.T) {
	chart := func(unit string, values ...float64) Chart {
		b := Bars{Unit: unit, Groups: []string{"1", "2", "4"}, Across: "workers"}
		for i, v := range values {
			b.Series = append(b.Series, Series{Name: modes[i], Values: []Interval{within(v/2, 0.1), within(v, 0.1), within(v, 0.1)}})
		}
		return b
	}
	for _, c := range []struct {
		chart     Chart
		has, lack []string
	}{
		{chart("units/s", 3080, 3080, 3070, 3060, 3060, 142.8, 3080), []string{"1.54k", "3.08k", "71.4"}, []string{"1.54", "3.08"}},
		{chart("units/s", 3080, 3080, 3070, 3060, 3060, 2500, 3080), []string{"1.54k", "3.08k", "1.25k"}, []string{"1.54"}},
		{chart("sec/op", 3080e-6, 3080e-6, 3070e-6, 3060e-6, 3060e-6, 142.8e-6, 3080e-6), []string{"1.54 ms", "71.4 µs"}, []string{"1.54", "71.4"}},
		{chart("sec/op", 3080e-6, 3080e-6, 3070e-6, 3060e-6, 3060e-6, 2500e-6, 3080e-6), []string{"3.08", "1.25"}, nil},
	} {
		got := "\n" + shownTexts(t, c.chart, Wide)
		for _, w := range c.has {
			if !strings.Contains(got, "\n"+w+"\n") {
				t.Errorf("%q is missing from%s", w, got)
			}
		}
		for _, w := range c.lack {
			if strings.Contains(got, "\n"+w+"\n") {
				t.Errorf("%q has no prefix in%s", w, got)
			}
		}
	}
}

// TestSVGGivesEachTextItsWidth keeps texts in their place where another face
// stands in for the one that they were measured in.
func TestSVGGivesEachTextItsWidth(t *testing.T) {
	text := regexp.MustCompile(`<text ([^>]*)>([^<]*)</text>`)
	for _, f := range fixtures() {
		var doc bytes.Buffer
		if err := SVG(&doc, f.chart, Options{Width: f.width}); err != nil {
			t.Fatal(err)
		}
		all := text.FindAllStringSubmatch(doc.String(), -1)
		if len(all) == 0 || len(all) != strings.Count(doc.String(), "<text") {
			t.Fatalf("%s: found %d of %d texts", f.name, len(all), strings.Count(doc.String(), "<text"))
		}
		for _, m := range all {
			size := regexp.MustCompile(`font-size:([0-9.]+)px`).FindStringSubmatch(m[1])
			width := regexp.MustCompile(`textLength="([0-9.]+)" lengthAdjust="spacingAndGlyphs"`).FindStringSubmatch(m[1])
			if size == nil || width == nil {
				t.Fatalf("%s: no width or size in %s", f.name, m[0])
			}
			points, err := strconv.ParseFloat(size[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			face := sans(vg.Length(points))
			if strings.Contains(m[1], "bold") {
				face = bold(vg.Length(points))
			}
			got, err := strconv.ParseFloat(width[1], 64)
			if want := face.Width(html.UnescapeString(m[2])).Points(); err != nil || math.Abs(got-want) > 0.01*want {
				t.Errorf("%s: %s is %v wide, want %v", f.name, m[0], got, want)
			}
		}
	}
}

func BenchmarkCharts(b *testing.B) {
	for _, f := range fixtures() {
		b.Run("kind=svg/chart="+f.name, func(b *testing.B) {
			for b.Loop() {
				if err := SVG(io.Discard, f.chart, Options{Width: f.width}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("kind=png/chart="+f.name, func(b *testing.B) {
			for b.Loop() {
				if err := PNG(io.Discard, f.chart, Options{Width: f.width}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
