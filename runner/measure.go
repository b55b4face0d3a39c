package runner

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

// A Clock is told when the measured part of a sample begins and ends, before
// and after the sample's own readings. Nil functions are not called.
type Clock struct{ Start, Stop func() }

// Measure takes one sample in this process, or calibrates if spec.Units is 0,
// or only checks whether a worker can be set up, if spec.Check says so.
// It sets GOMAXPROCS for as long as it takes, so a process does one at a time.
func (r *Runner) Measure(ctx context.Context, spec results.Spec, clock Clock) (_ *results.Sample, err error) {
	m, err := findMode(spec.Cell.Mode)
	if err != nil {
		return nil, err
	}
	if n := spec.Cell.Workers; n < 1 || n > 1 && m.describe().Single {
		return nil, fmt.Errorf("mode %s does not work with %d workers", spec.Cell.Mode, n)
	}
	job, err := r.job(spec.Cell.Workload, spec.Cell.Values())
	if err != nil {
		return nil, err
	}
	if spec.Check {
		return &results.Sample{}, check(job)
	}
	t := task{runner: r, job: job, cell: spec.Cell, cpus: runtime.NumCPU(), cuts: spec.Cuts, profile: spec.Profile}
	if t.cuts == nil {
		t.cuts = results.CutsOf(mostUnits, nil)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(m.gomaxprocs(spec.Cell.Workers, t.cpus)))
	if t.profile != "" {
		stop, err := startProfile(filepath.Join(t.profile, "host.pb.gz"))
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}

	begin := time.Now()
	c, err := m.start(ctx, t)
	startup := time.Since(begin)
	if err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, c.close())
		if job.Cleanup != nil {
			err = errors.Join(err, job.Cleanup()) // of worker processes that died
		}
	}()
	if spec.Units == 0 {
		return calibrate(ctx, c, spec)
	}
	s, err := take(ctx, c, spec, clock)
	if err != nil {
		return nil, err
	}
	return s.sample(job, startup), nil
}

// check sets up one worker and releases it.
func check(job workloads.Job) error {
	w, err := job.NewWorker(0)
	if err == nil {
		err = w.Close()
	}
	if job.Cleanup != nil {
		err = errors.Join(err, job.Cleanup())
	}
	return err
}

// calibrate finds the number of units that last about spec.Target.
func calibrate(ctx context.Context, c crew, spec results.Spec) (*results.Sample, error) {
	if err := c.warm(ctx, 1); err != nil {
		return nil, err
	}
	workers := uint64(spec.Cell.Workers)
	for n := workers; ; {
		begin := time.Now()
		fold, err := c.do(ctx, n, spec.Chunk)
		if err != nil {
			return nil, err
		}
		took := max(time.Since(begin), 1)
		want := float64(n) * float64(spec.Target) / float64(took)
		// A quarter of the target is long enough to scale up from.
		if took >= spec.Target/4 || n >= mostUnits {
			// A whole number of turns, so that waiting work, whose turns all
			// take the same time, does not end with some workers idle.
			turns := max(1, uint64(want/float64(workers)+0.5))
			return &results.Sample{Units: min(turns*workers, mostUnits), Digest: fold}, nil
		}
		n = min(mostUnits, max(2*n, min(100*n, uint64(want/2))))
	}
}

// mostUnits bounds a sample of units that take no time at all.
const mostUnits = 1 << 40

// A reading is what was read around the measured part of a sample.
type reading struct {
	units   uint64
	fold    results.Fold
	wall    time.Duration
	used    usage
	report  crewReport
	hostCPU int // GOMAXPROCS of the host
}

// take warms the crew up and takes the sample.
func take(ctx context.Context, c crew, spec results.Spec, clock Clock) (*reading, error) {
	r := &reading{units: spec.Units, hostCPU: runtime.GOMAXPROCS(0)}
	// A tenth of a worker's share: some 25 ms of a 250 ms sample.
	if err := c.warm(ctx, max(1, spec.Units/uint64(10*spec.Cell.Workers))); err != nil {
		return nil, fmt.Errorf("warm up: %w", err)
	}
	runtime.GC() // no garbage of the start-up is collected on the clock
	meter := newMeter()
	before, err := meter.usage()
	if err != nil {
		return nil, err
	}
	if clock.Start != nil {
		clock.Start()
	}
	begin := time.Now()
	r.fold, err = c.do(ctx, spec.Units, spec.Chunk)
	r.wall = time.Since(begin)
	if clock.Stop != nil {
		clock.Stop()
	}
	if err != nil {
		return nil, err
	}
	after, err := meter.usage()
	if err != nil {
		return nil, err
	}
	if r.report, err = c.report(ctx); err != nil {
		return nil, err
	}
	if r.fold.Units != spec.Units {
		return nil, fmt.Errorf("%d units were done, not the %d handed out", r.fold.Units, spec.Units)
	}
	r.used = after.minus(before).plus(r.report.used)
	return r, nil
}
