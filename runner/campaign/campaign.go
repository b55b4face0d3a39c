package campaign

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// Run measures the plan into a new folder. The summary is that of what was
// measured; with an error, too, unless the run could not even begin.
func Run(ctx context.Context, plan *Plan, bench *Bench, hooks Hooks) (*Summary, error) {
	run := newRun(plan)
	run.Started = time.Now().UTC().Truncate(time.Second)
	run.Machine, run.Bench = ReadMachine(), bench.Binary
	folder, err := results.NewFolder(plan.Options.Out, "run", run.Started)
	if err != nil {
		return nil, err
	}
	c, err := claimFolder(folder)
	if err != nil {
		return nil, err
	}
	if err := run.Write(folder); err != nil {
		return nil, errors.Join(err, c.release(false))
	}
	return execute(ctx, c, run, bench, hooks)
}

// Resume completes the run in folder, wherever it was cut off, in the order
// in which it would have gone on. It refuses to with another bench binary or on
// another machine, and says what differs. What has failed stays failed.
func Resume(ctx context.Context, folder string, bench *Bench, hooks Hooks) (*Summary, error) {
	// Before anything is made in a folder that may not be a run's.
	if _, err := results.ReadRun(folder); errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%s is not the folder of a run: it is no folder", folder)
	} else if err != nil {
		return nil, err
	}
	c, err := claimFolder(folder)
	if err != nil {
		return nil, err
	}
	run, err := results.ReadRun(folder) // nobody changes it any more
	if err == nil {
		err = checkSame(&run, bench)
	}
	if err != nil {
		return nil, errors.Join(err, c.release(run.Finished))
	}
	return execute(ctx, c, &run, bench, hooks)
}

// checkSame refuses what would make the second part of a run incomparable with
// the first.
func checkSame(run *results.Run, bench *Bench) error {
	if run.Finished {
		return nil
	}
	if run.Bench.SHA256 != bench.Binary.SHA256 {
		return fmt.Errorf("cannot resume with another bench binary than the run began with (%s): use that one, or make a new run",
			strings.Join(brief(run.Bench).Diff(brief(bench.Binary)), "; "))
	}
	if diff := run.Machine.Diff(ReadMachine()); len(diff) > 0 {
		return fmt.Errorf("cannot resume where the machine or its settings differ from those that the run began with (%s): make a new run",
			strings.Join(diff, "; "))
	}
	return nil
}

// brief shortens a binary's hash to what tells two of them apart for people.
func brief(b results.Binary) results.Binary {
	b.SHA256 = b.SHA256[:min(12, len(b.SHA256))]
	return b
}

// execute does what is left of a run in a folder that is this process's own.
func execute(ctx context.Context, c *claim, run *results.Run, bench *Bench, hooks Hooks) (*Summary, error) {
	s, err := openSession(c, run, bench, hooks)
	if err != nil {
		return nil, errors.Join(err, c.release(false))
	}
	if !run.Finished {
		err = s.work(ctx)
	}
	if err != nil {
		err = s.explain(ctx, err)
	}
	err = errors.Join(err, s.close())
	summary := s.summary()
	return summary, errors.Join(err, c.release(run.Finished))
}

// work does all phases and notes their beginning and end in the log.
func (s *session) work(ctx context.Context) error {
	start := results.LogEntry{Event: results.LogStart, Time: now(), OK: true, Samples: len(s.samples.Names())}
	if err := s.log.Write(start); err != nil {
		return err
	}
	err := s.phases(ctx)
	stop := results.LogEntry{Event: results.LogStop, Time: now(), OK: err == nil}
	if err != nil {
		stop.Error = err.Error()
	}
	// A log that cannot be written is most likely why we are here.
	return cmp.Or(err, s.log.Write(stop))
}

func (s *session) phases(ctx context.Context) error {
	for _, phase := range []func(context.Context) error{s.calibrate, s.measure, s.profile} {
		if err := phase(ctx); err != nil {
			return err
		}
	}
	s.run.Finished = true
	if err := s.run.Write(s.claim.folder); err != nil {
		s.run.Finished = false
		return err
	}
	return nil
}

// explain adds to an error that ended a run what has become of the run and what
// can be done.
func (s *session) explain(ctx context.Context, err error) error {
	if gone := s.claim.present(); gone != nil {
		return fmt.Errorf("%w; if it was moved, the samples are in it and it can be completed where it is now", gone)
	}
	if ctx.Err() != nil {
		left, unclean := errors.AsType[*CleanupError](err)
		err = errors.New("interrupted")
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
			err = fmt.Errorf("interrupted: %w", cause)
		}
		if unclean {
			err = fmt.Errorf("%w; %w", err, left)
		}
	}
	way := "to complete the run: gvp run --resume " + s.claim.folder
	if s.launcher.bench.unchanged() != nil {
		way = "make a new run, or put the old bench binary back and complete this one"
	}
	return fmt.Errorf("%w; the %d samples so far are kept in %s; %s", err, len(s.samples.Names()), s.claim.folder, way)
}

// summary says what became of the run.
func (s *session) summary() *Summary {
	sum := &Summary{
		Folder: s.claim.folder, Finished: s.run.Finished, Samples: len(s.samples.Names()),
		Failures: s.failures,
	}
	if sum.Samples == 0 {
		return sum
	}
	// As the report will: from the samples.
	set, err := samples.ReadFiles([]string{"=" + s.claim.folder})
	if err == nil { // if not, the run's own error says so
		sum.Noise = samples.JudgeNoise(samples.NoiseOf(set.Series))
	}
	return sum
}

func now() time.Time { return time.Now().UTC() }

// usableCPUs is how many CPUs a mode can have.
func usableCPUs(m results.Machine) int { return max(1, m.UsableCPUs) }

// removeContents empties a folder, or makes it.
func removeContents(dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("cannot write in the run's folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("cannot write in the run's folder: %w", err)
	}
	return nil
}
