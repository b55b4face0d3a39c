package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gvp-bench/gvp/report"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/profiles"
	"github.com/gvp-bench/gvp/runner/campaign"
)

func (t *tool) runCommand() *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [package-or-binary]",
		Short: "Measure workloads in every mode",
		Long: `run measures each workload in each mode with each number of workers, round by
round in random order, every sample in a fresh process. It writes the samples
into a folder of their own under results/runs.

It drives the built-in bench binary or, with an argument, another one: an
executable file, or a package, which is built. Such a package is a main
function of one line, runner.Main(mine...).

Ctrl-C ends the run and keeps what was measured; --resume goes on with it.`,
		Example: `  gvp run --preset quick
  gvp run -w hash,sleep -m goroutine,process -j 1,2,4
  gvp run -w hash --param size=1KiB,1MiB --rounds 10
  gvp run ./mybench
  gvp run --resume results/runs/20260102T150405Z`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error { return t.run(c, &f, args) },
	}
	t.addRunFlags(c, &f)
	return c
}

// run checks the flags and measures with the bench binary that args name.
func (t *tool) run(c *cobra.Command, f *runFlags, args []string) error {
	if err := f.check(c.Flags()); err != nil {
		return err
	}
	return t.withBench(c.Context(), args, func(path string) error {
		return t.measure(c.Context(), f, c.Flags(), args, path)
	})
}

// measure measures with the bench binary at path, which args named.
func (t *tool) measure(ctx context.Context, f *runFlags, fs *pflag.FlagSet, args []string, path string) error {
	bench, err := campaign.Identify(path)
	if err != nil {
		return err
	}
	p := t.newProgress(f.quiet)
	begin := func() {}
	event := func(e campaign.Event) {
		begin() // there is a folder, so it will be done
		begin = func() {}
		p.event(e)
	}
	hooks := campaign.Hooks{Event: event, Profiles: t.mergeProfiles}
	var summary *campaign.Summary
	if f.resume != "" {
		if err := checkResume(f.resume); err != nil {
			return err
		}
		summary, err = campaign.Resume(ctx, f.resume, bench, hooks)
	} else {
		var plan *campaign.Plan
		if plan, err = t.planRun(ctx, f, fs, bench); err != nil {
			return err
		}
		if err := checkSetup(ctx, f, plan, bench); err != nil {
			return err
		}
		if f.dryRun {
			return t.writePlan(plan)
		}
		if !f.quiet {
			begin = func() { t.say("%s", announce(plan, bench.Binary, time.Now())) }
		}
		summary, err = campaign.Run(ctx, plan, bench, hooks)
	}
	p.end()
	return t.conclude(ctx, f, args, summary, err)
}

func (t *tool) planRun(ctx context.Context, f *runFlags, fs *pflag.FlagSet, bench *campaign.Bench) (*campaign.Plan, error) {
	catalog, err := campaign.Describe(ctx, bench)
	if err != nil {
		return nil, err
	}
	o, err := f.options(fs, catalog, runtime.GOMAXPROCS(0))
	if err != nil {
		return nil, err
	}
	o.Command = append([]string{"gvp"}, t.args...)
	plan, err := campaign.NewPlan(catalog, o)
	if err != nil {
		return nil, usageError{err}
	}
	return plan, checkSizes(plan, f.preset)
}

// checkSetup finds out whether what is planned can be set up. Where it cannot,
// with parameters that the command line gives, the command line is wrong.
func checkSetup(ctx context.Context, f *runFlags, plan *campaign.Plan, bench *campaign.Bench) error {
	err := campaign.Check(ctx, plan, bench)
	if setup, ok := errors.AsType[*campaign.SetupError](err); ok && setup.Chosen && len(f.params) > 0 {
		return usageError{err}
	}
	return err
}

// announce says what a run is about to do.
func announce(plan *campaign.Plan, binary results.Binary, now time.Time) string {
	text := fmt.Sprintf("%s, seed %d; it will be done at %s",
		extent(plan), plan.Options.Seed, now.Add(plan.Estimate()).Format("15:04"))
	if !sourceKnown(binary) {
		text += fmt.Sprintf("; which revision of its source %s is built from is unknown: build it in a git checkout, with -buildvcs=true, for the run to record it", binary.Name)
	}
	return text
}

