package main

import (
	"math/rand/v2"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

// runFlags are the flags of run.
type runFlags struct {
	cellFlags
	preset        string
	rounds        int
	seed          uint64
	sampleTime    time.Duration
	timeout       time.Duration
	profileTime   time.Duration
	chunk         uint64
	noProfile     bool
	out, resume   string
	dryRun, quiet bool
}

// addRunFlags gives the command the flags of run.
func (t *tool) addRunFlags(c *cobra.Command, f *runFlags) {
	fs := c.Flags()
	fs.SortFlags = false
	fs.StringVarP(&f.preset, "preset", "p", defaultPreset, "what the flags below do not say: quick, default, thorough, granularity or decision (see gvp list)")
	complete(c, "preset", presetNames)
	t.addMeasureFlags(c, f)
}

// addMeasureFlags gives the command the flags of run but the preset.
func (t *tool) addMeasureFlags(c *cobra.Command, f *runFlags) {
	fs := c.Flags()
	fs.SortFlags = false
	t.addCellFlags(c, &f.cellFlags, cellHelp{do: "measure", modes: "; serial, the base, always is", defaults: "by preset"}, benchOfRun)
	fs.IntVar(&f.rounds, "rounds", 0, "how often each cell is measured; 6 or more give an interval (default by preset)")
	fs.DurationVar(&f.sampleTime, "sample-time", 0, "how long a sample is to last (default by preset)")
	fs.DurationVar(&f.timeout, "timeout", 0, "how long a sample may take, start and warm-up included (default 1m, or 20 sample times)")
	fs.DurationVar(&f.profileTime, "profile-time", 0, "how long each mode of each workload is profiled after the rounds (default by preset)")
	fs.Uint64Var(&f.chunk, "chunk", 0, "how many units a worker is handed at once, such as 1 (default a share of what is left, of which ever smaller ones remain)")
	fs.BoolVar(&f.noProfile, "no-profile", false, "take no profiles")
	fs.Uint64Var(&f.seed, "seed", 0, "fixes the order of the cells in each round (default random)")
	fs.StringVarP(&f.out, "out", "o", "", "folder in which the run's own folder is made (default results/runs)")
	fs.StringVar(&f.resume, "resume", "", "complete the run in that folder")
	fs.BoolVar(&f.dryRun, "dry-run", false, "say what would be measured and how long it would take")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "no progress, only what went wrong")

	complete(c, "out", dirs)
	complete(c, "resume", dirs)
	for _, name := range []string{"rounds", "sample-time", "timeout", "profile-time", "chunk", "seed"} {
		complete(c, name, cobra.NoFileCompletions)
	}
}

// benchOfRun returns the argument that names run's bench binary.
func benchOfRun(_ *cobra.Command, args []string) string { return firstOf(args) }

func firstOf(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func dirs(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// check finds what the values of the flags themselves say is wrong. Whether
// there is what they name is for the plan to find out.
func (f *runFlags) check(fs *pflag.FlagSet) error {
	if _, err := findPreset(f.preset); err != nil {
		return err
	}
	if fs.Changed("rounds") && f.rounds < 1 {
		return usagef("--rounds: bad value %d: want 1 or more, and 6 or more for an interval", f.rounds)
	}
	for _, name := range []string{"sample-time", "timeout", "profile-time"} {
		if d, err := fs.GetDuration(name); fs.Changed(name) && (err != nil || d <= 0) {
			return usagef("--%s: bad value %v: want a time above zero, such as 250ms", name, d)
		}
	}
	if fs.Changed("chunk") && f.chunk == 0 {
		return usagef("--chunk: bad value 0: want 1 or more, or leave it out for chunks that get smaller")
	}
	if f.noProfile && fs.Changed("profile-time") {
		return usagef("--no-profile and --profile-time exclude each other")
	}
	for _, name := range []string{"out", "resume"} {
		if flag := fs.Lookup(name); flag.Changed && flag.Value.String() == "" {
			return usagef("--%s: the name of the folder is empty", name)
		}
	}
	if f.resume == "" {
		return nil
	}
	var planned []string
	fs.Visit(func(flag *pflag.Flag) {
		if flag.Name != "resume" && flag.Name != "quiet" {
			planned = append(planned, "--"+flag.Name)
		}
	})
	if len(planned) > 0 {
		return usagef("--resume completes a run as it was planned: leave out %s", strings.Join(planned, ", "))
	}
	return nil
}

// options are those of the preset, save for what the flags say otherwise.
func (f *runFlags) options(fs *pflag.FlagSet, catalog results.Catalog, cpus int) (campaign.Options, error) {
	p, err := findPreset(f.preset)
	if err != nil {
		return campaign.Options{}, err
	}
	o := f.cellFlags.options(p, catalog, cpus)
	if fs.Changed("rounds") {
		o.Rounds = f.rounds
	}
	if fs.Changed("sample-time") {
		o.Target = f.sampleTime
	}
	if fs.Changed("profile-time") {
		o.ProfileTime = f.profileTime
	}
	if f.noProfile {
		o.ProfileTime = 0
	}
	if o.Seed = f.seed; !fs.Changed("seed") {
		o.Seed = rand.Uint64()
	}
	o.Timeout, o.Chunk, o.Out = f.timeout, f.chunk, f.out
	return o, nil
}
