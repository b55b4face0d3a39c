package gate

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/report/internal/wording"
)

// historyOf has a check for each value from the second on, of it against the one
// before.
func historyOf(unit string, higher bool, values ...float64) []Entry {
	var entries []Entry
	for i := 1; i < len(values); i++ {
		entries = append(entries, Entry{
			Format: historyFormat, Verdict: Fine, Machine: "linux/amd64, 2 CPUs",
			Began: time.Date(2026, 1, i, 0, 0, 0, 0, time.UTC),
			Base:  HistorySide{What: "main", Revision: revision(i - 1)}, Head: HistorySide{What: "HEAD", Revision: revision(i)},
			Benchmarks: []HistoryValue{{Benchmark: "Hash", Unit: unit, Higher: higher, Base: known(values[i-1]), Head: known(values[i])}},
		})
	}
	return entries
}

func revision(i int) string { return fmt.Sprintf("%07x", i) + strings.Repeat("0", 33) }

// step is a series of eight values at one level and eight at another.
func step(before, after float64) []float64 {
	const n = 8
	var values []float64
	for i := range 2 * n {
		v := before
		if i >= n {
			v = after
		}
		values = append(values, v*(1+0.001*float64(i%3)))
	}
	return values
}

func trends(t *testing.T, entries []Entry, o TrendOptions) []Trend {
	t.Helper()
	ts, err := Trends(entries, o)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestTrendFindsTheRevision(t *testing.T) {
	for _, c := range []struct {
		unit   string
		higher bool
		after  float64
		worse  bool
	}{
		{"sec/op", false, 2.2, true},
		{"sec/op", false, 1.8, false},
		{"units/s", true, 2.2, false},
		{"units/s", true, 1.8, true},
	} {
		ts := trends(t, historyOf(c.unit, c.higher, step(2, c.after)...), TrendOptions{})
		if len(ts) != 1 || len(ts[0].Points) != 16 || len(ts[0].Changes) != 1 || ts[0].Changes[0].At != 8 {
			t.Fatalf("%+v: %+v", c, ts)
		}
		if got := ts[0].Chart().Changes[0].Worse; got != c.worse {
			t.Errorf("%+v: worse %v", c, got)
		}
		want := "+10.0 % at 0000008, from 2.00"
		if c.after < 2 {
			want = "−10.0 % at 0000008, from 2.00"
		}
		if got := wording.Breakable(ts[0].Sentence()); !strings.HasPrefix(got, want) {
			t.Errorf("%+v: %q, want %q", c, got, want)
		}
	}
}

func TestTrendOfCountsThatBeginAtZero(t *testing.T) {
	ts := trends(t, historyOf("allocs/op", false, 0, 0, 0, 0, 3, 3, 3, 3), TrendOptions{})
	c := ts[0].Changes
	if len(c) != 1 || c[0].At != 4 || c[0].Before != 0 || c[0].After != 3 {
		t.Fatalf("%+v", c)
	}
	if got := wording.Breakable(ts[0].Sentence()); !strings.HasPrefix(got, "from 0 at 0000004, from 0 to 3 (p=") {
		t.Errorf("%q", got)
	}
	// Other zeros cannot be searched, and are no reason to lose the rest.
	ts = trends(t, historyOf("errors/op", false, 0, 0, 0, 0, 3, 3, 3, 3), TrendOptions{})
	if len(ts) != 1 || len(ts[0].Changes) != 0 {
		t.Errorf("%+v", ts)
	}
}

// A revision that several checks measured has the median of them; trees with
// changes are no revisions; machines are kept apart.
func TestTrendGathersRevisions(t *testing.T) {
	entries := historyOf("sec/op", false, 1, 2, 3)
	entries[1].Benchmarks[0].Base = known(4) // revision 1 again
	dirty := historyOf("sec/op", false, 7, 8)[0]
	dirty.Head.Modified, dirty.Base.Revision = true, revision(1)
	other := historyOf("sec/op", false, 5, 6)[0]
	other.Machine = "a laptop"
	ts := trends(t, append(entries, dirty, other), TrendOptions{})
	if len(ts) != 2 || ts[0].Machine != "a laptop" || len(ts[0].Points) != 2 {
		t.Fatalf("%+v", ts)
	}
	p := ts[1].Points
	if len(p) != 3 || p[1].Value != 4 || p[1].Lo != 2 || p[1].Hi != 7 || p[1].Checks != 3 {
		t.Errorf("%+v", p)
	}
}

// Revisions stand in the project's order. Those that it does not know are not lost:
// when they were measured says where they belong.
func TestTrendOrdersRevisions(t *testing.T) {
	entries := historyOf("sec/op", false, 1, 2, 3, 4)
	for _, c := range []struct {
		name  string
		known []int
		want  []int
	}{
		{"all, two measured late", []int{2, 3, 0, 1}, []int{2, 3, 0, 1}},
		{"none", nil, []int{0, 1, 2, 3}},
		{"others", []int{7, 8}, []int{0, 1, 2, 3}},
		{"the newest alone, as a shallow clone does", []int{3}, []int{0, 1, 2, 3}},
		{"the oldest alone", []int{0}, []int{0, 1, 2, 3}},
		{"two in another order", []int{2, 0}, []int{2, 0, 1, 3}},
	} {
		var o TrendOptions
		for _, i := range c.known {
			o.Revisions = append(o.Revisions, revision(i))
		}
		var want, got []string
		for _, i := range c.want {
			want = append(want, revision(i))
		}
		for _, p := range trends(t, entries, o)[0].Points {
			got = append(got, p.Revision)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestTrendIsBounded(t *testing.T) {
	values := make([]float64, mostPoints+20)
	for i := range values {
		values[i] = 1 + 1e-3*float64(i%7)
	}
	ts := trends(t, historyOf("sec/op", false, values...), TrendOptions{})
	if ts[0].Left != 20 || len(ts[0].Points) != mostPoints || ts[0].Points[0].Revision != revision(20) {
		t.Errorf("%d left out, %d points from %s", ts[0].Left, len(ts[0].Points), ts[0].Points[0].Revision)
	}
}

func TestTrendsGolden(t *testing.T) {
	var entries []Entry
	entries = append(entries, historyOf("sec/op", false, step(2e-3, 2.2e-3)...)...)
	entries = append(entries, historyOf("allocs/op", false, 1, 1, 1, 1, 1)...)
	entries = append(entries, historyOf("B/s", true, 1e6, 1.1e6)...)
	ts := trends(t, entries, TrendOptions{})
	for name, o := range map[string]TextOptions{"trends.text": {}, "trends-40.text": {Width: 40}, "trends.markdown": {}, "trends.json": {}} {
		var b bytes.Buffer
		if err := WriteTrends(&b, ts, Format(strings.TrimPrefix(filepath.Ext(name), ".")), o); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name, b.Bytes())
	}
	for _, f := range TrendFormats() {
		if err := WriteTrends(io.Discard, nil, f, TextOptions{}); err == nil {
			t.Errorf("no trends are no error in %s", f)
		}
	}
	var b bytes.Buffer
	if err := WriteTrends(&b, ts, JUnit, TextOptions{}); err == nil || b.Len() > 0 {
		t.Errorf("trends in a voice that they do not have: %v, %d bytes", err, b.Len())
	}
}

// The chart of any trend can be drawn.
func TestTrendsAreDrawn(t *testing.T) {
	for name, entries := range map[string][]Entry{
		"step":    historyOf("sec/op", false, step(2e-3, 2.2e-3)...),
		"zeros":   historyOf("allocs/op", false, 0, 0, 0, 0, 3, 3, 3, 3),
		"nothing": historyOf("allocs/op", false, 0, 0, 0, 0),
		"two":     historyOf("B/s", true, 1e9, math.MaxFloat64),
		"hostile": hostileHistory(t),
	} {
		for i, tr := range trends(t, entries, TrendOptions{}) {
			if testing.Short() && i%8 > 0 {
				continue
			}
			var svg, png bytes.Buffer
			if err := chart.SVG(&svg, tr.Chart(), chart.Options{Width: chart.Narrow}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := chart.PNG(&png, tr.Chart(), chart.Options{Theme: chart.Dark}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if strings.Contains(svg.String(), "NaN") || strings.Contains(svg.String(), "Inf") {
				t.Errorf("%s has numbers that are none", name)
			}
			var b bytes.Buffer
			if err := WriteTrends(&b, []Trend{tr}, Text, TextOptions{Width: 50}); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			for _, f := range []Format{Markdown, JSON} {
				if err := WriteTrends(&said, []Trend{tr}, f, TextOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			if text := said.String(); strings.ContainsAny(text, "\x1b\a\u202e") || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s: %q", name, text)
			}
			for line := range strings.Lines(b.String()) {
				if utf8.RuneCountInString(line) > 51 || strings.ContainsAny(line, "\x1b\a\u202e") {
					t.Errorf("%s: %q", name, line)
				}
			}
		}
	}
}

func TestTrendsAreAsTheSchemaSays(t *testing.T) {
	root := decode[node](t, TrendSchema())
	for name, entries := range map[string][]Entry{
		"step":       historyOf("sec/op", false, step(2e-3, 2.2e-3)...),
		"throughput": historyOf("B/s", true, step(2e9, 1e9)...),
		"from none":  historyOf("allocs/op", false, 0, 0, 0, 0, 0, 3, 3, 3, 3, 3),
		"two":        historyOf("B/s", true, 1e9, 2e9),
		"hostile":    hostileHistory(t),
	} {
		var b bytes.Buffer
		if err := WriteTrends(&b, trends(t, entries, TrendOptions{}), JSON, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, f := range root.faults(root, name, decode[map[string]any](t, b.Bytes())) {
			t.Error(f)
		}
		// And it can fail.
		doc := decode[map[string]any](t, b.Bytes())
		delete(doc["trends"].([]any)[0].(map[string]any), "points")
		if len(root.faults(root, name, doc)) == 0 {
			t.Errorf("%s: no points are no fault", name)
		}
	}
}

func TestTrendsInMarkdownFitAComment(t *testing.T) {
	var entries []Entry
	for i := range 2000 {
		for _, e := range historyOf("sec/op", false, 1, 1) {
			e.Benchmarks[0].Benchmark = fmt.Sprintf("%s/n=%d", e.Benchmarks[0].Benchmark, i)
			entries = append(entries, e)
		}
	}
	var b bytes.Buffer
	if err := WriteTrends(&b, trends(t, entries, TrendOptions{}), Markdown, TextOptions{}); err != nil || b.Len() > maxMarkdown || !strings.Contains(b.String(), "…and more") {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
}

func hostileHistory(t *testing.T) []Entry {
	t.Helper()
	e := judge(t, hostileInput()).HistoryEntry()
	e.Base.Modified, e.Head.Modified = false, false
	e.Base.Revision, e.Head.Revision = hostile, hostile+"2"
	e.Machine = hostile
	return []Entry{e}
}
