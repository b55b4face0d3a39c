package chart

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
)

func TestBadInputIsAnError(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	one := []string{"g"}
	bars := func(v Interval) Chart { return Bars{Groups: one, Series: []Series{{Name: "s", Values: []Interval{v}}}} }
	line := func(x float64, v Interval) []Line { return []Line{{Name: "l", Points: []Point{{x, v}}}} }
	fields := func(fs ...Field) Chart { return Decision{Sizes: one, Lines: []DecisionLine{{Name: "l", Fields: fs}}} }
	for _, c := range []struct {
		name  string
		chart Chart
		opts  Options
		want  string
	}{
		{"no chart", nil, Options{}, "no chart"},
		{"no series", Bars{Groups: one}, Options{}, "nothing to show"},
		{"no groups", Bars{Series: []Series{{}}}, Options{}, "nothing to show"},
		{"negative", bars(Exact(-1)), Options{}, `series "s" in group "g": the value -1 is negative`},
		{"infinite", bars(Exact(inf)), Options{}, "infinite"},
		{"upside down", bars(Interval{1, 2, 0}), Options{}, "upside down"},
		{"more values than groups", Bars{Groups: one, Series: []Series{{Name: "s", Values: make([]Interval, 2)}}}, Options{}, "2 values for 1 group"},
		{"lower part above the value", Bars{Groups: one, Parts: [2]string{"a", "b"}, Series: []Series{{Values: []Interval{Exact(1)}, Lower: []float64{2}}}}, Options{}, "lower part 2"},
		{"too many series", Bars{Groups: one, Series: make([]Series, 1000)}, Options{}, "1000 series"},
		{"too many groups", Overview{Groups: make([]string, 1e6), Series: make([]Series, 1)}, Options{}, "1000000 groups"},
		{"no lines", Scaling{}, Options{}, "nothing to show"},
		{"no points", Scaling{Lines: []Line{{}}}, Options{}, "nothing to show"},
		{"all absent", Scaling{Lines: line(1, Absent())}, Options{}, "nothing to show"},
		{"all zero", Scaling{Lines: line(1, Exact(0))}, Options{}, "no value is above zero"},
		{"no workers", Scaling{Lines: line(0, Exact(1))}, Options{}, "x = 0: want a number of workers"},
		{"workers not a number", Scaling{Lines: line(nan, Exact(1))}, Options{}, "a number of workers"},
		{"percentile", Quantiles{Lines: line(101, Exact(1))}, Options{}, "a percentile from 0 to 100"},
		{"no granularity", Efficiency{Lines: line(0, Exact(1))}, Options{}, "a granularity in seconds"},
		{"efficiency", Efficiency{Lines: line(1, Exact(3))}, Options{}, "an efficiency of 3: want 0 to 2"},
		{"crossings", Efficiency{Lines: line(1, Exact(1)), Crossings: make([]Interval, 2)}, Options{}, "2 crossings of 1 lines"},
		{"crossing upside down", Efficiency{Lines: line(1, Exact(1)), Crossings: []Interval{{1, 2, 0}}}, Options{}, `crossing of line "l"`},
		{"no sizes", Decision{Lines: make([]DecisionLine, 1)}, Options{}, "nothing to show"},
		{"no field", Decision{Sizes: one, Lines: make([]DecisionLine, 1)}, Options{}, "all fields are empty"},
		{"too many fields", fields(Field{}, Field{}), Options{}, `line "l" has 2 fields for 1 sizes`},
		{"two win", fields(Field{Modes: []string{"a", "b"}}), Options{}, "2 modes win: want one, or a word on why none does"},
		{"margin below one", fields(Field{Modes: one, Margin: 0.5}), Options{}, "the margin 0.5: want 1 or more"},
		{"margin not a number", fields(Field{Modes: one, Margin: nan}), Options{}, "the margin NaN"},
		{"many modes", fields(Field{Modes: make([]string, 1000), Undecided: "x"}), Options{}, "1000 modes"},
		{"many sizes", Decision{Sizes: make([]string, 1000), Lines: make([]DecisionLine, 1)}, Options{}, "1000 sizes"},
		{"no size", Sizes{Lines: []WayLine{{Points: []Point{{0, Exact(1)}}}}}, Options{}, "want a size"},
		{"no curve", Sizes{}, Options{}, "nothing to show"},
		{"no dots", Dots{Rows: make([]DotRow, 1)}, Options{}, "nothing to show"},
		{"negative dot", Dots{Rows: []DotRow{{"r", []Dot{{Way{"w", Python}, Exact(-1)}}}}}, Options{}, `row "r": way "w": the value -1 is negative`},
		{"many dots", Dots{Rows: []DotRow{{"r", make([]Dot, 1000)}}}, Options{}, "1000 ways"},
		{"many rows", Dots{Rows: make([]DotRow, 1000)}, Options{}, "1000 rows"},
		{"no trend", Trend{}, Options{}, "nothing to show"},
		{"trend of nothing", Trend{Points: []TrendPoint{{"p", Absent()}}}, Options{}, "nothing to show"},
		{"negative trend", Trend{Points: []TrendPoint{{"p", Exact(-1)}}}, Options{}, `point "p": the value -1 is negative`},
		{"many revisions", Trend{Points: make([]TrendPoint, 1e5)}, Options{}, "100000 points"},
		{"level of no point", Trend{Points: make([]TrendPoint, 1), Levels: []TrendLevel{{0, 1, 1}}}, Options{}, "want a value of points 0 to 0"},
		{"level not a number", Trend{Points: make([]TrendPoint, 1), Levels: []TrendLevel{{0, 0, nan}}}, Options{}, "a level of NaN"},
		{"change at no point", Trend{Points: make([]TrendPoint, 2), Changes: []TrendChange{{At: 2}}}, Options{}, "a change at 2: want 1 to 1"},
		{"no speedup", Overview{Groups: one, Series: []Series{{Values: []Interval{Exact(0)}}}}, Options{}, "nothing to show"},
		{"theme", bars(Exact(1)), Options{Theme: "pink"}, `unknown theme "pink": want light or dark`},
		{"width", bars(Exact(1)), Options{Width: 1e9}, "width"},
		{"width not a number", bars(Exact(1)), Options{Width: nan}, "width"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := SVG(io.Discard, c.chart, c.opts)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want one with %q", err, c.want)
			}
		})
	}
	if err := PNG(io.Discard, bars(Exact(1)), Options{DPI: 1e6}); err == nil || !strings.Contains(err.Error(), "dpi") {
		t.Errorf("a million dpi: error = %v", err)
	}
}

