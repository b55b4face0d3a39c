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

// Pairs of which there will be no more are looked at once, and a short series
// leaves all others as they are.
func TestFilesAreJudgedByWhatSuffices(t *testing.T) {
	allocs := seriesOf("Short", "allocs/op", 1)
	allocs.Pairs[0].Head = allocs.Pairs[0].Base
	more := seriesOf("Short", "B/op", 1)
	more.Pairs[0].Base, more.Pairs[0].Head = 16, 32
	for _, tt := range []struct {
		name   string
		series []checks.Series
		look   int
		want   map[string]verdict.Verdict
	}{
		{"equally long", []checks.Series{seriesOf("A", "sec/op", 12), seriesOf("B", "sec/op", 12)}, 12, map[string]verdict.Verdict{"A sec/op": verdict.Fine, "B sec/op": verdict.Fine}},
		{"one short", []checks.Series{seriesOf("A", "sec/op", 30), seriesOf("Short", "sec/op", 2)}, 30, map[string]verdict.Verdict{"A sec/op": verdict.Fine, "Short sec/op": verdict.Inconclusive}},
		{"one shorter but enough", []checks.Series{seriesOf("A", "sec/op", 30), seriesOf("B", "sec/op", 12)}, 12, map[string]verdict.Verdict{"A sec/op": verdict.Fine, "B sec/op": verdict.Fine}},
		{
			"one pair", []checks.Series{seriesOf("Short", "sec/op", 1), allocs, more}, 5,
			map[string]verdict.Verdict{"Short sec/op": verdict.Inconclusive, "Short allocs/op": verdict.Fine, "Short B/op": verdict.Regressed},
		},
		{"more than can be looked at", []checks.Series{seriesOf("A", "sec/op", verdict.MaxPairs+1)}, verdict.MaxPairs, map[string]verdict.Verdict{"A sec/op": verdict.Fine}},
	} {
		g := newGatekeeper(defaultFlags())
		g.final = true
		o, err := g.judgeSeries(&checks.Check{}, tt.series, nil)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := make(map[string]verdict.Verdict)
		for _, d := range o.Decisions {
			got[d.String()] = d.Verdict
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || o.Plan.Looks[0] != tt.look {
			t.Errorf("%s: look at %v, want %d, verdicts (-want +got):\n%s", tt.name, o.Plan.Looks, tt.look, diff)
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
