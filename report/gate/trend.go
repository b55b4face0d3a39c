package gate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
)

// TrendOptions say what trends are made of. The zero value is ready to use.
type TrendOptions struct {
	// Revisions in full, oldest first, as the project's history has them. Others,
	// such as those that a shallow clone lacks or sides that are no revisions,
	// stand behind the latest of these that was measured before them. With none,
	// all are in the order in which they were first measured, which is another
	// one where an old revision was measured late.
	Revisions []string

	// Search says how change points are looked for.
	Search verdict.Trend
}

// A Trend is one benchmark in one unit over the revisions that were measured on
// machines of one kind.
type Trend struct {
	Benchmark, Unit string
	Machine         string
	Higher          bool // is better

	Points  []TrendPoint
	Changes []verdict.Change // At is an index of Points

	// Left is how many points before the first were left out, since there are
	// more than can be searched.
	Left int
}

// A TrendPoint is a revision.
type TrendPoint struct {
	Revision string
	Subject  string
	Time     time.Time // when it was first measured

	// Value is the median of what the checks of the revision found, which range
	// from Lo to Hi.
	Value, Lo, Hi float64
	Checks        int
}

// mostPoints bounds a trend. The search for change points takes a time that
// rises with the square of them.
const mostPoints = 500

// Trends returns the trends in a history, by benchmark, unit and machine. Trees
// with changes that were not committed are no revisions and left out.
func Trends(entries []Entry, o TrendOptions) ([]Trend, error) {
	type key struct{ benchmark, unit, machine string }
	found := make(map[key]*gathering)
	for _, e := range entries {
		for _, v := range e.Benchmarks {
			k := key{v.Benchmark, v.Unit, e.Machine}
			if found[k] == nil {
				found[k] = &gathering{
					Trend: Trend{Benchmark: v.Benchmark, Unit: v.Unit, Machine: e.Machine, Higher: v.Higher},
					place: make(map[string]int),
				}
			}
			found[k].add(e.Base, v.Base, e.Began)
			found[k].add(e.Head, v.Head, e.Began)
		}
	}
	var trends []Trend
	for _, g := range found {
		t, err := g.finish(o)
		if err != nil {
			return nil, fmt.Errorf("trend of %s %s: %w", t.Benchmark, t.Unit, err)
		}
		if len(t.Points) > 0 {
			trends = append(trends, t)
		}
	}
	slices.SortFunc(trends, func(a, b Trend) int {
		return cmp.Or(strings.Compare(a.Benchmark, b.Benchmark), strings.Compare(a.Unit, b.Unit), strings.Compare(a.Machine, b.Machine))
	})
	return trends, nil
}

// A gathering is a trend in the making.
type gathering struct {
	Trend
	values [][]float64    // of each point
	place  map[string]int // of a revision among the points
}

func (g *gathering) add(s HistorySide, v *float64, at time.Time) {
	if v == nil || s.Modified || s.name() == "" || !(*v >= 0) || math.IsInf(*v, 0) {
		return
	}
	i, ok := g.place[s.name()]
	if !ok {
		i = len(g.Points)
		g.place[s.name()] = i
		g.Points = append(g.Points, TrendPoint{Revision: s.name(), Subject: s.Subject, Time: at})
		g.values = append(g.values, nil)
	}
	g.values[i] = append(g.values[i], *v)
}

func (g *gathering) finish(o TrendOptions) (Trend, error) {
	t := g.Trend
	for i := range t.Points {
		p := &t.Points[i]
		p.Value, p.Lo, p.Hi = verdict.Median(g.values[i]), slices.Min(g.values[i]), slices.Max(g.values[i])
		p.Checks = len(g.values[i])
	}
	t.sort(o.Revisions)
	if over := len(t.Points) - mostPoints; over > 0 {
		t.Points, t.Left = t.Points[over:], over
	}
	return t, t.search(o.Search)
}

// sort puts the points, which come in the order of their measuring, into that of
// the revisions, as TrendOptions says.
func (t *Trend) sort(revisions []string) {
	known := make(map[string]int)
	for i, r := range revisions {
		known[r] = i
	}
	place := make(map[string]int)
	latest := -1
	for _, p := range t.Points {
		at, ok := known[p.Revision]
		if !ok {
			at = latest
		}
		place[p.Revision], latest = at, max(latest, at)
	}
	slices.SortStableFunc(t.Points, func(a, b TrendPoint) int { return place[a.Revision] - place[b.Revision] })
}

