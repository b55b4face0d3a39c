package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
	"github.com/gvp-bench/gvp/runner/check"
)

func defaultFlags() *checkFlags { return &checkFlags{margin: 3, alpha: 0.05, rounds: 30} }

// seriesOf has so many pairs, which are alike on both sides but for a per mille.
func seriesOf(benchmark, unit string, n int) checks.Series {
	s := checks.Series{Benchmark: benchmark, Unit: unit}
	for i := range n {
		s.Pairs = append(s.Pairs, checks.Pair{Round: i + 1, Base: 1, Head: 1 + float64(i%3-1)/1000})
	}
	return s
}

func measuredOf(benchmark string, n int, units ...string) check.Measured {
	m := check.Measured{Benchmark: benchmark, Pairs: n}
	for _, unit := range units {
		if n > 0 {
			m.Series = append(m.Series, seriesOf(benchmark, unit, n))
		}
	}
	return m
}

// A benchmark that fails in the first round is a decision all the same, and one that
// is given up is none.
func TestThePlanWaitsForAllBenchmarks(t *testing.T) {
	const unit = "sec/op"
	g := newGatekeeper(defaultFlags())
	for _, round := range []struct {
		all  []check.Measured
		want map[string]int
	}{
		{[]check.Measured{measuredOf("A", 0), measuredOf("B", 0), measuredOf("C", 0)}, map[string]int{"A": 1, "B": 1, "C": 1}},
		{[]check.Measured{measuredOf("A", 1, unit), measuredOf("B", 0), measuredOf("C", 0)}, map[string]int{"A": 2, "B": 1, "C": 1}},
	} {
		if diff := cmp.Diff(round.want, g.need(round.all)); diff != "" || g.planned != nil {
			t.Errorf("planned %v, needs (-want +got):\n%s", g.planned, diff)
		}
	}
	c := measuredOf("C", 0)
	c.Failed = "head: no"
	want, err := defaultFlags().plan(2)
	if err != nil {
		t.Fatal(err)
	}
	first := want.Looks[0]
	got := g.need([]check.Measured{measuredOf("A", 2, unit), measuredOf("B", 1, unit), c})
	if diff := cmp.Diff(map[string]int{"A": first, "B": first}, got); diff != "" || g.err != nil {
		t.Errorf("needs (-want +got):\n%s\n%v", diff, g.err)
	}
	if diff := cmp.Diff(want, g.in.Plan); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
}

