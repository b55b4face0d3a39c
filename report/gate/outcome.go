package gate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// Series is what the rounds measured of one benchmark in one unit.
type Series struct {
	Benchmark, Unit string
	Pairs           []verdict.Pair // in the order of the rounds
}

// Input is what a verdict is made of. Check, Series and Plan are needed; the zero
// value of everything else works.
type Input struct {
	Check checks.Check

	// Series in any order; those of [checks.ControlName] are the control. Units
	// need not be tidy: ns/op is taken for sec/op.
	Series []Series

	// Failures are what could not be measured. Those that Check names as missing
	// need not be among them.
	Failures []Failure

	Plan verdict.Plan

	// Units are the only ones that are judged; none means those that
	// [Input.Decisions] chooses.
	Units []string

	// Better says of further units which direction is better: -1 lower, +1
	// higher. It wins over what is known of a unit.
	Better map[string]int

	// InconclusivePasses makes the exit status of an inconclusive check 0.
	InconclusivePasses bool

	Guard Guard

	// Sources says where benchmarks are, for voices that can point there.
	Sources map[string]Source

	// Took is how long the check took; zero is not said.
	Took time.Duration
}

// A Source is where a benchmark stands in the head's tree.
type Source struct {
	File string // from the root of the repository, with slashes
	Line int    // from 1; 0 if unknown
}

// Verdict is that of the whole check.
type Verdict string

// Verdicts of a check; see the package on which wins.
const (
	Fine         Verdict = "fine"
	Regressed    Verdict = "regressed"
	Inconclusive Verdict = "inconclusive"
	Unmeasured   Verdict = "could not measure"
)

// Statuses that a check ends with. 2 is that of a wrong command line, which comes
// to no check.
const (
	StatusFine         = 0
	StatusRegressed    = 1
	StatusInconclusive = 3
	StatusUnmeasured   = 4
)

// An Outcome is what a check came to.
type Outcome struct {
	Check checks.Check
	Plan  verdict.Plan
	Took  time.Duration

	Decisions []Decision // in the order of the series
	Failures  []Failure  // by benchmark, then by side
	Skipped   []Skipped  // units that were not judged
	Control   *Control   // nil if there was none

	// Explanations are of regressions; the caller adds them.
	Explanations []Explanation

	// Verdict is that of the whole, and Reason what decided it, in words without
	// the verdict itself.
	Verdict Verdict
	Reason  string

	InconclusivePasses bool
	Sources            map[string]Source
}

// A Decision is what was said of one benchmark in one unit.
type Decision struct {
	verdict.Decision

	// Result is as the pairs say; Verdict is that or, where Doubt says what a
	// guard has against it, inconclusive.
	Result  verdict.Result
	Verdict verdict.Verdict
	Doubt   string

	// Base and Head are the medians of the pairs that Result is about, NaN if
	// there are none.
	Base, Head float64
}

// Judge makes the outcome of what was measured so far. An error is one of the
// input: the same benchmark and unit twice, or a plan that cannot decide.
func Judge(in Input) (*Outcome, error) {
	in, err := in.tidy()
	if err != nil {
		return nil, err
	}
	o := &Outcome{
		Check: in.Check, Plan: in.Plan, Took: in.Took,
		Failures: in.failures(), InconclusivePasses: in.InconclusivePasses, Sources: in.Sources,
	}
	var decisions []verdict.Decision
	decisions, o.Skipped = in.choose()
	if len(decisions) > 0 {
		results, err := in.Plan.Judge(decisions)
		if err != nil {
			return nil, err
		}
		for i, d := range decisions {
			o.Decisions = append(o.Decisions, newDecision(d, results[i]))
		}
	}
	o.Control = in.control()
	o.guard()
	o.conclude()
	return o, nil
}

// improved reports whether the decision is fine and better by more than the margin.
// What a guard took back is neither.
func (d Decision) improved() bool { return d.Verdict == verdict.Fine && d.Result.Improved }

func newDecision(d verdict.Decision, r verdict.Result) Decision {
	n := min(r.N, len(d.Pairs))
	var base, head []float64
	for _, p := range d.Pairs[:n] {
		base, head = append(base, p.Base), append(head, p.Head)
	}
	return Decision{Decision: d, Result: r, Verdict: r.Verdict, Base: verdict.Median(base), Head: verdict.Median(head)}
}

// Wants returns how many pairs in all each benchmark must have before it can be
// judged further; none if all is decided. A benchmark without enough pairs for
// its first look is among them, also one that has failed: it is the caller who
// knows whether to try it again.
func (o *Outcome) Wants() map[string]int {
	wants := make(map[string]int)
	for _, d := range o.Decisions {
		if n := d.Result.Needs; n > 0 {
			wants[d.Benchmark] = max(wants[d.Benchmark], n)
		}
	}
	return wants
}

// Open reports whether measuring more could change the outcome.
func (o *Outcome) Open() bool { return len(o.Wants()) > 0 }

// Regressions returns the decisions that regressed.
func (o *Outcome) Regressions() []Decision { return o.with(verdict.Regressed) }

// Slower returns the benchmarks of which a CPU profile of each side may show what
// regressed: those that regressed in time, each once, with what lost most of it first.
func (o *Outcome) Slower() []string {
	lost := make(map[string]float64)
	var names []string
	for _, d := range o.Regressions() {
		if ruleOf(d) != ruleSlower {
			continue
		}
		if _, ok := lost[d.Benchmark]; !ok {
			names = append(names, d.Benchmark)
		}
		lost[d.Benchmark] = max(lost[d.Benchmark], math.Abs(math.Log(d.Result.Ratio)))
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(lost[b], lost[a]) })
	return names
}

func (o *Outcome) with(v verdict.Verdict) []Decision {
	return slices.DeleteFunc(slices.Clone(o.Decisions), func(d Decision) bool { return d.Verdict != v })
}

// Status returns the exit status.
func (o *Outcome) Status() int {
	switch o.Verdict {
	case Fine:
		return StatusFine
	case Regressed:
		return StatusRegressed
	case Inconclusive:
		if o.passes() {
			return StatusFine
		}
		return StatusInconclusive
	}
	return StatusUnmeasured
}

// passes reports whether an inconclusive check is let pass: not one that somebody
// broke off.
func (o *Outcome) passes() bool { return o.InconclusivePasses && o.Check.Stopped != "interrupted" }

var errTwice = errors.New("measured twice")

// seen guards against series that come twice.
type seen map[[2]string]bool

func (s seen) add(benchmark, unit string) error {
	k := [2]string{benchmark, unit}
	if s[k] {
		return fmt.Errorf("%q %q: %w", benchmark, unit, errTwice)
	}
	s[k] = true
	return nil
}
