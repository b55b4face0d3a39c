package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
	"github.com/gvp-bench/gvp/results/profiles"
	"github.com/gvp-bench/gvp/runner/campaign"
	"github.com/gvp-bench/gvp/runner/check"
)

// checkFlags are the flags of check.
type checkFlags struct {
	base, head   string
	bench        string
	buildFlags   string
	layouts      int
	rounds       int
	sampleTime   time.Duration
	timeout      time.Duration
	maxTime      time.Duration
	margin       float64
	alpha        float64
	units        words
	seed         uint64
	inconclusive string
	format       string
	color        string
	reports      reportFiles
	history      string
	out, cache   string
	noProfile    bool
	selfTest     bool
	quiet        bool
}

func (t *tool) checkCommand() *cobra.Command {
	f := checkFlags{reports: reportFiles{}}
	c := &cobra.Command{
		Use:   "check [packages]",
		Short: "Say whether benchmarks have become slower",
		Long: `check compares the benchmarks of two sides on this machine: builds both, measures
them in turn, each sample in a fresh process, and says of each benchmark whether
it has regressed, is fine, or cannot be told, with the change, its interval and
the smallest change that could have been seen. It works in any Go module.

A side is a git revision (checked out elsewhere and removed afterwards), the
working tree as it is (the head, if nothing else is said), a test binary that is
built already, or a file of benchmark output; two files are compared as they
stand.

A benchmark has regressed when it is slower by more than the margin, beyond
chance among all that are decided, and fresh samples agree. Measuring goes on
only where the verdict is open.

Exit status: 0 fine, 1 regressed, 2 the command line is wrong, 3 inconclusive,
4 something could not be measured.`,
		Example: `  gvp check --base origin/main
  gvp check --base v1.2.0 --head v1.3.0 --bench 'Encode|Decode' ./codec/...
  gvp check --base old.test --head new.test
  gvp check --base old.txt --head new.txt
  gvp check --base origin/main --max-time 3m --report junit=check.xml --report sarif=check.sarif`,
		RunE: func(c *cobra.Command, args []string) error { return t.check(c, &f, args) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.base, "base", "", "the side to compare with: a revision, a test binary or a file of results (needed)")
	fs.StringVar(&f.head, "head", "", "the side that is judged (default the working tree)")
	fs.StringVar(&f.bench, "bench", ".", "benchmarks to compare, as for go test -bench")
	fs.Float64Var(&f.margin, "margin", 3, "the change for the worse, in per cent, from which on it is a regression")
	fs.Float64Var(&f.alpha, "alpha", 0.05, "the chance of any false regression in a check")
	fs.VarP(&f.units, "unit", "u", "judge these units alone, such as sec/op (default times, and counts of allocations)")
	fs.IntVar(&f.rounds, "rounds", 30, "how often each benchmark is measured at most")
	fs.DurationVar(&f.sampleTime, "sample-time", 200*time.Millisecond, "how long a sample is to last")
	fs.DurationVar(&f.timeout, "timeout", 0, "how long a sample may take (default 1m, or 20 sample times)")
	fs.DurationVar(&f.maxTime, "max-time", 0, "how long measuring may take; what is open then is inconclusive (default no limit)")
	fs.IntVar(&f.layouts, "layouts", 0, "builds of each side, each with its functions in another random order, so that code layout counts as noise")
	fs.StringVar(&f.buildFlags, "build-flags", "", "flags for the go command, for both sides, such as '-tags=foo -pgo=off'")
	fs.Uint64Var(&f.seed, "seed", 0, "fixes the order in each round (default random)")
	addChoice(c, &f.inconclusive, "inconclusive", "fail", []string{"fail", "pass"}, "what an inconclusive check is for the exit status")
	addChoice(c, &f.format, "format", "text", formatNames(), "what is written to standard output")
	fs.Var(f.reports, "report", "also write a file: format=file, such as junit=check.xml; may be repeated")
	fs.StringVar(&f.history, "history", "", "append the check to this file, for gvp trend")
	fs.BoolVar(&f.selfTest, "selftest", false, "find out whether the gate can be trusted on this machine: it has to let a binary pass that is compared with itself, and to find a slowdown that was put in")
	fs.BoolVar(&f.noProfile, "no-profile", false, "take no profiles of what has regressed")
	fs.StringVarP(&f.out, "out", "o", "", "folder in which the check's own folder is made (default results/checks)")
	fs.StringVar(&f.cache, "cache", "", "folder for worktrees and builds (default gvp/check in the user's cache)")
	addChoice(c, &f.color, "color", "auto", []string{"auto", "always", "never"}, "colour in text")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, only what went wrong")
	for _, name := range []string{"bench", "margin", "alpha", "unit", "rounds", "sample-time", "timeout", "max-time", "layouts", "build-flags", "seed"} {
		complete(c, name, cobra.NoFileCompletions)
	}
	complete(c, "out", dirs)
	complete(c, "cache", dirs)
	return c
}

// check checks the flags, measures or reads, and says what came of it.
func (t *tool) check(c *cobra.Command, f *checkFlags, args []string) error {
	if err := f.check(c.Flags()); err != nil {
		return err
	}
	ctx, began := c.Context(), time.Now()
	if f.selfTest {
		return t.selfTest(ctx, f)
	}
	var o *gate.Outcome
	var err error
	if isResults(f.base) {
		o, err = t.compareFiles(f, args)
	} else {
		o, err = t.compareSides(ctx, f, args, began)
	}
	if err != nil {
		return err
	}
	if err := t.speak(f, o); err != nil {
		return err
	}
	if f.history != "" {
		if err := gate.AppendHistory(f.history, o.HistoryEntry()); err != nil {
			return err
		}
	}
	if status := o.Status(); status != gate.StatusFine {
		return statusError(status)
	}
	return nil
}

// check finds what the values of the flags themselves say is wrong.
func (f *checkFlags) check(fs *pflag.FlagSet) error {
	switch {
	case f.selfTest && (f.base != "" || f.head != ""):
		return usagef("--selftest compares what it makes itself: leave out --base and --head")
	case f.base == "" && !f.selfTest:
		return usagef("check needs --base: a revision such as origin/main, a test binary, or a file of results")
	case fs.Changed("rounds") && f.rounds < 1:
		return usagef("--rounds: bad value %d: want 1 or more", f.rounds)
	case isResults(f.base) != isResults(f.head) && (f.head != "" || isResults(f.base)):
		return usagef("--base %s and --head %s: a file of results is compared with another one", f.base, f.head)
	}
	for _, name := range []string{"sample-time", "timeout", "max-time"} {
		if d, err := fs.GetDuration(name); fs.Changed(name) && (err != nil || d <= 0) {
			return usagef("--%s: bad value %v: want a time above zero, such as 250ms", name, d)
		}
	}
	if _, err := regexp.Compile(f.bench); err != nil {
		return usagef("--bench: %w", err)
	}
	_, err := planOf(f.margin, f.alpha, 1, f.rounds) // of more decisions, it is known later
	return err
}

// source returns what a side is made of.
func source(name string) check.Source {
	if info, err := os.Stat(name); name != "" && err == nil && info.Mode().IsRegular() {
		return check.Source{Binary: name}
	}
	return check.Source{Revision: name}
}

// isResults reports whether a side is a file of benchmark output: one that no
// system takes for a program.
func isResults(name string) bool {
	info, err := os.Stat(name)
	if name == "" || err != nil || !info.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	var head [4]byte
	n, _ := file.Read(head[:]) // of an empty file, reading it as results says what is wrong
	return !slices.ContainsFunc([]string{"\x7fELF", "MZ", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe", "#!"}, func(magic string) bool {
		return strings.HasPrefix(string(head[:n]), magic)
	})
}

// compareSides builds both sides and measures them in turn.
func (t *tool) compareSides(ctx context.Context, f *checkFlags, args []string, began time.Time) (_ *gate.Outcome, err error) {
	o := check.Options{
		Base: source(f.base), Head: source(f.head), Packages: args, Bench: f.bench,
		BuildFlags: strings.Fields(f.buildFlags), Layouts: f.layouts, Seed: f.seed,
		Rounds: f.rounds, Target: f.sampleTime, Timeout: f.timeout, MaxTime: f.maxTime,
		Out: f.out, Cache: f.cache, Machine: campaign.ReadMachine(), Command: append([]string{"gvp"}, t.args...),
	}
	if o.Seed == 0 {
		o.Seed = rand.Uint64()
	}
	g := &gatekeeper{flags: f, in: gate.Input{InconclusivePasses: f.inconclusive == "pass", Units: f.units}}
	talk := t.newCheckTalk(f.quiet)
	defer talk.end()
	session, err := check.Open(ctx, o, check.Hooks{Need: g.need, Event: talk.event})
	if err != nil {
		return nil, checkError(err)
	}
	defer func() { err = errors.Join(err, session.Close()) }()
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
		for _, name := range outcome.Slower() {
			if err := explain(ctx, session, outcome, name); err != nil {
				t.say("%s is not explained: %s", name, oneLine(err.Error()))
			}
		}
	}
	outcome.Took = time.Since(began)
	talk.end()
	if !f.quiet {
		t.say("what was measured is in %s", session.Folder())
	}
	return outcome, nil
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

// compareFiles compares two files of results as they stand.
func (t *tool) compareFiles(f *checkFlags, args []string) (*gate.Outcome, error) {
	if len(args) > 0 {
		return nil, usagef("two files of results have no packages: leave out %q", args[0])
	}
	files, err := checks.ReadFiles(f.base, f.head)
	if err != nil {
		return nil, err
	}
	for _, w := range files.Warnings {
		t.say("%s", w)
	}
	var differ []string
	for _, d := range files.Differences {
		if !d.Names() {
			differ = append(differ, d.String())
		}
	}
	if len(differ) > 0 {
		return nil, usagef("the files are not of one machine with one setting: %s: measure both sides where nothing else differs", strings.Join(differ, "; "))
	}
	t.say("the files were measured one after the other, if nobody took care: what the machine did meanwhile counts as a difference")
	g := &gatekeeper{flags: f, in: gate.Input{InconclusivePasses: f.inconclusive == "pass", Units: f.units}}
	c := &checks.Check{
		Format: checks.Format, Began: time.Now().UTC(), Finished: true, Missing: files.Missing,
		Base: checks.Side{What: f.base}, Head: checks.Side{What: f.head},
	}
	return g.judgeSeries(c, files.Series, nil, true)
}

// A gatekeeper judges what was measured so far.
type gatekeeper struct {
	flags *checkFlags
	in    gate.Input
	err   error // of judging, which ends the measuring
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

// speak writes the outcome in all the ways that were asked for.
func (t *tool) speak(f *checkFlags, o *gate.Outcome) error {
	if err := f.reports.write(o); err != nil {
		return err
	}
	if err := onGitHub(t.stdout, o); err != nil {
		return err
	}
	format, err := gate.ParseFormat(f.format)
	if err != nil {
		return usageError{err}
	}
	if format == gate.Text {
		err = o.WriteText(t.stdout, gate.TextOptions{Color: colored(f.color, t.stdout), Width: width(t.stdout)})
	} else {
		err = o.Write(t.stdout, format)
	}
	if err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}

// checkError turns what is wrong with the command line into that, and what could
// not be built or measured into its status.
func checkError(err error) error {
	_, revision := errors.AsType[*check.RevisionError](err)
	_, repository := errors.AsType[*check.NoRepositoryError](err)
	if revision || repository {
		return usageError{err}
	}
	_, build := errors.AsType[*check.BuildError](err)
	_, none := errors.AsType[*check.NoBenchmarksError](err)
	if build || none {
		return unmeasuredError{err}
	}
	return err
}

func formatNames() []string {
	var names []string
	for _, f := range gate.Formats() {
		names = append(names, string(f))
	}
	return names
}