// sourceKnown reports whether the binary says what source it is built from: a
// revision, or a version of its module.
func sourceKnown(b results.Binary) bool {
	_, version, _ := strings.Cut(b.Module, "@")
	return b.Revision != "" || strings.HasPrefix(version, "v")
}

// extent says how much a run is to measure.
func extent(plan *campaign.Plan) string {
	return fmt.Sprintf("%s × %s of %s, %s",
		count(len(plan.Cells), "cell"), count(plan.Options.Rounds, "round"),
		plan.Options.Target, about(plan.Estimate()))
}

// writePlan writes what a run would measure.
func (t *tool) writePlan(plan *campaign.Plan) error {
	for _, cell := range plan.Cells {
		if _, err := fmt.Fprintln(t.stdout, cell.Name()); err != nil {
			return fmt.Errorf("cannot write to standard output: %w", err)
		}
	}
	t.say("%s; more where a unit outlasts its sample", extent(plan))
	return nil
}

// mergeProfiles adds the profiles of one host's processes to those of the run.
func (t *tool) mergeProfiles(run, dir string, cell results.Cell) error {
	p, warnings, err := profiles.Collect(dir, profiles.Labels{Mode: cell.Mode, Workload: cell.Workload})
	for _, w := range warnings {
		t.say("%s", w)
	}
	if err != nil {
		return err
	}
	return profiles.Add(run, cell.Mode, p)
}

// conclude says what became of a run, which ended with err.
func (t *tool) conclude(ctx context.Context, f *runFlags, args []string, s *campaign.Summary, err error) error {
	if s == nil || s.Folder == "" {
		return err
	}
	if !f.quiet { // the report has it, too
		for _, warning := range s.Noise {
			t.say("%s", warning)
		}
	}
	resume := strings.Join(append(append([]string{"gvp run"}, args...), "--resume", s.Folder), " ")
	switch {
	case err != nil && ctx.Err() != nil:
		t.say("%s: go on with `%s`%s", kept(s.Samples), resume, leftBehind(err))
		return errReported
	case err != nil && len(args) > 0 && !s.Finished:
		return fmt.Errorf("%w (with the same bench binary: `%s`)", err, resume)
	case err != nil:
		return err
	}
	if err := t.showRun(s.Folder); err != nil {
		return err
	}
	if !f.quiet {
		t.say("tables, charts and profiles: `gvp report %s`", s.Folder)
	}
	if len(s.Failures) > 0 {
		t.say("%s failed: %s says why", count(len(s.Failures), "measurement"), filepath.Join(s.Folder, results.LogFile))
		return errReported
	}
	return nil
}

// kept says how far an interrupted run has come.
func kept(samples int) string {
	if samples == 0 {
		return "interrupted before the first sample"
	}
	return fmt.Sprintf("interrupted after %s, which are kept", count(samples, "sample"))
}

// leftBehind returns what is to be said of an interrupted host that could not
// be cleaned up after, if that is part of err.
func leftBehind(err error) string {
	cleanup, ok := errors.AsType[*campaign.CleanupError](err)
	if !ok {
		return ""
	}
	return "; " + oneLine(cleanup.Error())
}

// showRun writes what a run found, in short, and where it is.
func (t *tool) showRun(folder string) error {
	r, err := report.Load([]string{folder})
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, f := range r.Findings() {
		fmt.Fprintln(&b, wrap(f.String(), "  ", width(t.stdout)))
	}
	for _, s := range r.Suites {
		for _, g := range s.Granularities() {
			fmt.Fprintln(&b, wrap(g.String(), "  ", width(t.stdout)))
		}
		if d, ok := s.Decision(); ok {
			fmt.Fprintln(&b, wrap(d.String(), "  ", width(t.stdout)))
		}
	}
	fmt.Fprintln(&b, folder)
	if _, err := io.WriteString(t.stdout, b.String()); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}

// count returns a number and what it counts.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// about returns a time no more exactly than a forecast is.
func about(d time.Duration) string {
	switch {
	case d < time.Second:
		return "less than a second"
	case d < 90*time.Second:
		return fmt.Sprintf("about %d s", (d+time.Second/2)/time.Second)
	case d < 90*time.Minute:
		return fmt.Sprintf("about %d min", (d+time.Minute/2)/time.Minute)
	}
	return fmt.Sprintf("about %.1f h", d.Hours())
}
