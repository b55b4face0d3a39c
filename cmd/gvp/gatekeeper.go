package main

import (
	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
	"github.com/gvp-bench/gvp/runner/check"
)

// A gatekeeper judges what was measured so far.
type gatekeeper struct {
	flags *checkFlags
	in    gate.Input
	err   error // of judging, which ends the measuring
}

func newGatekeeper(f *checkFlags) *gatekeeper {
	return &gatekeeper{flags: f, in: gate.Input{InconclusivePasses: f.inconclusive == "pass", Units: f.units}}
}

// need says how many pairs each benchmark is to have.
func (g *gatekeeper) need(all []check.Measured) map[string]int {
	var series []checks.Series
	pending := make(map[string]int)
	for _, m := range all {
		if m.Failed == "" && m.Pairs == 0 {
			pending[m.Benchmark] = 1 // its units are known then
		}
		series = append(series, m.Series...)
	}
	if len(pending) > 0 && len(series) == 0 {
		return pending
	}
	o, err := g.judgeSeries(&checks.Check{}, series, nil, false)
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
	for name, n := range pending {
		wants[name] = max(wants[name], n)
	}
	return wants
}

// judge makes the outcome of a check.
func (g *gatekeeper) judge(c *checks.Check, samples []checks.Sample) (*gate.Outcome, error) {
	series, failures := checks.Pairs(samples)
	return g.judgeSeries(c, series, failures, false)
}

// judgeSeries judges series by a plan that is made for them the first time. All
// that there is of fixed ones is looked at at once.
func (g *gatekeeper) judgeSeries(c *checks.Check, series []checks.Series, failures []checks.Failure, fixed bool) (*gate.Outcome, error) {
	in := g.in
	in.Check = *c
	least := 0
	for _, s := range series {
		one := gate.Series{Benchmark: s.Benchmark, Unit: s.Unit}
		for _, p := range s.Pairs {
			one.Pairs = append(one.Pairs, verdict.Pair{Base: p.Base, Head: p.Head})
		}
		in.Series = append(in.Series, one)
		if least == 0 || len(s.Pairs) < least {
			least = len(s.Pairs)
		}
	}
	for _, f := range failures {
		in.Failures = append(in.Failures, gate.Failure{Benchmark: f.Benchmark, Side: f.Side, Reason: string(f.Reason), Error: f.Error, Stderr: f.Stderr})
	}
	if len(g.in.Plan.Looks) == 0 {
		n, err := in.Estimated()
		if err != nil {
			return nil, err
		}
		var plan verdict.Plan
		if fixed {
			plan = verdict.Default()
			plan.Margin, plan.Alpha, plan.Beta = g.flags.margin/100, g.flags.alpha, g.flags.alpha
			plan.Looks, plan.Weights, plan.Confirm = []int{max(1, least)}, []float64{1}, 0
		} else if plan, err = planOf(g.flags.margin, g.flags.alpha, max(1, n), g.flags.rounds); err != nil {
			return nil, err
		}
		g.in.Plan = plan
	}
	in.Plan = g.in.Plan
	return gate.Judge(in)
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