func TestLineOfManyPointsIsThinnedOut(t *testing.T) {
	l := Line{Name: "goroutine"}
	for i := range 200_000 {
		l.Points = append(l.Points, Point{float64(i + 1), within(1+float64(i%7), 0.1)})
	}
	var buf bytes.Buffer
	if err := SVG(&buf, Scaling{Lines: []Line{l}}, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := buf.Len(); n > 300_000 {
		t.Errorf("200,000 points make an SVG of %d bytes", n)
	}
	got := thin(l.Points)
	if len(got) != maxPoints || got[0] != l.Points[0] || got[maxPoints-1] != l.Points[len(l.Points)-1] {
		t.Errorf("thinned to %d points from %v to %v", len(got), got[0], got[len(got)-1])
	}
}

func TestTextIsEscapedAndNeverNamesAFace(t *testing.T) {
	evil := `</text><script>alert("x")</script> style="font-family:Liberation Sans;` + "\x00\xff\ufffe"
	var buf bytes.Buffer
	c := Bars{Frame: Frame{evil, evil, evil}, Groups: []string{evil}, Series: []Series{{Name: evil, Values: []Interval{Exact(1)}}}}
	if err := SVG(&buf, c, Options{}); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, buf.Bytes())
	if s := buf.String(); strings.Contains(s, "<script") || strings.Contains(s, `style="font-family`) {
		t.Errorf("not escaped:\n%s", s)
	}
}

