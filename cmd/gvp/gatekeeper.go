package main

import (
	"slices"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
	"github.com/gvp-bench/gvp/runner/check"
)

// A gatekeeper judges what was measured so far.
type gatekeeper struct {
	flags   *checkFlags
	in      gate.Input
	final   bool               // there will be no more pairs than there are
	planned map[[2]string]bool // benchmark and unit of the decisions that the plan is for
	err     error              // of judging, which ends the measuring
}

func newGatekeeper(f *checkFlags) *gatekeeper {
	return &gatekeeper{flags: f, in: gate.Input{InconclusivePasses: f.inconclusive == "pass", Units: f.units}}
}

// canDecide returns an error if the flags leave no plan for so many benchmarks, which is
// better known before they are measured. Each is a decision at least, in time, unless
// units are chosen, which not all need have.
func (g *gatekeeper) canDecide(benchmarks int) error {
	if len(g.in.Units) > 0 {
		return nil
	}
	_, err := g.flags.plan(max(1, benchmarks))
	return err
}

// need says how many pairs each benchmark is to have. The plan depends on how many
// decisions there are, which is known when each benchmark has a pair or was given
// up: until then it asks for one round more.
func (g *gatekeeper) need(all []check.Measured) map[string]int {
	var series []checks.Series
	another, unknown := make(map[string]int), false
	for _, m := range all {
		series = append(series, m.Series...)
		if m.Failed == "" {
			another[m.Benchmark] = m.Pairs + 1
			unknown = unknown || m.Pairs == 0
		}
	}
	if unknown && g.planned == nil {
		return another
	}
	o, err := g.judgeSeries(&checks.Check{}, series, nil)
	if err != nil {
		g.err = err
		return nil
	}
	wants := o.Wants()
	for _, m := range all {
		if m.Failed != "" {
			delete(wants, m.Benchmark)
		}
	}
	return wants
}

// judge makes the outcome of a check. A benchmark whose turn never came is open.
func (g *gatekeeper) judge(c *checks.Check, samples []checks.Sample) (*gate.Outcome, error) {
	series, failures := checks.Pairs(samples)
	for _, b := range c.Benchmarks {
		if b.Failed == "" && !slices.ContainsFunc(series, func(s checks.Series) bool { return s.Benchmark == b.Name }) {
			series = append(series, g.nothingOf(b.Name)...)
		}
	}
	return g.judgeSeries(c, series, failures)
}

// nothingOf returns the series of a benchmark of which there is no pair.
func (g *gatekeeper) nothingOf(benchmark string) []checks.Series {
	units := g.in.Units
	if len(units) == 0 {
		units = []string{results.SecPerOp}
	}
	var all []checks.Series
	for _, unit := range units {
		all = append(all, checks.Series{Benchmark: benchmark, Unit: unit})
	}
	return all
}

// judgeSeries judges series by a plan that is made for them the first time. What
// comes up only later is not judged: the plan does not reckon with it.
func (g *gatekeeper) judgeSeries(c *checks.Check, series []checks.Series, failures []checks.Failure) (*gate.Outcome, error) {
	in := g.in
	in.Check = *c
	for _, s := range series {
		one := gate.Series{Benchmark: s.Benchmark, Unit: s.Unit}
		for _, p := range s.Pairs {
			one.Pairs = append(one.Pairs, verdict.Pair{Base: p.Base, Head: p.Head})
		}
		in.Series = append(in.Series, one)
	}
	for _, f := range failures {
		in.Failures = append(in.Failures, gate.Failure{Benchmark: f.Benchmark, Side: f.Side, Reason: string(f.Reason), Error: f.Error, Stderr: f.Stderr})
	}
	decisions, err := in.Decisions()
	if err != nil {
		return nil, err
	}
	if g.planned == nil {
		if err := g.plan(decisions); err != nil {
			return nil, err
		}
	}
	in.Plan = g.in.Plan
	var late []gate.Skipped
	for _, d := range decisions {
		if d.Exact || g.planned[[2]string{d.Benchmark, d.Unit}] {
			continue
		}
		in.Series = slices.DeleteFunc(in.Series, func(s gate.Series) bool { return s.Benchmark == d.Benchmark && s.Unit == d.Unit })
		at := slices.IndexFunc(late, func(s gate.Skipped) bool { return s.Unit == d.Unit })
		if at < 0 {
			at, late = len(late), append(late, gate.Skipped{Unit: d.Unit, Why: "it was not there when the plan was made"})
		}
		late[at].Benchmarks++
	}
	o, err := gate.Judge(in)
	if err != nil {
		return nil, err
	}
	o.Skipped = append(o.Skipped, late...)
	return o, nil
}

// plan makes the plan for decisions.
func (g *gatekeeper) plan(decisions []verdict.Decision) (err error) {
	planned := make(map[[2]string]bool)
	for _, d := range decisions {
		if !d.Exact {
			planned[[2]string{d.Benchmark, d.Unit}] = true
		}
	}
	if g.final {
		g.in.Plan, err = g.flags.finalPlan(len(planned))
	} else {
		g.in.Plan, err = g.flags.plan(max(1, len(planned)))
	}
	if err == nil {
		g.planned = planned
	}
	return err
}

// finalPlan returns the plan for pairs of which there will be no more: it looks at all
// that there are of each decision, if they are as many as suffice.
func (f *checkFlags) finalPlan(estimated int) (verdict.Plan, error) {
	plan := verdict.Default()
	plan.Margin, plan.Alpha, plan.Beta = f.margin/100, f.alpha, f.alpha
	plan.Weights, plan.Confirm, plan.Final = []float64{1}, 0, true
	enough := 1
	for ; enough < verdict.MaxPairs; enough++ {
		plan.Looks = []int{enough}
		if plan.Check(estimated) == nil {
			break
		}
	}
	return plan, plan.Check(estimated)
}

// planOf returns the plan of a check with so many decisions. Margin is in per cent.
func planOf(margin, alpha float64, decisions, rounds int) (verdict.Plan, error) {
	if !(margin > 0 && margin <= 1000) {
		return verdict.Plan{}, usagef("--margin: bad value %v: want per cent above 0, such as 3", margin)
	}
	if !(alpha > 0 && alpha < 0.5) {
		return verdict.Plan{}, usagef("--alpha: bad value %v: want a chance between 0 and 0.5, such as 0.05", alpha)
	}
	plan := verdict.Default()
	plan.Margin, plan.Alpha, plan.Beta = margin/100, alpha, alpha
	plan, err := plan.Choose(decisions, rounds)
	if err != nil {
		return plan, usagef("--rounds: %w", err)
	}
	return plan, nil
}
