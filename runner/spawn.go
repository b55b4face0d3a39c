package runner

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/workloads"
)

// spawn starts a new process for each unit, so that starting is part of the
// unit's cost. It is a team whose workers do a unit by having a process do it.
type spawn struct{}

func (spawn) describe() results.CatalogMode {
	return results.CatalogMode{Name: "spawn", Help: "a new process for each unit, started cold, as many at once as there are workers, GOMAXPROCS=1 each"}
}

// gomaxprocs lets the host start and wait for its processes side by side.
func (spawn) gomaxprocs(workers, cpus int) int { return min(workers, cpus) }

func (spawn) start(ctx context.Context, t task) (crew, error) {
	c := &spawnCrew{task: t}
	starting := t
	starting.job = workloads.Job{NewWorker: func(id int) (workloads.Worker, error) {
		s := &spawner{ctx: ctx, task: t, id: id}
		c.spawners = append(c.spawners, s)
		return s, nil
	}}
	var err error
	c.team, err = newTeam(starting, 0, t.cell.Workers, false)
	return c, err
}

type spawnCrew struct {
	*team
	task     task
	spawners []*spawner
}

// warm leaves what it used out of the count, but for the heap, which is read
// here alone: a process that counts what it has allocated has to give all its
// free lists back, which takes it the better part of a millisecond, a tenth of
// what it costs altogether. Off the clock that is nobody's, and what the first
// units allocate stands for the rest.
func (c *spawnCrew) warm(ctx context.Context, n uint64) error {
	for _, s := range c.spawners {
		s.metering, s.heap, s.metered = true, heap{}, 0
	}
	err := c.team.warm(ctx, n)
	for _, s := range c.spawners {
		s.metering, s.ended, s.done = false, system{}, 0
	}
	return err
}

// report adds what the unit processes used: by the system's count, or, of the
// heap, as many times what those of the warm-up used. Their memory is that of as
// many fresh processes with one unit done, since the real ones are gone.
func (c *spawnCrew) report(ctx context.Context) (crewReport, error) {
	p, err := newPool(ctx, c.task, slices.Repeat([]int{1}, len(c.spawners)))
	if err != nil {
		return crewReport{}, err
	}
	err = p.warm(ctx, 1)
	r, rerr := p.report(ctx)
	if err := errors.Join(err, rerr, p.close()); err != nil {
		return crewReport{}, err
	}
	r.latency = c.latency()
	r.used = usage{}
	for _, s := range c.spawners {
		r.used = r.used.plus(usage{system: s.ended, heap: s.heap.times(s.done / s.metered)})
	}
	return r, nil
}

// A spawner is a worker that does each unit in a new process.
type spawner struct {
	ctx  context.Context // of the crew, as long as its workers
	task task
	id   int

	done  float64 // units since the warm-up
	ended system  // what their processes used

	metering bool    // whether the processes read their heap
	metered  float64 // how many have done so
	heap     heap    // what those used
}

// unitSpec is what a unit's process is told.
type unitSpec struct {
	Workload string            `json:"workload"`
	Values   map[string]string `json:"values"`
	Worker   int               `json:"worker"`
	Unit     uint64            `json:"unit"`
	Meter    bool              `json:"meter,omitempty"`   // whether to read the heap
	Profile  string            `json:"profile,omitempty"` // file for a CPU profile
}

// unitResult is what a unit's process answers.
type unitResult struct {
	Digest uint64 `json:"digest"`
	Heap   *heap  `json:"heap,omitempty"`
}

func (s *spawner) Unit(i uint64) (uint64, error) {
	spec := unitSpec{Workload: s.task.cell.Workload, Values: s.task.cell.Values(), Worker: s.id, Unit: i, Meter: s.metering}
	if s.task.profile != "" {
		spec.Profile = filepath.Join(s.task.profile, fmt.Sprintf("w%d-%d.pb.gz", s.id, i))
	}
	p, err := s.task.runner.unit.Start(spec, multiproc.Options{Env: []string{"GOMAXPROCS=" + strconv.Itoa(1)}})
	if err != nil {
		return 0, err
	}
	stop := context.AfterFunc(s.ctx, func() { _ = p.Kill() })
	defer stop()
	r, err := p.Join(context.WithoutCancel(s.ctx))
	if err != nil {
		return 0, fmt.Errorf("process %d: %w", p.PID(), fate(err))
	}
	s.done++
	s.ended = usage{system: s.ended}.plus(usage{system: endedUsage(p.State())}).system
	if r.Heap != nil {
		s.metered++
		s.heap = usage{heap: s.heap}.plus(usage{heap: *r.Heap}).heap
	}
	return r.Digest, nil
}

func (s *spawner) Close() error { return nil }

// doUnit is the life of a unit's process.
func (r *Runner) doUnit(_ context.Context, spec unitSpec) (res unitResult, err error) {
	stop, err := startProfile(spec.Profile)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	job, err := r.job(spec.Workload, spec.Values)
	if err != nil {
		return res, err
	}
	w, err := job.NewWorker(spec.Worker)
	if err != nil {
		return res, fmt.Errorf("set up worker %d: %w", spec.Worker, err)
	}
	digest, err := w.Unit(spec.Unit)
	if err := errors.Join(err, w.Close()); err != nil {
		return res, err
	}
	res.Digest = digest
	if spec.Meter {
		h := heapAtEnd()
		res.Heap = &h
	}
	return res, nil
}
