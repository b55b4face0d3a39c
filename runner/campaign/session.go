package campaign

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A session is one stretch of work on a run, from the tool's start to its end.
type session struct {
	claim    *claim
	run      *results.Run
	launcher *launcher
	hooks    Hooks

	samples *results.SampleWriter
	log     *results.LogWriter

	done     map[slot]bool
	failed   map[string]bool // cells whose calibration failed: they are not measured
	failures []Failure
	progress *progress

	digests    digests
	calibrated map[string]results.Fold // by cell: what its calibration computed
	recalled   []results.LogEntry      // of the samples that were taken before
}

// openSession opens the files of a run and recalls from them what is done.
func openSession(c *claim, run *results.Run, bench *Bench, hooks Hooks) (_ *session, err error) {
	s := &session{
		claim: c, run: run, hooks: hooks,
		launcher: &launcher{bench: bench, work: c.work},
		done:     make(map[slot]bool), failed: make(map[string]bool),
		digests: make(digests), calibrated: make(map[string]results.Fold),
		progress: newProgress(run, usableCPUs(run.Machine)),
	}
	var entries []results.LogEntry
	if s.log, entries, err = results.OpenLog(c.folder); err != nil {
		return nil, err
	}
	if s.samples, err = results.OpenSamples(c.folder, config(run)); err != nil {
		return nil, errors.Join(err, s.log.Close())
	}
	entries, kept := reconcile(entries, s.samples.Names())
	if err := s.samples.Keep(kept); err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.recall(entries)
	return s, nil
}

func (s *session) close() error { return errors.Join(s.samples.Close(), s.log.Close()) }

// recall takes over what the log says is done.
func (s *session) recall(entries []results.LogEntry) {
	cells := make(map[string]*results.RunCell)
	for i := range s.run.Cells {
		cells[s.run.Cells[i].Name()] = &s.run.Cells[i]
	}
	for _, e := range entries {
		cell, ok := cells[e.Cell]
		if !ok {
			continue // an entry that is about no cell
		}
		s.setDone(slot{Phase(e.Event), e.Round, e.Cell})
		if !e.OK {
			s.failures = append(s.failures, Failure{Phase(e.Event), e.Round, cell.Cell, e.Error, e.Stderr})
		}
		switch {
		case e.Event == results.LogCalibrate:
			s.setCalibration(cell, e)
		case e.Event == results.LogSample && e.OK && e.Digest != nil:
			s.recalled = append(s.recalled, e)
		}
	}
}

func (s *session) setDone(t slot) {
	if !s.done[t] {
		s.done[t] = true
		s.progress.done[t.phase]++
	}
}

// setCalibration notes what a calibration found. There may be a second entry
// of a cell, which says that its digest was wrong.
func (s *session) setCalibration(cell *results.RunCell, e results.LogEntry) {
	name := cell.Name()
	if !e.OK {
		if !s.failed[name] {
			s.progress.without(name)
		}
		cell.Units, s.failed[name] = 0, true
		return
	}
	cell.Units = e.Units
	if e.Digest != nil {
		s.calibrated[name] = *e.Digest
	}
}

// base is the mode of the reference: that of the control kernel, the last cell.
func (s *session) base() string { return s.run.Cells[len(s.run.Cells)-1].Mode }

// calibrate finds the number of units of each cell's samples.
func (s *session) calibrate(ctx context.Context) error {
	s.tell(Event{Phase: Calibrate})
	for place, i := range order(s.run.Seed, 0, len(s.run.Cells)) {
		cell := &s.run.Cells[i]
		if s.done[slot{Calibrate, 0, cell.Name()}] {
			continue
		}
		e := results.LogEntry{Event: results.LogCalibrate, Order: place + 1}
		spec := s.spec(cell)
		spec.Units, spec.Cuts = 0, nil
		a, err := s.host(ctx, Calibrate, spec, &e)
		if err != nil {
			return err
		}
		if a.err == nil {
			e.Units = a.sample.Units
			if a.sample.Digest.Units > 0 {
				e.Digest = &a.sample.Digest
			}
		}
		s.setCalibration(cell, e)
		if err := s.note(cell.Cell, e, nil); err != nil {
			return err
		}
	}
	if err := s.compareCalibrations(); err != nil {
		return err
	}
	return s.run.Write(s.claim.folder)
}

// compareCalibrations finds the cells that do other work than serial does,
// before anything is measured: later it would be whoever came first against
// the rest.
func (s *session) compareCalibrations() error {
	for _, base := range []bool{true, false} {
		for i := range s.run.Cells {
			cell := &s.run.Cells[i]
			name := cell.Name()
			fold, ok := s.calibrated[name]
			if (cell.Mode == s.base()) != base || !ok || s.failed[name] {
				continue
			}
			if err := s.digests.check(cell.Cell, fold, s.base()); err != nil {
				e := results.LogEntry{Event: results.LogCalibrate, Time: now(), Error: err.Error(), Digest: &fold}
				s.setCalibration(cell, e)
				if err := s.note(cell.Cell, e, nil); err != nil {
					return err
				}
			}
		}
	}
	for _, cell := range s.run.Cells {
		for _, e := range s.recalled {
			if e.Cell == cell.Name() {
				_ = s.digests.check(cell.Cell, *e.Digest, s.base()) // it was right when it was taken
			}
		}
	}
	return nil
}

