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

// slots returns all that a run does.
func slots(run *results.Run, cpus int) []slot {
	var all []slot
	for _, c := range run.Cells {
		all = append(all, slot{Calibrate, 0, c.Name()})
		for round := range run.Rounds {
			all = append(all, slot{Measure, round + 1, c.Name()})
		}
	}
	if run.ProfileTime > 0 {
		for _, i := range profiled(run.Cells, cpus) {
			all = append(all, slot{Profile, 0, run.Cells[i].Name()})
		}
	}
	return all
}

// estimate returns about how long the slots take that are not done.
func estimate(run *results.Run, cpus int, done func(slot) bool) time.Duration {
	sum := time.Duration(0)
	for _, s := range slots(run, cpus) {
		if !done(s) {
			sum += cost(run, s.phase)
		}
	}
	return sum
}

// A progress compares what a session has taken with what was expected.
type progress struct {
	begun    time.Time
	expected time.Duration // cost of the hosts that the session has started
}

// scale corrects an estimate by how the session has kept to it.
func (p *progress) scale(left time.Duration, now time.Time) time.Duration {
	if p.expected == 0 {
		return left
	}
	return time.Duration(float64(left) * float64(now.Sub(p.begun)) / float64(p.expected))
}
