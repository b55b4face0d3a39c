package check

import (
	"time"

	"github.com/gvp-bench/gvp/results/checks"
)

// A Phase is a part of a check.
type Phase string

// The phases, in their order.
const (
	Prepare   Phase = "prepare"   // getting hold of a side
	Build     Phase = "build"     // building its binaries
	Discover  Phase = "discover"  // finding out what benchmarks there are
	Calibrate Phase = "calibrate" // finding the number of iterations of each
	Measure   Phase = "measure"   // the rounds
	Profile   Phase = "profile"
)

// An Event tells how far a check is. There is one when a step begins, and one
// after each process that was to measure, never while one does.
type Event struct {
	Phase Phase
	Side  string // if it is about one
	What  string // what is at hand: a revision, a package, a benchmark

	// Note is something that the user should know, as a line; most events have
	// none.
	Note string

	Round, Rounds int // of Measure: from 1, and how many there are at most
	Done, Total   int // steps of the phase or, of Measure, processes of the round

	// Remaining is about how long measuring goes on if all rounds are needed, for
	// all benchmarks of this one.
	Remaining time.Duration

	Sample  *checks.Sample  // what was just measured, good or not
	Failure *checks.Failure // what just went wrong
}

// Measured is what there is of a benchmark.
type Measured struct {
	Benchmark string
	Pairs     int             // rounds in which both sides were measured
	Series    []checks.Series // a Series for each unit
	Failed    string          // why it was given up, if it was; it gets no more pairs
}

// Hooks are what a caller takes part in a check with.
type Hooks struct {
	// Need is asked before the first round and after each one how many pairs
	// each benchmark is to have in all; one that it does not name is to have no
	// more. Without Need, there are as many as rounds.
	Need func([]Measured) map[string]int

	// Event, if there is one, is told how far the check is.
	Event func(Event)
}

func (h Hooks) tell(e Event) {
	if h.Event != nil {
		h.Event(e)
	}
}
