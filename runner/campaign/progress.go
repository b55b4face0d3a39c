package campaign

import (
	"time"

	"github.com/gvp-bench/gvp/results"
)

// What a host takes beside its sample: to start and end; and to warm up, which
// the sample's share stands for.
const (
	hostOverhead = 100 * time.Millisecond
	warmUpShare  = 10
)

// newRun returns the run of a plan before it begins.
func newRun(p *Plan) *results.Run {
	o := p.Options
	run := &results.Run{
		Format: results.RunFormat, Command: o.Command,
		Seed: o.Seed, Rounds: o.Rounds, Target: o.Target, Timeout: o.Timeout, Chunk: o.Chunk, ProfileTime: o.ProfileTime,
		Workloads: p.workloads,
	}
	for _, c := range p.Cells {
		run.Cells = append(run.Cells, results.RunCell{Cell: c})
	}
	run.Cells = append(run.Cells, results.RunCell{Cell: p.control()})
	return run
}

// cost returns about how long the host of a slot takes.
func cost(run *results.Run, p Phase) time.Duration {
	switch p {
	case Calibrate:
		return hostOverhead + run.Target
	case Profile:
		return hostOverhead + run.ProfileTime + run.ProfileTime/warmUpShare
	}
	return hostOverhead + run.Target + run.Target/warmUpShare
}

// A progress counts the hosts of a run and compares what a session has taken
// with what was expected.
type progress struct {
	run      *results.Run
	profiled map[string]bool // the cells of the profiling pass
	total    map[Phase]int
	done     map[Phase]int

	begun    time.Time
	expected time.Duration // cost of the hosts that the session has started
}

func newProgress(run *results.Run, cpus int) *progress {
	p := &progress{run: run, profiled: make(map[string]bool), begun: time.Now(), done: make(map[Phase]int)}
	if run.ProfileTime > 0 {
		for _, i := range profiled(run.Cells, cpus) {
			p.profiled[run.Cells[i].Name()] = true
		}
	}
	n := len(run.Cells)
	p.total = map[Phase]int{Calibrate: n, Measure: n * run.Rounds, Profile: len(p.profiled)}
	return p
}

// without takes a cell out of the phases after the calibration.
func (p *progress) without(cell string) {
	p.total[Measure] -= p.run.Rounds
	if p.profiled[cell] {
		p.total[Profile]--
	}
}

// planned returns about how long the rest takes, as planned.
func (p *progress) planned() time.Duration {
	sum := time.Duration(0)
	for phase, n := range p.total {
		sum += time.Duration(n-p.done[phase]) * cost(p.run, phase)
	}
	return sum
}

// remaining returns about how long the rest takes: what was planned, corrected
// by how the session has kept to it so far.
func (p *progress) remaining(now time.Time) time.Duration {
	if p.expected == 0 {
		return p.planned()
	}
	return time.Duration(float64(p.planned()) * float64(now.Sub(p.begun)) / float64(p.expected))
}