// search finds the change points. Values of zero that are no counts have no
// logarithm and make the series one that cannot be searched.
func (t *Trend) search(how verdict.Trend) (err error) {
	how.Exact = verdict.ExactUnit(t.Unit)
	var values []float64
	for _, p := range t.Points {
		if p.Value == 0 && !how.Exact {
			return nil
		}
		values = append(values, p.Value)
	}
	t.Changes, err = how.Changes(values)
	return err
}

// level returns the median of the points from from to to-1.
func (t Trend) level(from, to int) float64 {
	var values []float64
	for _, p := range t.Points[from:to] {
		values = append(values, p.Value)
	}
	return verdict.Median(values)
}

// leastPoints is how many revisions it takes for a change point: two levels of
// two.
const leastPoints = 4

// Name is the benchmark and the unit.
func (t Trend) Name() string { return t.Benchmark + " " + t.Unit }

// Sentence says at which revisions the level changed.
func (t Trend) Sentence() string {
	n := wording.Count(len(t.Points), "revision")
	if len(t.Points) < leastPoints {
		return fmt.Sprintf("%s: too few to tell a change of level, of which each takes two", n)
	}
	if len(t.Changes) == 0 {
		return fmt.Sprintf("no change of level over %s, about %s", n, quantity(t.level(0, len(t.Points)), t.Unit))
	}
	var parts []string
	for _, c := range t.Changes {
		parts = append(parts, fmt.Sprintf("%s at %s, from %s to %s (p=%s)", t.changeText(c), t.Points[c.At].label(), quantity(c.Before, t.Unit), quantity(c.After, t.Unit), pText(c.P)))
	}
	return strings.Join(parts, "; ")
}

func (t Trend) changeText(c verdict.Change) string {
	if c.Before == c.After { // of two zeros, too
		return change(1)
	}
	return change(c.After / c.Before)
}

// worse reports whether a change was one for the worse.
func (t Trend) worse(c verdict.Change) bool { return (c.After > c.Before) != t.Higher }

// label is the revision as it is named in texts.
func (p TrendPoint) label() string {
	const short = 7
	hex := strings.IndexFunc(p.Revision, func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) < 0
	if hex && len(p.Revision) > short {
		return p.Revision[:short]
	}
	return p.Revision
}

// Chart returns the picture of the trend.
func (t Trend) Chart() chart.Trend {
	direction := "lower"
	if t.Higher {
		direction = "higher"
	}
	c := chart.Trend{
		Frame: chart.Frame{
			Title:    t.Name() + ": " + t.headline(),
			Subtitle: fmt.Sprintf("Median by revision (%s is better); grey: the level between changes of it", direction),
			Caption:  t.Machine,
		},
		Unit: t.Unit, Across: "revision",
	}
	for _, p := range t.Points {
		v := chart.Exact(p.Value)
		if p.Checks > 1 {
			v = chart.Interval{Center: p.Value, Lo: p.Lo, Hi: p.Hi}
			c.Range = "whisker: lowest to highest of several checks"
		}
		c.Points = append(c.Points, chart.TrendPoint{Name: p.label(), Value: v})
	}
	from := 0
	for _, x := range t.Changes {
		c.Levels = append(c.Levels, chart.TrendLevel{From: from, To: x.At - 1, Value: x.Before})
		c.Changes = append(c.Changes, chart.TrendChange{At: x.At, Label: t.changeText(x), Worse: t.worse(x)})
		from = x.At
	}
	if n := len(t.Points); n > 0 {
		c.Levels = append(c.Levels, chart.TrendLevel{From: from, To: n - 1, Value: t.level(from, n)})
	}
	return c
}

// headline is the sentence for the title of a chart: short.
func (t Trend) headline() string {
	switch n := len(t.Changes); {
	case len(t.Points) < leastPoints:
		return "too few revisions to tell a change of level"
	case n == 0:
		return "no change of level over " + wording.Count(len(t.Points), "revision")
	case n == 1:
		return t.changeText(t.Changes[0]) + " at " + t.Points[t.Changes[0].At].label()
	default:
		last := t.Changes[n-1]
		return fmt.Sprintf("%d changes of level, the last %s at %s", n, t.changeText(last), t.Points[last.At].label())
	}
}

var errNoTrend = errors.New("the history has nothing to show a trend of")
