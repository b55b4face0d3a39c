package gate

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// pairs are n pairs of a base of about value and a head that is ratio times as
// much, each pair spread by that share either way.
func pairs(n int, value, ratio, spread float64, seed uint64) []verdict.Pair {
	rng := rand.New(rand.NewPCG(seed, 0))
	out := make([]verdict.Pair, n)
	for i := range out {
		noise := func() float64 { return 1 + spread*(rng.Float64()-0.5) }
		out[i] = verdict.Pair{Base: value * noise(), Head: value * ratio * noise()}
	}
	return out
}

// constant are n pairs that are all alike.
func constant(n int, base, head float64) []verdict.Pair {
	return slices.Repeat([]verdict.Pair{{Base: base, Head: head}}, n)
}

const rounds = 40

// testPlan has looks that twenty decisions can be decided at.
var testPlan = verdict.Plan{Margin: 0.03, Alpha: 0.05, Beta: 0.05, Looks: []int{12, 30}, Confirm: 10, ConfirmLevel: 0.1}

func testCheck() checks.Check {
	side := func(what, revision, subject string) checks.Side {
		return checks.Side{What: what, Revision: revision, Subject: subject, Go: "go1.26.8", Settings: map[string]string{"GOGC": "100"}}
	}
	c := checks.Check{
		Format: checks.Format, Began: time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC), Finished: true, Seed: 1, Rounds: rounds,
		Base:    side("origin/main", "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "sort: fewer copies"),
		Head:    side("HEAD", "5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f80", "hash: wider blocks"),
		Machine: results.Machine{OS: "linux", Arch: "amd64", CPU: "AMD EPYC 7763", CPUs: 2, UsableCPUs: 2, PageSize: 4096},
	}
	c.Head.Modified = true
	return c
}

// quiet is a control that says nothing.
func quietControl() Series {
	return Series{checks.ControlName, "sec/op", pairs(rounds, 5e-3, 1, 0.01, 99)}
}

// fineInput is a check in which all is well.
func fineInput() Input {
	return Input{
		Check: testCheck(), Plan: testPlan, Took: 133 * time.Second,
		Series: []Series{
			{"Sort/n=1000", "sec/op", pairs(rounds, 2e-3, 1, 0.01, 1)},
			{"Sort/n=1000", "B/s", pairs(rounds, 4e6, 1, 0.01, 1)},
			{"Sort/n=1000", "B/op", constant(rounds, 24, 24)},
			{"Sort/n=1000", "allocs/op", constant(rounds, 1, 1)},
			{"Search", "ns/op", pairs(rounds, 850, 0.8, 0.01, 2)},
			quietControl(),
		},
	}
}

// regressedInput has everything: regressions of each kind, an improvement, what
// stays open, failures of each kind and units that are not judged.
func regressedInput() Input {
	in := fineInput()
	in.Series = append(in.Series,
		Series{"Hash/size=64KiB", "sec/op", pairs(rounds, 250e-6, 1.081, 0.01, 3)},
		Series{"Parse", "sec/op", pairs(rounds, 1.25e-6, 1.005, 0.01, 4)},
		Series{"Parse", "B/op", constant(rounds, 64, 96)},
		Series{"Parse", "allocs/op", constant(rounds, 0, 2)},
		Series{"Copy", "B/s", pairs(rounds, 3e9, 0.9, 0.01, 5)},
		Series{"Dial", "sec/op", pairs(rounds, 30e-6, 1.03, 0.2, 6)},
		Series{"Render", "frames/s", pairs(rounds, 60, 1, 0.01, 7)},
		Series{"Render", "widgets", pairs(rounds, 60, 1, 0.01, 8)},
		Series{"Render", "steal-ratio", constant(rounds, 0, 0)},
	)
	in.Better = map[string]int{"frames/s": 1}
	in.Check.Missing = map[string][]string{checks.Base: {"Gone"}, checks.Head: {"Fresh"}}
	in.Failures = []Failure{
		{Benchmark: "Boom", Side: checks.Head, Reason: Crashed, Error: "exit status 2", Stderr: "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n", Times: 2},
		{Benchmark: "Slow", Side: checks.Base, Reason: TimedOut, Error: "no result after 1m0s"},
	}
	in.Sources = map[string]Source{"Hash/size=64KiB": {"hash/hash_test.go", 42}}
	return in
}

// inconclusiveInput has one decision that stays open.
func inconclusiveInput() Input {
	in := fineInput()
	in.Series = append(in.Series, Series{"Dial", "sec/op", pairs(rounds, 30e-6, 1.03, 0.2, 6)})
	return in
}

// guardedInput has a regression that the control casts doubt on.
func guardedInput() Input {
	in := fineInput()
	in.Series[len(in.Series)-1].Pairs = pairs(rounds, 5e-3, 1.06, 0.01, 99)
	in.Series = append(in.Series, Series{"Hash", "sec/op", pairs(rounds, 250e-6, 1.081, 0.01, 3)})
	return in
}

// unmeasuredInput is a check that nothing matched.
func unmeasuredInput() Input {
	return Input{Check: testCheck(), Plan: testPlan, Took: 3 * time.Second, Series: []Series{quietControl()}}
}

// failedInput has only failures.
func failedInput() Input {
	in := unmeasuredInput()
	in.Failures = []Failure{{Benchmark: "Boom", Side: checks.Base, Reason: Garbage, Error: `cannot parse "hello"`}}
	return in
}

func inputs() map[string]Input {
	return map[string]Input{
		"fine": fineInput(), "regressed": regressedInput(), "inconclusive": inconclusiveInput(),
		"guarded": guardedInput(), "unmeasured": unmeasuredInput(), "failed": failedInput(),
	}
}

func judge(t *testing.T, in Input) *Outcome {
	t.Helper()
	o, err := Judge(in)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// outcomes are those of the inputs, the regressed one explained, and one of
// hostile words.
func outcomes(t *testing.T) map[string]*Outcome {
	t.Helper()
	all := make(map[string]*Outcome)
	for name, in := range inputs() {
		all[name] = judge(t, in)
	}
	all["regressed"].Explanations = []Explanation{{
		Benchmark: "Hash/size=64KiB", Base: 250e-6, Head: 270e-6,
		Functions: []Gain{{"example.org/hash.block", 200e-6, 218e-6, 0.9}, {"runtime.memmove", 1e-6, 3e-6, math.NaN()}},
		Warnings:  []string{"base: only 90 samples: shares are rough below 100; profile for longer"},
	}}
	all["hostile"] = judge(t, hostileInput())
	all["hostile"].Explanations = []Explanation{{Benchmark: hostile, Functions: []Gain{{hostile, math.NaN(), math.Inf(1), math.NaN()}}, Warnings: []string{hostile}}}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// swapped returns the input with base and head in each other's place.
func swapped(in Input) Input {
	in.Series = slices.Clone(in.Series)
	for i, s := range in.Series {
		in.Series[i].Pairs = nil
		for _, p := range s.Pairs {
			in.Series[i].Pairs = append(in.Series[i].Pairs, verdict.Pair{Base: p.Head, Head: p.Base})
		}
	}
	in.Check.Base, in.Check.Head = in.Check.Head, in.Check.Base
	in.Check.Missing = map[string][]string{checks.Base: in.Check.Missing[checks.Head], checks.Head: in.Check.Missing[checks.Base]}
	in.Failures = slices.Clone(in.Failures)
	for i, f := range in.Failures {
		in.Failures[i].Side = map[string]string{checks.Base: checks.Head, checks.Head: checks.Base}[f.Side]
	}
	return in
}
