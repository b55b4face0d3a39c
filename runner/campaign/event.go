package campaign

import (
	"time"

	"github.com/gvp-bench/gvp/results"
)

// A Phase is a part of a run.
type Phase string

// The phases, in their order.
const (
	Calibrate Phase = results.LogCalibrate // finding how many units make a sample
	Measure   Phase = results.LogSample    // the rounds
	Profile   Phase = results.LogProfile   // CPU profiles, in hosts of their own
)

// An Event tells how far a run is. There is one when a phase begins (its Cell
// is nil) and one after each host.
type Event struct {
	Phase Phase
	Done  int // hosts of the phase that are done, those of before a resume included
	Total int // hosts of the phase

	// Remaining is how long the rest of the run will take, all phases: what
	// was planned, scaled by how the run has kept to it so far.
	Remaining time.Duration

	Round   int              // of a sample, from 1
	Cell    *results.Cell    // what the host did
	Units   uint64           // of the sample, or as found by calibration
	Metrics []results.Metric // of a sample; with those of noise
	Failure *Failure         // what went wrong; nil if nothing did
}

// A Failure is something that could not be measured. The run goes on without.
type Failure struct {
	Phase  Phase
	Round  int // of a sample, from 1
	Cell   results.Cell
	Err    string
	Stderr string // the end of what the host wrote to its standard error
}

// Hooks are what a caller takes part in a run with. Nil ones are not called.
type Hooks struct {
	// Event is called between hosts, never while one measures.
	Event func(Event)

	// Profiles is given the folder dir with the CPU profiles of one host's
	// processes, and merges them into the profiles of the run in folder run.
	// dir is removed when it returns.
	Profiles func(run, dir string, cell results.Cell) error
}

// A Summary is what became of a run.
type Summary struct {
	Folder   string // of the run
	Finished bool
	Samples  int // in the sample file, those of the control kernel included

	// Failures are all of the run's, those of before a resume included.
	Failures []Failure

	// Noise are warnings about the machine that the samples were taken on, as
	// by [samples.JudgeNoise].
	Noise []string
}
