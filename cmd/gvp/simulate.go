package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// simulateFlags are the flags of simulate.
type simulateFlags struct {
	decisions, rounds, runs int
	effects                 percents
	margin, alpha           float64
	seed                    uint64
}

func (t *tool) simulateCommand() *cobra.Command {
	f := simulateFlags{effects: percents{2, 5, 10}}
	c := &cobra.Command{
		Use:   "simulate check...",
		Short: "Say what a check would find with so many rounds",
		Long: `simulate plays checks with the noise that real ones have recorded, and says how
often they would cry wolf and what slowdowns they would find with so many rounds,
so that you can choose the number. An argument is the folder of a check; one of a
revision with itself is best.`,
		Example: `  gvp check --base HEAD --head HEAD
  gvp simulate results/checks/20260102T150405Z
  gvp simulate --rounds 50 --effect 3,5 results/checks/*`,
		RunE: func(_ *cobra.Command, args []string) error { return t.simulate(&f, args) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	fs.IntVar(&f.rounds, "rounds", 30, "how often each benchmark is measured at most, until something is found")
	fs.IntVar(&f.decisions, "decisions", 0, "decisions in a check (default those recorded)")
	fs.Var(&f.effects, "effect", "slowdowns that are put in, in per cent")
	fs.Float64Var(&f.margin, "margin", 3, "the change for the worse, in per cent, from which on it is a regression")
	fs.Float64Var(&f.alpha, "alpha", 0.05, "the chance of any false regression in a check; also that of calling a benchmark fine which is worse by the margin")
	fs.IntVar(&f.runs, "runs", 1000, "how many checks are played for each line")
	fs.Uint64Var(&f.seed, "seed", 1, "of the draws: the same gives the same")
	for _, name := range []string{"rounds", "decisions", "effect", "margin", "alpha", "runs", "seed"} {
		complete(c, name, cobra.NoFileCompletions)
	}
	return c
}

func (t *tool) simulate(f *simulateFlags, folders []string) error {
	if len(folders) == 0 {
		return usagef("simulate needs the folder of a check, such as results/checks/20260102T150405Z")
	}
	const most = 1_000_000
	for _, n := range []struct {
		name  string
		value int
		least int
	}{{"rounds", f.rounds, 1}, {"decisions", f.decisions, 0}, {"runs", f.runs, 1}} {
		if n.value < n.least || n.value > most {
			return usagef("--%s: bad value %d: want %d to %d", n.name, n.value, n.least, most)
		}
	}
	noise, err := recordedNoise(folders)
	if err != nil {
		return err
	}
	s := verdict.Simulation{Noise: noise, Decisions: f.decisions, Runs: f.runs, Seed: f.seed}
	for _, e := range f.effects {
		s.Effects = append(s.Effects, e/100)
	}
	if s.Plan, err = planOf(f.margin, f.alpha, cmp.Or(f.decisions, len(noise)), f.rounds); err != nil {
		return err
	}
	outcomes, err := s.Run()
	if err != nil {
		return usageError{err}
	}
	if err := gate.WriteSimulation(t.stdout, s, outcomes, gate.TextOptions{Width: width(t.stdout)}); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}

// recordedNoise returns the noise of the times in checks, benchmark by benchmark. The
// pairs of each check stay by themselves: what changed between two is no noise.
func recordedNoise(folders []string) ([]verdict.Noise, error) {
	var names []string
	pairs := make(map[string][][]float64)
	const least = 5 // pairs of a check, of which fewer say little of their noise
	for _, folder := range folders {
		record, err := checks.Read(folder)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usageError{err}
		}
		if err != nil {
			return nil, err
		}
		series, _ := checks.Pairs(record.Samples)
		for _, s := range series {
			if s.Unit != results.SecPerOp || s.Benchmark == checks.ControlName {
				continue
			}
			var logs []float64
			for _, p := range s.Pairs {
				if p.Base > 0 && p.Head > 0 {
					logs = append(logs, math.Log(p.Head/p.Base))
				}
			}
			if len(logs) < least {
				continue
			}
			if pairs[s.Benchmark] == nil {
				names = append(names, s.Benchmark)
			}
			pairs[s.Benchmark] = append(pairs[s.Benchmark], logs)
		}
	}
	var noise []verdict.Noise
	for _, name := range names {
		noise = append(noise, verdict.Noise{Pairs: pairs[name]})
	}
	if len(noise) == 0 {
		return nil, usagef("no benchmark was measured in %d rounds or more there: check with more of them first", least)
	}
	return noise, nil
}
