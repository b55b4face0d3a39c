package gate

import (
	"encoding/xml"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// parts are things that a check may meet with, each a change to a check that is
// fine.
var parts = map[string]func(*Input){
	"regression": func(in *Input) {
		in.Series = append(in.Series, Series{"Hash", "sec/op", pairs(rounds, 250e-6, 1.1, 0.01, 3)})
	},
	"huge regression": func(in *Input) {
		in.Series = append(in.Series, Series{"Hash", "sec/op", pairs(rounds, 250e-6, 10, 0.1, 7)})
	},
	"regression that fresh pairs show to be smaller": func(in *Input) {
		p := append(pairs(12, 250e-6, 2.2, 0.01, 3), pairs(rounds-12, 250e-6, 1.2, 0.01, 4)...)
		in.Series = append(in.Series, Series{"Hash", "sec/op", p})
	},
	"more allocations": func(in *Input) {
		in.Series = append(in.Series, Series{"Alloc", "allocs/op", constant(rounds, 1, 2)})
	},
	"more bytes": func(in *Input) {
		in.Series = append(in.Series, Series{"Grow", "B/op", pairs(rounds, 1e6, 1.17, 0.001, 5)})
	},
	"slower throughput": func(in *Input) {
		in.Series = append(in.Series, Series{"Copy", "MB/s", pairs(rounds, 3e3, 0.9, 0.01, 5)})
	},
	"improvement": func(in *Input) {
		in.Series = append(in.Series, Series{"Better", "sec/op", pairs(rounds, 250e-6, 0.5, 0.01, 3)})
	},
	"open": func(in *Input) {
		in.Series = append(in.Series, Series{"Dial", "sec/op", pairs(rounds, 30e-6, 1.03, 0.2, 6)})
	},
	"too few pairs": func(in *Input) {
		in.Series = append(in.Series, Series{"Few", "sec/op", pairs(2, 30e-6, 1.03, 0.2, 6)})
	},
	"not comparable": func(in *Input) {
		in.Series = append(in.Series, Series{"Odd", "sec/op", constant(rounds, 1, math.NaN())})
	},
	"missing on head":      func(in *Input) { in.Check.Missing = map[string][]string{checks.Base: {"Gone"}} },
	"new on head":          func(in *Input) { in.Check.Missing = map[string][]string{checks.Head: {"Fresh"}} },
	"crash on head":        func(in *Input) { in.Failures = []Failure{{Benchmark: "Boom", Side: checks.Head, Reason: Crashed}} },
	"time-out on head":     func(in *Input) { in.Failures = []Failure{{Benchmark: "Boom", Side: checks.Head, Reason: TimedOut}} },
	"garbage on head":      func(in *Input) { in.Failures = []Failure{{Benchmark: "Boom", Side: checks.Head, Reason: Garbage}} },
	"one crash on head":    func(in *Input) { in.Failures = []Failure{{Benchmark: "Search", Side: checks.Head, Reason: Crashed}} },
	"crash on base":        func(in *Input) { in.Failures = []Failure{{Benchmark: "Boom", Side: checks.Base, Reason: Crashed}} },
	"one crash on base":    func(in *Input) { in.Failures = []Failure{{Benchmark: "Search", Side: checks.Base, Reason: Crashed}} },
	"control moved":        func(in *Input) { in.setControl(pairs(rounds, 5e-3, 1.06, 0.01, 99)) },
	"control moved back":   func(in *Input) { in.setControl(pairs(rounds, 5e-3, 0.94, 0.01, 99)) },
	"control a bit slower": func(in *Input) { in.setControl(pairs(rounds, 5e-3, 1.01, 0.001, 99)) },
	"control noisy":        func(in *Input) { in.setControl(pairs(rounds, 5e-3, 1, 0.8, 98)) },
	"no control":           func(in *Input) { in.setControl(nil) },
	"nothing":              func(in *Input) { in.Series = nil },
	"control alone":        func(in *Input) { in.Series = []Series{quietControl()} },
	"unknown unit alone":   func(in *Input) { in.Series = []Series{{"W", "widgets", constant(rounds, 1, 2)}} },
	"pass":                 func(in *Input) { in.InconclusivePasses = true },
	"out of time":          func(in *Input) { in.Check.Stopped = "time" },
	"broken off":           func(in *Input) { in.Check.Stopped = "interrupted" },
}

func (in *Input) setControl(p []verdict.Pair) {
	for i, s := range in.Series {
		if s.Benchmark == checks.ControlName {
			in.Series[i].Pairs = p
		}
	}
}

func TestStatusPrecedence(t *testing.T) {
	for _, c := range []struct {
		parts  string // separated by +
		status int
		reason string // a part of it
	}{
		{"", 0, "none of 4 decisions is worse by 3 % or more, 1 improved"},
		{"improvement", 0, "2 improved"},
		{"new on head", 0, ""},
		{"one crash on base", 0, ""}, // the other rounds have judged it
		{"no control", 0, ""},
		{"control noisy", 0, ""}, // only regressions are in doubt
		{"control a bit slower", 0, ""},
		{"regression", 1, "Hash sec/op +9.8 %"},
		{"more allocations", 1, "Alloc allocs/op +100 %"},
		{"slower throughput", 1, "Copy B/s −9.9 %"},
		{"regression+no control", 1, "Hash"},
		{"regression+control a bit slower", 1, "Hash"},
		{"regression+crash on head", 1, "Hash"},
		{"regression+missing on head+open", 1, "Hash"},
		{"regression+not comparable", 1, "Hash"},
		{"regression+open+pass", 1, "Hash"},
		{"open", 3, "Dial sec/op: too noisy"},
		{"open+pass", 0, "Dial"},
		{"too few pairs", 3, "Few sec/op: more pairs are needed"},
		{"crash on base", 3, "Boom crashed on base"},
		{"crash on base+pass", 0, "Boom"},
		{"regression+control moved", 3, "the control, the same work on both sides, changed by +5.9 %"},
		{"regression+control moved back", 3, "changed by −6.1 %"},
		{"control moved", 3, "changed by"},
		{"regression+control noisy", 3, "too noisy to call a change of less"},
		{"huge regression+control noisy", 1, "Hash"}, // by far more than the machine varied
		{"huge regression+control moved", 3, "changed by"},
		{"regression that fresh pairs show to be smaller", 1, "Hash"},
		{"regression that fresh pairs show to be smaller+control noisy", 3, "too noisy"},
		{"regression+control noisy+pass", 0, "too noisy"},
		{"more allocations+control moved", 1, "Alloc"}, // counts are beyond the machine
		{"more bytes+control moved", 1, "Grow B/op +1"},
		{"more bytes+control noisy", 1, "Grow B/op +1"},
		{"regression+control moved+crash on head", 4, "Boom crashed on head"},
		{"crash on head", 4, "Boom crashed on head"},
		{"time-out on head", 4, "Boom timed out on head"},
		{"garbage on head", 4, "Boom printed no result on head"},
		{"one crash on head", 4, "Search crashed on head"},
		{"missing on head", 4, "Gone is missing on head"},
		{"crash on head+pass", 4, "Boom"},
		{"missing on head+open", 4, "Gone"},
		{"not comparable", 4, "Odd sec/op cannot be compared"},
		{"nothing", 4, "no benchmark matched"},
		{"control alone", 4, "no benchmark matched"},
		{"nothing+pass", 4, "no benchmark matched"},
		{"nothing+new on head", 4, "base has none of the benchmarks"},
		{"nothing+crash on base", 4, "every benchmark failed"},
		{"nothing+crash on base+pass", 4, "every benchmark failed"},
		{"unknown unit alone", 4, "no unit to judge"},
		{"open+pass+broken off", 3, "interrupted"},
		{"crash on base+pass+broken off", 3, "Boom crashed on base"},
		{"nothing+out of time", 3, "time was up"},
		{"nothing+out of time+pass", 0, "time was up"},
	} {
		in := fineInput()
		for p := range strings.SplitSeq(c.parts, "+") {
			if p != "" {
				parts[p](&in)
			}
		}
		o := judge(t, in)
		if o.Status() != c.status || !strings.Contains(wording.Breakable(o.Reason), c.reason) || o.Reason == "" {
			t.Errorf("%q: %s, status %d, want %q and %d", c.parts, o.Headline(), o.Status(), c.reason, c.status)
		}
		// The verdict and the status go together.
		want := map[Verdict]int{Fine: 0, Regressed: 1, Inconclusive: 3, Unmeasured: 4}[o.Verdict]
		if in.InconclusivePasses && o.Verdict == Inconclusive && in.Check.Stopped != "interrupted" {
			want = 0
		}
		if o.Status() != want {
			t.Errorf("%q: %s has status %d", c.parts, o.Verdict, o.Status())
		}
		// JUnit agrees with the status.
		var d junitSuites
		if err := xml.Unmarshal(write(t, o, JUnit), &d); err != nil {
			t.Fatal(err)
		}
		if fails := d.Failures+d.Errors > 0; fails != (o.Status() != StatusFine) || d.Tests == 0 {
			t.Errorf("%q: status %d, but JUnit has %+v", c.parts, o.Status(), d.junitCounts)
		}
	}
}

func TestStoppedEarlyIsSaid(t *testing.T) {
	in := fineInput()
	parts["too few pairs"](&in)
	in.Check.Stopped = "time"
	if o := judge(t, in); o.Verdict != Inconclusive || !strings.Contains(o.Reason, "time was up") {
		t.Errorf("%s", o.Headline())
	}
	in.Check.Stopped = "interrupted"
	in.InconclusivePasses = true
	if o := judge(t, in); !strings.Contains(o.Reason, "interrupted") || o.Status() != StatusInconclusive || strings.Contains(o.Closing(), "passes") {
		t.Errorf("%s: what was broken off must not pass", o.Closing())
	}
}

func TestStoppedBeforeAnythingWasMeasured(t *testing.T) {
	for stopped, want := range map[string]string{
		"time": "inconclusive: time was up before the first pair of samples", "interrupted": "inconclusive: interrupted before the first pair of samples",
		"": "could not measure: no benchmark matched",
	} {
		in := fineInput()
		in.Series, in.Check.Stopped = nil, stopped
		if o := judge(t, in); o.Headline() != want {
			t.Errorf("%q: %s, want %s", stopped, o.Headline(), want)
		}
	}
}

func TestUnitsThatAreJudged(t *testing.T) {
	p := constant(rounds, 1, 1)
	in := Input{Plan: testPlan, Better: map[string]int{"frames/s": 1, "user-sec/op": -1}, Series: []Series{
		{"A", "ns/op", p}, {"A", "MB/s", p}, {"A", "B/op", p}, {"A", "allocs/op", p}, {"A", "voluntary-switches/op", p},
		{"A", "load1", p}, {"A", "frames/s", p}, {"A", "widgets", p}, {"A", "user-sec/op", p}, {"B", "B/s", p}, {checks.ControlName, "sec/op", p},
	}}
	names := func(in Input) []string {
		ds, err := in.Decisions()
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, d := range ds {
			s := d.String()
			if d.Higher {
				s += " higher"
			}
			if d.Exact {
				s += " exact"
			}
			out = append(out, s)
		}
		return out
	}
	want := []string{"A sec/op", "A B/op exact", "A allocs/op exact", "A frames/s higher", "A user-sec/op", "B B/s higher"}
	if d := cmp.Diff(want, names(in)); d != "" {
		t.Errorf("without a choice (-want +got):\n%s", d)
	}
	in.Units = []string{"B/s", "load1", "widgets"}
	if d := cmp.Diff([]string{"A B/s higher", "A load1", "B B/s higher"}, names(in)); d != "" {
		t.Errorf("chosen (-want +got):\n%s", d)
	}
	in.Better["widgets"] = -1
	if d := cmp.Diff([]string{"A B/s higher", "A load1", "A widgets", "B B/s higher"}, names(in)); d != "" {
		t.Errorf("chosen, with a direction (-want +got):\n%s", d)
	}
}

func TestAllocationsOfCellsAreJudgedOnlyIfChosen(t *testing.T) {
	const cell = "cmd/bench.Workload/workload=hash/size=4KiB/mode=process/workers=2"
	in := Input{Plan: testPlan, Series: []Series{
		{cell, "sec/op", pairs(rounds, 1, 1, 0.01, 1)}, {cell, "B/op", constant(rounds, 1, 2)}, {cell, "allocs/op", constant(rounds, 1, 2)},
		{"Workload/other", "allocs/op", constant(rounds, 1, 1)},
	}}
	o := judge(t, in)
	if len(o.Decisions) != 2 || o.Verdict != Fine {
		t.Errorf("%s, decisions %v", o.Headline(), o.Decisions)
	}
	if want := [2]string{"not judged", "B/op, allocs/op of 1 benchmark: judged only if chosen"}; !slices.Contains(o.facts(), want) {
		t.Errorf("facts = %q, want %q in one", o.facts(), want)
	}
	in.Units = []string{"allocs/op"}
	if o := judge(t, in); o.Verdict != Regressed {
		t.Errorf("with a choice: %s", o.Headline())
	}
}

func TestValuesAreTidied(t *testing.T) {
	o := judge(t, Input{Plan: testPlan, Series: []Series{{"A", "ns/op", constant(rounds, 2000, 1000)}}})
	d := o.Decisions[0]
	if d.Unit != "sec/op" || math.Abs(d.Base-2e-6) > 1e-12 || math.Abs(d.Head-1e-6) > 1e-12 {
		t.Errorf("%s: %v to %v, want 2e-06 to 1e-06 sec/op", d, d.Base, d.Head)
	}
}

func TestSeriesMeasuredTwiceAreRefused(t *testing.T) {
	_, err := Judge(Input{Plan: testPlan, Series: []Series{{"A", "ns/op", nil}, {"A", "sec/op", nil}}})
	if !errors.Is(err, errTwice) {
		t.Errorf("error = %v, want %v", err, errTwice)
	}
	if _, err := Judge(Input{Series: []Series{{"A", "ns/op", nil}}}); err == nil || !strings.Contains(err.Error(), "plan") {
		t.Errorf("error = %v, want one of the plan", err)
	}
}

func TestWantsSaysWhatToMeasureNext(t *testing.T) {
	in := fineInput()
	if o := judge(t, in); o.Open() {
		t.Errorf("fine, but wants %v", o.Wants())
	}
	in.Series = append(in.Series,
		Series{"Young", "sec/op", nil},
		Series{"Candidate", "sec/op", pairs(12, 1, 1.2, 0.01, 1)},
		Series{"Candidate", "allocs/op", constant(12, 1, 1)},
	)
	want := map[string]int{"Young": testPlan.Looks[0], "Candidate": testPlan.Looks[0] + testPlan.Confirm}
	if d := cmp.Diff(want, judge(t, in).Wants()); d != "" {
		t.Errorf("wants (-want +got):\n%s", d)
	}
}

func TestFailuresAreCountedOnce(t *testing.T) {
	in := fineInput()
	in.Check.Missing = map[string][]string{checks.Base: {"Gone"}, checks.Head: {"Fresh"}}
	in.Failures = []Failure{
		{Benchmark: "Boom", Side: checks.Head, Reason: Crashed, Error: "first"},
		{Benchmark: "Gone", Side: checks.Head, Reason: Missing},
		{Benchmark: "Fresh", Side: checks.Base, Reason: Missing},
		{Benchmark: "Boom", Side: checks.Head, Reason: Crashed, Error: "second", Times: 2},
		{Benchmark: "Boom", Side: checks.Base, Reason: Crashed},
	}
	var got []string
	for _, f := range judge(t, in).Failures {
		got = append(got, f.String())
	}
	want := []string{"Boom: crashed on base", "Boom: crashed on head, 3 times: first", "Fresh: new: base lacks it", "Gone: missing on head, though base has it"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
}

func TestControlBoundsAreTheUsers(t *testing.T) {
	in := fineInput()
	parts["regression"](&in)
	in.setControl(pairs(rounds, 5e-3, 1.06, 0.01, 99))
	in.Guard = Guard{Moved: 0.1}
	if o := judge(t, in); o.Verdict != Regressed || o.Control.Moved {
		t.Errorf("a control that moved within the bound: %s", o.Headline())
	}
	in.setControl(pairs(rounds, 5e-3, 1, 0.2, 99))
	if o := judge(t, in); o.Verdict != Inconclusive || !o.Control.Noisy {
		t.Errorf("a control that varied by more than the bound: %s", o.Headline())
	}
	in.Guard.Spread = 0.5
	if o := judge(t, in); o.Verdict != Regressed || o.Control.Noisy {
		t.Errorf("a control that varied within the bound: %s", o.Headline())
	}
	// Too few pairs for an interval: no guard, and no number that is made up.
	in.Guard = Guard{}
	in.setControl(pairs(3, 5e-3, 1.06, 0.001, 99))
	if o := judge(t, in); o.Verdict != Regressed || o.Control.Lo != 0 || !math.IsInf(o.Control.Hi, 1) {
		t.Errorf("a control of three pairs: %s, %+v", o.Headline(), o.Control)
	}
}

// What is said of a change is about the pairs that the verdict rests on.
func TestMediansAreOfThePairsThatWereJudged(t *testing.T) {
	p := append(pairs(12, 1, 1, 0.001, 1), pairs(30, 5, 1, 0.001, 1)...)
	d := judge(t, Input{Plan: testPlan, Series: []Series{{"A", "sec/op", p}}}).Decisions[0]
	if d.Result.N != 12 || d.Base > 1.1 {
		t.Errorf("median %v of %d pairs", d.Base, d.Result.N)
	}
}

func TestWords(t *testing.T) {
	for got, want := range map[string]string{
		change(1.081): "+8.1 %", change(0.92): "−8.0 %", change(1): "0.0 %", change(0.99999): "0.0 %", change(2): "+100 %",
		change(12.34): "12.3×", change(math.Inf(1)): "from 0", change(math.NaN()): "unknown", change(0): "−100 %",
		span(0.9, math.Inf(1)): "above −10.0 %", span(0, 1.1): "below +10.0 %", span(0, math.Inf(1)): "unknown", span(1.01, 1.02): "+1.0 % to +2.0 %",
		quantity(62.1e-6, "sec/op"): "62.1 µs", quantity(0, "allocs/op"): "0", quantity(1536, "B/op"): "1.50 KiB", quantity(3, "allocs/op"): "3",
		quantity(math.NaN(), "sec/op"): "unknown", pText(0.0001): "<0.001", pText(0.0123): "0.012", whole(0.03): "3 %", whole(0.025): "2.5 %",
		shortened("Benchmark/size=64KiB", 12): "Benc…e=64KiB", shortened("ab", 2): "ab", shortened("abc", 2): "ab",
		sideText("main", "1a2b3c4d5e6f7", true): "main (1a2b3c4d5e, modified)", sideText("1a2b3c4d5e6f7", "1a2b3c4d5e6f7", false): "1a2b3c4d5e6f7",
		sideText("", "", false): "unnamed", some([]string{"a", "b", "c", "d"}): "a, b, c and 1 more",
	} {
		if wording.Breakable(got) != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, s := range []string{"Benchmark/size=64KiB", "é世界é世界é世界"} {
		for width := range 12 {
			if n := len([]rune(shortened(s, width))); n != min(width, len([]rune(s))) {
				t.Errorf("%q cut to %d has %d", s, width, n)
			}
		}
	}
}

func TestSeverityComesFirst(t *testing.T) {
	var got []string
	for _, d := range bySeverity(judge(t, regressedInput()).Decisions) {
		if text := d.verdictText(); !slices.Contains(got, text) {
			got = append(got, text)
		}
	}
	if d := cmp.Diff([]string{"regressed", "inconclusive", "improved", "fine"}, got); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
}

func TestSlowerAreThoseThatAProfileMayExplain(t *testing.T) {
	if d := cmp.Diff([]string{"Copy", "Hash/size=64KiB"}, judge(t, regressedInput()).Slower()); d != "" {
		t.Errorf("slower (-want +got):\n%s", d)
	}
	if got := judge(t, guardedInput()).Slower(); got != nil {
		t.Errorf("slower in spite of a guard: %q", got)
	}
	// What it allocates is nothing that a profile of time shows.
	o := new(Outcome)
	for _, r := range []struct {
		benchmark, unit string
		ratio           float64
	}{{"Allocates", "sec/op", 1.04}, {"Allocates", "allocs/op", math.Inf(1)}, {"Slow", "sec/op", 1.5}, {"Slower", "B/s", 0.5}} {
		o.Decisions = append(o.Decisions, Decision{
			Decision: verdict.Decision{Benchmark: r.benchmark, Unit: r.unit}, Verdict: verdict.Regressed, Result: verdict.Result{Ratio: r.ratio},
		})
	}
	if d := cmp.Diff([]string{"Slower", "Slow", "Allocates"}, o.Slower()); d != "" {
		t.Errorf("slower, what lost most first (-want +got):\n%s", d)
	}
}