// measure takes the samples: in each round one of each cell, in a new order.
func (s *session) measure(ctx context.Context) error {
	s.tell(Event{Phase: Measure})
	for round := 1; round <= s.run.Rounds; round++ {
		for place, i := range order(s.run.Seed, round, len(s.run.Cells)) {
			cell := &s.run.Cells[i]
			if s.failed[cell.Name()] || s.done[slot{Measure, round, cell.Name()}] {
				continue
			}
			e := results.LogEntry{Event: results.LogSample, Round: round, Order: place + 1}
			a, err := s.host(ctx, Measure, s.spec(cell), &e)
			if err != nil {
				return err
			}
			if err := s.keep(cell.Cell, a, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep checks a sample's digest and writes the sample, then its log entry:
// what the log says to be there is there.
func (s *session) keep(c results.Cell, a *answer, e results.LogEntry) error {
	if a.err == nil {
		e.Units, e.Digest, e.Processes = a.sample.Units, &a.sample.Digest, a.sample.Processes
		if err := s.digests.check(c, a.sample.Digest, s.base()); err != nil {
			e.OK, e.Error = false, err.Error()
		}
	}
	var metrics []results.Metric
	if e.OK {
		metrics = append(a.sample.Metrics, a.noise...)
		if err := s.samples.Write(c, a.sample.Units, metrics); err != nil {
			return err
		}
	}
	return s.note(c, e, metrics)
}

// profile takes the CPU profiles, in hosts that are not measured.
func (s *session) profile(ctx context.Context) error {
	if s.run.ProfileTime == 0 {
		return nil
	}
	s.tell(Event{Phase: Profile})
	dir, err := filepath.Abs(filepath.Join(s.claim.work, "profiles"))
	if err != nil {
		return fmt.Errorf("cannot write in the run's folder: %w", err)
	}
	for _, i := range profiled(s.run.Cells, usableCPUs(s.run.Machine)) {
		cell := &s.run.Cells[i]
		if s.failed[cell.Name()] || s.done[slot{Profile, 0, cell.Name()}] {
			continue
		}
		if err := removeContents(dir); err != nil {
			return err
		}
		spec := s.spec(cell)
		spec.Profile, spec.Units = dir, profileUnits(cell.Units, cell.Workers, s.run.Target, s.run.ProfileTime)
		e := results.LogEntry{Event: results.LogProfile, Units: spec.Units}
		a, err := s.host(ctx, Profile, spec, &e)
		if err != nil {
			return err
		}
		if a.err == nil && s.hooks.Profiles != nil {
			if err := s.hooks.Profiles(s.claim.folder, dir, cell.Cell); err != nil {
				e.OK, e.Error = false, err.Error()
			}
		}
		if err := s.note(cell.Cell, e, nil); err != nil {
			return err
		}
	}
	return nil
}

// profileUnits scales a sample up to the time of a profile, in whole turns of
// the workers.
func profileUnits(units uint64, workers int, target, want time.Duration) uint64 {
	turns := float64(units) * float64(want) / float64(target) / float64(workers)
	return max(1, uint64(turns+0.5)) * uint64(workers)
}

// spec asks for a sample of a cell.
func (s *session) spec(cell *results.RunCell) results.Spec {
	return results.Spec{
		Protocol: results.ProtocolVersion, Cell: cell.Cell,
		Units: cell.Units, Target: s.run.Target, Chunk: s.run.Chunk,
		Cuts: results.CutsOf(cell.Units, s.lengths(cell.Row())),
	}
}

// lengths returns the numbers of units of the cells of a row. Folds cut there
// can be compared on all units that two samples share.
func (s *session) lengths(row string) []uint64 {
	var ns []uint64
	for _, c := range s.run.Cells {
		if c.Row() == row {
			ns = append(ns, c.Units)
		}
	}
	return ns
}

// host runs one host and notes in e how that went.
func (s *session) host(ctx context.Context, phase Phase, spec results.Spec, e *results.LogEntry) (*answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	timeout := s.run.Timeout
	if phase == Profile {
		timeout += s.run.ProfileTime
	}
	a, err := s.launcher.take(ctx, spec, timeout)
	if err != nil {
		return nil, err
	}
	s.progress.expected += cost(s.run, phase)
	e.Time, e.PID, e.Wall, e.Noise = a.started.UTC(), a.pid, a.wall.Seconds(), a.noise
	e.OK = a.err == nil
	if a.err != nil {
		e.Error, e.Stderr = a.err.Error(), a.stderr
	}
	return a, nil
}

// note writes an entry to the log and tells the caller.
func (s *session) note(c results.Cell, e results.LogEntry, metrics []results.Metric) error {
	e.Cell = c.Name()
	if err := s.log.Write(e); err != nil {
		return err
	}
	phase := Phase(e.Event)
	s.setDone(slot{phase, e.Round, e.Cell})
	event := Event{Phase: phase, Round: e.Round, Cell: &c, Units: e.Units, Metrics: metrics}
	if !e.OK {
		f := Failure{phase, e.Round, c, e.Error, e.Stderr}
		s.failures = append(s.failures, f)
		event.Failure = &f
	}
	s.tell(event)
	return nil
}

// tell completes an event and passes it on.
func (s *session) tell(e Event) {
	if s.hooks.Event == nil {
		return
	}
	p := s.progress
	e.Done, e.Total, e.Remaining = p.done[e.Phase], p.total[e.Phase], p.remaining(time.Now())
	s.hooks.Event(e)
}
