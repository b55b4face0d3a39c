package runner

import (
	"fmt"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

// A span is the units from lo up to, not including, hi.
type span struct {
	lo, hi uint64
	tell   bool // whoever has handed it out waits to be told that it is done
}

// A member is one worker's own state: nothing in it is shared while it works.
type member struct {
	worker  workloads.Worker
	fold    results.Fold
	latency *histogram

	_ [128]byte // what the next member writes lies on other cache lines
}

func newMember(t task, id int) (*member, error) {
	w, err := t.job.NewWorker(id)
	if err != nil {
		return nil, fmt.Errorf("set up worker %d: %w", id, err)
	}
	return &member{worker: w, fold: results.NewFold(t.cuts), latency: newHistogram()}, nil
}

// begin forgets what was done so far.
func (m *member) begin() {
	m.fold.Reset()
	m.latency.reset()
}

// do does the units of s. One reading of the clock a unit serves as the end of
// one and the start of the next.
func (m *member) do(s span) error {
	start := time.Now()
	var last time.Duration
	for i := s.lo; i < s.hi; i++ {
		digest, err := m.worker.Unit(i)
		if err != nil {
			return fmt.Errorf("unit %d: %w", i, err)
		}
		m.fold.Add(i, digest)
		now := time.Since(start)
		m.latency.record(now - last)
		last = now
	}
	return nil
}

// warm does units 0 to n-1 without counting them.
func (m *member) warm(n uint64) error {
	m.begin()
	err := m.do(span{hi: n})
	m.begin()
	return err
}

func (m *member) close() error { return m.worker.Close() }
