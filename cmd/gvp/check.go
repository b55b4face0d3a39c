package main

import (
	"errors"
	"regexp"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
)

// checkFlags are the flags of check.
type checkFlags struct {
	base, head   string
	bench        string // empty: all, and not chosen
	cells        cellFlags
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
working tree as it is (the head, if nothing else is said), a test or bench binary
that is built already, or a file of benchmark output; two files are compared as
they stand.

What is compared are go test benchmarks, among which --bench chooses, or cells of
bench binaries (main packages that call runner.Main), among which --workload,
--mode, --workers and --param choose. Choosing among one kind leaves out the other,
unless that is chosen from, too. If nothing is chosen, all go test benchmarks are
compared or, where there are none, the cells of the quick preset.

A benchmark has regressed when it is slower by more than the margin, beyond
chance among all that are decided, and fresh samples agree. Measuring goes on
only where the verdict is open.

Exit status: 0 fine, 1 regressed, 2 the command line is wrong, 3 inconclusive,
4 something could not be measured.`,
		Example: `  gvp check --base origin/main
  gvp check --base v1.2.0 --head v1.3.0 --bench 'Encode|Decode' ./codec/...
  gvp check --base HEAD~1 -w hash -m goroutine,process -j 2 --param size=4KiB ./mybench
  gvp check --base old.test --head new.test
  gvp check --base old-bench --head new-bench
  gvp check --base old.txt --head new.txt
  gvp check --base origin/main --max-time 3m --report junit=check.xml --report sarif=check.sarif`,
		RunE: func(c *cobra.Command, args []string) error {
			return onGitHubError(t.annotations(gate.Format(f.format)), gateError(t.check(c, &f, args)))
		},
	}
	t.addCheckFlags(c, &f)
	return c
}

// addCheckFlags gives the command the flags of check.
func (t *tool) addCheckFlags(c *cobra.Command, f *checkFlags) {
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVar(&f.base, "base", "", "the side to compare with: a revision, a test or bench binary, or a file of results (needed)")
	fs.StringVar(&f.head, "head", "", "the side that is judged (default the working tree)")
	fs.StringVar(&f.bench, "bench", "", "go test benchmarks to compare, as for go test -bench (default all)")
	t.addCellFlags(c, &f.cells, cellHelp{do: "compare", defaults: "as in the quick preset"}, benchOfCheck)
	fs.Float64Var(&f.margin, "margin", 3, "the change for the worse, in per cent, from which on it is a regression")
	fs.Float64Var(&f.alpha, "alpha", 0.05, "the chance of any false regression in a check; also, for each benchmark, that of calling it fine although it is worse by the margin")
	fs.VarP(&f.units, "unit", "u", "judge these units alone, such as sec/op (default times and, of go test benchmarks, counts of allocations)")
	fs.IntVar(&f.rounds, "rounds", 30, "how often each benchmark is measured at most, until something is found; ten more then confirm it")
	fs.DurationVar(&f.sampleTime, "sample-time", 200*time.Millisecond, "how long a sample is to last")
	fs.DurationVar(&f.timeout, "timeout", 0, "how long a sample may take (default 1m, or 20 sample times)")
	fs.DurationVar(&f.maxTime, "max-time", 0, "how long measuring may take, from looking for benchmarks on, but without profiles; what is open then is inconclusive (default no limit)")
	fs.IntVar(&f.layouts, "layouts", 0, "builds of each side, each with its functions in another random order, so that code layout counts as noise; each round has its own, so that there are no more rounds than that, the ten that confirm among them")
	fs.StringVar(&f.buildFlags, "build-flags", "", "flags for the go command, for both sides, such as '-tags=foo -pgo=off'; one with blanks in it stands in quotes, as in GOFLAGS: \"'-ldflags=-s -w'\"")
	fs.Uint64Var(&f.seed, "seed", 0, "fixes the order in each round (default random)")
	addChoice(c, &f.inconclusive, "inconclusive", "fail", []string{"fail", "pass"}, "what an inconclusive check is for the exit status")
	addChoice(c, &f.format, "format", "text", formatNames(), "what is written to standard output")
	fs.Var(f.reports, "report", "also write a file: format=file, such as junit=check.xml; may be repeated")
	fs.StringVar(&f.history, "history", "", "append the check to this file, for gvp trend")
	fs.BoolVar(&f.selfTest, "selftest", false, "find out whether the gate can be trusted on this machine: it has to let a binary pass that is compared with itself, and to find a slowdown that was put in")
	fs.BoolVar(&f.noProfile, "no-profile", false, "take no profiles of the five that have lost most among what has regressed")
	fs.StringVarP(&f.out, "out", "o", "", "folder in which the check's own folder is made (default results/checks)")
	fs.StringVar(&f.cache, "cache", "", "folder for worktrees and builds (default gvp/check in the user's cache)")
	addChoice(c, &f.color, "color", "auto", []string{"auto", "always", "never"}, "colour in text")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, only what went wrong")
	for _, name := range []string{"bench", "margin", "alpha", "unit", "rounds", "sample-time", "timeout", "max-time", "layouts", "build-flags", "seed"} {
		complete(c, name, cobra.NoFileCompletions)
	}
	complete(c, "out", dirs)
	complete(c, "cache", dirs)
}

// check checks the flags, measures or reads, and says what came of it.
func (t *tool) check(c *cobra.Command, f *checkFlags, args []string) error {
	if err := f.check(c.Flags(), args); err != nil {
		return err
	}
	ctx, began := c.Context(), time.Now()
	if f.selfTest {
		return t.selfTest(ctx, f)
	}
	var o *gate.Outcome
	var err error
	if isResults(f.base) {
		o, err = t.compareFiles(f)
	} else {
		o, err = t.compareSides(ctx, f, args, began)
	}
	if o == nil {
		return err
	}
	// What was measured is said in all ways that work, whatever else fails.
	err = errors.Join(err, t.speak(f, o))
	if f.history != "" {
		err = errors.Join(err, gate.AppendHistory(f.history, o.HistoryEntry()))
	}
	return outcomeError(o, err)
}

// outcomeError gives an outcome its exit status, and says what else went wrong.
func outcomeError(o *gate.Outcome, err error) error {
	if status := o.Status(); status != gate.StatusFine {
		return statusError{status, err}
	}
	return err
}

// check finds what the values of the flags themselves say is wrong.
func (f *checkFlags) check(fs *pflag.FlagSet, args []string) error {
	switch {
	case f.base == "" && !f.selfTest:
		return usagef("check needs --base: a revision such as origin/main, a test or bench binary, or a file of results")
	case fs.Changed("rounds") && f.rounds < 1:
		return usagef("--rounds: bad value %d: want 1 or more", f.rounds)
	case !f.selfTest && isResults(f.base) != isResults(f.head) && (f.head != "" || isResults(f.base)):
		return usagef("--base %s and --head %s: a file of results is compared with another one", f.base, f.head)
	}
	if err := f.checkIdle(fs, args); err != nil {
		return err
	}
	for _, name := range []string{"sample-time", "timeout", "max-time"} {
		if d, err := fs.GetDuration(name); fs.Changed(name) && (err != nil || d <= 0) {
			return usagef("--%s: bad value %v: want a time above zero, such as 250ms", name, d)
		}
	}
	if _, err := regexp.Compile(f.bench); err != nil {
		return usagef("--bench: %w", err)
	}
	if _, err := results.SplitFlags(f.buildFlags); err != nil {
		return usagef("--build-flags: %w", err)
	}
	_, err := f.plan(1) // of more decisions, it is known later
	return err
}

// plan returns the plan of a check with so many decisions.
func (f *checkFlags) plan(decisions int) (verdict.Plan, error) {
	plan, err := planOf(f.margin, f.alpha, decisions, f.rounds)
	if err != nil || f.layouts <= 0 || f.layouts >= f.mostRounds() {
		return plan, err
	}
	rounds := f.layouts - plan.Confirm // each has builds of its own
	for n := max(1, rounds); ; n++ {   // ends at f.rounds, at the latest
		plan, err := planOf(f.margin, f.alpha, decisions, n)
		switch {
		case err != nil:
			continue
		case n > rounds:
			return plan, usagef("--layouts: bad value %d: each round has builds of its own, and to decide takes %d of them, %d of which confirm what is found", f.layouts, n+plan.Confirm, plan.Confirm)
		}
		return plan, nil
	}
}

// mostRounds is how many rounds there may be: what is found at the last look is to
// be confirmed, too.
func (f *checkFlags) mostRounds() int { return f.rounds + verdict.Default().Confirm }