// FuzzCharts draws charts made of arbitrary numbers and words. It may refuse
// them, but must not panic, nor set one text over another, nor write bad XML.
func FuzzCharts(f *testing.F) {
	floats := func(vs ...float64) []byte {
		var b []byte
		for _, v := range vs {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		return b
	}
	f.Add("hash", "sec/op", uint8(3), 16.5, floats(1, 0.9, 1.1, 2, 1.9, 2.1))
	f.Add("a longer title", "B", uint8(0), 9.525, floats(0, 0, 0, math.NaN(), 0, 1))
	f.Add("x", "x", uint8(7), 0.0, floats(math.MaxFloat64, 0, math.Inf(1), math.SmallestNonzeroFloat64, 0, 1e300))
	f.Add("\x00é世界", "units/s", uint8(40), 7.0, floats(1e-300, 1e-301, 1e300, 1e300, 1, 1e301))
	f.Fuzz(func(t *testing.T, words, unit string, n uint8, width float64, data []byte) {
		var vs []Interval
		for ; len(data) >= 24 && len(vs) < 200; data = data[24:] {
			at := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])) }
			vs = append(vs, Interval{at(0), at(1), at(2)})
		}
		for _, c := range hostile(words, unit, int(n), vs) {
			var buf bytes.Buffer
			o := Options{Width: width}
			if SVG(&buf, c, o) != nil {
				if s, err := compose(c, o); err == nil {
					t.Fatalf("%T of %.0f × %.0f was laid out but not drawn", c, s.w, s.h)
				}
				continue
			}
			wellFormed(t, buf.Bytes())
			if strings.Contains(buf.String(), "NaN") && !strings.Contains(words, "NaN") || strings.Contains(buf.String(), "Inf,") {
				t.Errorf("%T: a place in the picture is not a number:\n%s", c, buf.String())
			}
			fs, err := faults(c, o)
			if err != nil || len(fs) > 0 {
				t.Errorf("%T: %v %v", c, err, fs)
			}
		}
	})
}

// hostile spreads values over charts of every kind.
func hostile(words, unit string, n int, vs []Interval) []Chart {
	frame := Frame{words, words + words, words}
	var groups []string
	for i := range n % 50 {
		groups = append(groups, fmt.Sprint(words, i))
	}
	var series []Series
	var lines []Line
	var decided []DecisionLine
	var ways []WayLine
	var rows []DotRow
	var revisions []TrendPoint
	var levels []TrendLevel
	var changes []TrendChange
	for i, v := range vs {
		revisions = append(revisions, TrendPoint{fmt.Sprint(words, i), v})
		if i > 0 && i%3 == 0 {
			levels = append(levels, TrendLevel{i - 3, i - 1, math.Abs(v.Lo)})
			changes = append(changes, TrendChange{i, words, v.Hi > v.Lo})
		}
	}
	crossings := vs[:min(len(vs), 1)]
	for i := 0; len(vs) > 0; i++ {
		k := min(len(vs), max(1, len(groups)))
		s, l := Series{Name: fmt.Sprint(words, i), Values: vs[:k]}, Line{Name: words}
		for j, v := range vs[:k] {
			l.Points = append(l.Points, Point{math.Min(100, math.Abs(v.Hi)+float64(j)), v})
			s.Lower = append(s.Lower, v.Lo)
		}
		series, lines, vs = append(series, s), append(lines, l), vs[k:]
		row := DecisionLine{Name: words}
		for j, v := range s.Values {
			row.Fields = append(row.Fields, Field{Modes: groups[:j%max(1, len(groups))], Undecided: unit, Margin: math.Abs(v.Lo), Notes: []string{words, unit}})
		}
		decided = append(decided, row)
		ways = append(ways, WayLine{Way{words, Side(unit)}, l.Points})
		dots := DotRow{Name: words}
		for j, v := range s.Values {
			dots.Dots = append(dots.Dots, Dot{Way{fmt.Sprint(words, j), Side(unit)}, v})
		}
		rows = append(rows, dots)
	}
	return []Chart{
		Bars{Frame: frame, Unit: unit, Groups: groups, Series: series, Across: words},
		Bars{Frame: frame, Unit: unit, Groups: groups, Series: series, Parts: [2]string{words, unit}},
		Scaling{Frame: frame, Cores: n, Lines: lines},
		Quantiles{Frame: frame, Unit: unit, Lines: lines},
		Efficiency{Frame: frame, Lines: lines, Crossings: crossings},
		Overview{Frame: frame, Workers: n, Groups: groups, Series: series},
		Decision{Frame: frame, Sizes: groups, Across: words, Lines: decided},
		Sizes{Frame: frame, Unit: unit, SizeIn: unit, Across: words, Lines: ways},
		Dots{Frame: frame, Unit: unit, Rows: rows},
		Trend{Frame: frame, Unit: unit, Across: words, Range: unit, Points: revisions, Levels: levels, Changes: changes},
	}
}