// What comes up only after the plan is made is named, and spoils nothing.
func TestLateUnitsAreNotJudged(t *testing.T) {
	g := newGatekeeper(defaultFlags())
	g.in.Units = []string{"sec/op", "B/s"}
	first := g.need([]check.Measured{measuredOf("A", 1, "sec/op")})["A"]
	late := seriesOf("A", "B/s", first-1)
	m := measuredOf("A", first, "sec/op")
	m.Series = append(m.Series, late)
	g.need([]check.Measured{m})
	if g.err != nil {
		t.Fatal(g.err)
	}
	o, err := g.judgeSeries(&checks.Check{}, m.Series, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Decisions) != 1 || o.Verdict != gate.Fine {
		t.Errorf("%s, decisions %v, want A's sec/op to be fine", o.Headline(), o.Decisions)
	}
	want := []gate.Skipped{{Unit: "B/s", Benchmarks: 1, Why: "it was not there when the plan was made"}}
	if diff := cmp.Diff(want, o.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
}

func TestWhatWasNotReachedIsOpen(t *testing.T) {
	g := newGatekeeper(defaultFlags())
	c := &checks.Check{Stopped: "time", Benchmarks: []checks.Benchmark{{Name: "A"}, {Name: "B"}, {Name: "Broken", Failed: "base: no"}}}
	var samples []checks.Sample
	for round := range 12 {
		for _, side := range []string{checks.Base, checks.Head} {
			samples = append(samples, checks.Sample{Round: round + 1, Side: side, Benchmark: "A", OK: true, Metrics: []results.Metric{{Unit: "sec/op", Value: 1}}})
		}
	}
	o, err := g.judge(c, samples)
	if err != nil {
		t.Fatal(err)
	}
	said := make(map[string]string)
	for _, d := range o.Decisions {
		said[d.Benchmark] = fmt.Sprintf("%s %s", d.Verdict, d.Why())
	}
	if diff := cmp.Diff(map[string]string{"A": "fine ", "B": "inconclusive too few pairs to tell: 0"}, said); diff != "" {
		t.Errorf("decisions (-want +got):\n%s", diff)
	}
	if o.Status() != gate.StatusInconclusive || o.Headline() != "inconclusive: B sec/op: time was up" {
		t.Errorf("status %d, %s", o.Status(), o.Headline())
	}
	for _, f := range gate.Formats() { // also where no number is known
		if err := o.Write(new(strings.Builder), f); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
}

// Pairs of which there will be no more are all looked at, once, and a short series
// leaves all others as they are.
func TestFilesAreJudgedByAllThatTheyHave(t *testing.T) {
	counted := func(unit string, n int, base, head float64) checks.Series {
		s := seriesOf("Short", unit, n)
		for i := range s.Pairs {
			s.Pairs[i].Base, s.Pairs[i].Head = base, head
		}
		return s
	}
	for _, tt := range []struct {
		name   string
		series []checks.Series
		want   map[string]string // with the number of pairs looked at
	}{
		{"equally long", []checks.Series{seriesOf("A", "sec/op", 12), seriesOf("B", "sec/op", 12)}, map[string]string{"A sec/op": "fine 12", "B sec/op": "fine 12"}},
		{"one short", []checks.Series{seriesOf("A", "sec/op", 30), seriesOf("Short", "sec/op", 2)}, map[string]string{"A sec/op": "fine 30", "Short sec/op": "inconclusive 2"}},
		{"one shorter but enough", []checks.Series{seriesOf("A", "sec/op", 30), seriesOf("B", "sec/op", 12)}, map[string]string{"A sec/op": "fine 30", "B sec/op": "fine 12"}},
		{
			"one pair", []checks.Series{seriesOf("Short", "sec/op", 1), counted("allocs/op", 1, 3, 3), counted("B/op", 1, 16, 32)},
			map[string]string{"Short sec/op": "inconclusive 1", "Short allocs/op": "fine 1", "Short B/op": "inconclusive 1"},
		},
		{"counts of four", []checks.Series{counted("B/op", 4, 16, 32)}, map[string]string{"Short B/op": "inconclusive 4"}},
		{"counts of five", []checks.Series{counted("B/op", 5, 16, 32)}, map[string]string{"Short B/op": "regressed 5"}},
		{"more than can be looked at", []checks.Series{seriesOf("A", "sec/op", verdict.MaxPairs+1)}, map[string]string{"A sec/op": fmt.Sprint("fine ", verdict.MaxPairs)}},
	} {
		g := newGatekeeper(defaultFlags())
		g.final = true
		o, err := g.judgeSeries(&checks.Check{}, tt.series, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := make(map[string]string)
		for _, d := range o.Decisions {
			got[d.String()] = fmt.Sprintf("%s %d", d.Verdict, d.Result.N)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: verdicts (-want +got):\n%s", tt.name, diff)
		}
	}
}

// That there are too few layouts is said before anything is measured.
func TestWhetherThereIsAPlanIsKnownAtOnce(t *testing.T) {
	for _, tt := range []struct {
		layouts, benchmarks int
		units               []string
		err                 string
	}{
		{15, 0, nil, ""}, {15, 1, nil, ""}, {18, 10, nil, ""},
		{15, 10, nil, "takes 18 of them"}, {15, 10, []string{"allocs/op"}, ""},
	} {
		f := defaultFlags()
		f.layouts, f.units = tt.layouts, tt.units
		err := newGatekeeper(f).canDecide(tt.benchmarks)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestLayoutsAllowNoMoreRounds(t *testing.T) {
	for _, tt := range []struct {
		layouts, rounds, decisions, last int
		err                              string
	}{
		{0, 30, 1, 30, ""},
		{40, 30, 10, 30, ""},
		{20, 30, 1, 10, ""},
		{15, 30, 1, 5, ""},
		{3, 30, 1, 0, "--layouts: bad value 3: each round has builds of its own, and to decide takes 15 of them, 10 of which confirm what is found"},
		{17, 30, 10, 0, "takes 18 of them"},
		{3, 4, 1, 0, "--rounds: 4 rounds can never decide"},
	} {
		f := defaultFlags()
		f.layouts, f.rounds = tt.layouts, tt.rounds
		plan, err := f.plan(tt.decisions)
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%+v: %v", tt, err)
			}
		case err != nil || plan.Looks[len(plan.Looks)-1] != tt.last:
			t.Errorf("%+v: looks at %v, %v", tt, plan.Looks, err)
		}
	}
}
