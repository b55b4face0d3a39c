package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"time"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/profiles"
	"github.com/gvp-bench/gvp/runner/campaign"
	"github.com/gvp-bench/gvp/runner/check"
)

// compareSides builds both sides and measures them in turn.
func (t *tool) compareSides(ctx context.Context, f *checkFlags, args []string, began time.Time) (_ *gate.Outcome, err error) {
	flags, err := results.SplitFlags(f.buildFlags)
	if err != nil {
		return nil, usagef("--build-flags: %w", err)
	}
	o := check.Options{
		Base: source(f.base), Head: source(f.head), Packages: args, Bench: f.bench,
		BuildFlags: flags, Layouts: f.layouts, Seed: f.seed,
		Rounds: f.mostRounds(), Target: f.sampleTime, Timeout: f.timeout, MaxTime: f.maxTime,
		Out: f.out, Cache: f.cache, Machine: campaign.ReadMachine(), Command: append([]string{"gvp"}, t.args...),
	}
	o.Kinds, o.Cells = f.kinds()
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	g := newGatekeeper(f)
	progress := t.newCheckProgress(f.quiet)
	defer progress.end()
	session, err := check.Open(ctx, o, check.Hooks{Need: g.need, Event: progress.event})
	if err != nil {
		return nil, checkError(err)
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if err := g.canDecide(len(session.Benchmarks())); err != nil {
		return nil, err
	}
	g.in.Sources = make(map[string]gate.Source)
	for name, p := range session.Places() {
		g.in.Sources[name] = gate.Source(p)
	}
	c, err := session.Measure(ctx)
	if err == nil {
		err = g.err
	}
	if err != nil {
		return nil, checkError(err)
	}
	outcome, err := g.judge(c, session.Samples())
	if err != nil {
		return nil, err
	}
	if !f.noProfile && ctx.Err() == nil {
		names, more := lostMost(outcome)
		if more > 0 {
			t.say("%d more have regressed than the %d that are profiled", more, len(names))
		}
		for _, name := range names {
			if err := explain(ctx, session, outcome, name); err != nil {
				t.say("%s is not explained: %s", name, oneLine(err.Error()))
			}
		}
	}
	outcome.Took = time.Since(began)
	progress.end()
	if !f.quiet {
		t.say("what was measured is in %s", session.Folder())
	}
	return outcome, nil
}

// source returns what a side is made of.
func source(name string) check.Source {
	if info, err := os.Stat(name); name != "" && err == nil && info.Mode().IsRegular() {
		return check.Source{Binary: name}
	}
	return check.Source{Revision: name}
}

// checkError turns what is wrong with the command line into that.
func checkError(err error) error {
	if kind, ok := errors.AsType[*check.KindError](err); ok {
		if kind.Test {
			return usagef("%w: leave out what chooses cells, such as --workload", err)
		}
		return usagef("%w: leave out --bench", err)
	}
	_, options := errors.AsType[*check.OptionsError](err)
	_, revision := errors.AsType[*check.RevisionError](err)
	_, repository := errors.AsType[*check.NoRepositoryError](err)
	if options || revision || repository {
		return usageError{err}
	}
	return err
}

// unmeasured is the error of a check that could measure nothing.
func unmeasured(why error) error { return statusError{gate.StatusUnmeasured, why} }

// gateError gives what went wrong in a check a status of its own: 1 is that of a
// regression, which a full disk is not.
func gateError(err error) error {
	_, usage := errors.AsType[usageError](err)
	_, status := errors.AsType[statusError](err)
	if err == nil || usage || status {
		return err
	}
	return unmeasured(err)
}

// mostProfiled is how many benchmarks are profiled: each takes seconds, for which no
// budget was given.
const mostProfiled = 5

// lostMost returns the benchmarks that lost most of those that a profile may explain,
// and how many more there are.
func lostMost(o *gate.Outcome) (names []string, more int) {
	names = o.Slower()
	n := min(len(names), mostProfiled)
	return names[:n], len(names) - n
}

// explain adds to an outcome which functions gained most in a benchmark.
func explain(ctx context.Context, s *check.Session, o *gate.Outcome, benchmark string) error {
	p, err := s.Profile(ctx, benchmark)
	if err != nil {
		return err
	}
	base, err := profiles.Read(p.Base)
	if err != nil {
		return err
	}
	head, err := profiles.Read(p.Head)
	if err != nil {
		return err
	}
	const most = 5
	e, err := gate.Explain(benchmark, base, head, p.Units, p.Units, most)
	if err != nil {
		return err
	}
	o.Explanations = append(o.Explanations, e)
	return nil
}
