package campaign

import "time"

// Options say what a run measures and how. The zero value measures everything
// that the bench binary has, with the defaults named below.
type Options struct {
	// Workloads and Modes choose by name; empty chooses all. serial is the
	// base of every speedup and is measured with any other mode, chosen or not.
	Workloads []string
	Modes     []string

	// Params gives parameters values other than their defaults, by name, for
	// each chosen workload that has the parameter, or by workload.name for one
	// workload, which then overrides the plain name. Several values multiply
	// the cells: each is measured with each of the others.
	Params map[string][]string

	// Together names parameters, as workload.name, whose values go together
	// instead of multiplying the cells: the first of each, the second of each,
	// and so on. They must be given equally many.
	Together []string

	// Workers are the numbers of workers of the modes that can have several;
	// empty means the powers of two up to the number of CPUs, and that number.
	Workers []int

	// Rounds is how often each cell is measured; 0 means 10. Fewer than 6
	// cannot give a finite 95 % interval for a median (2·½⁵ > 0.05).
	Rounds int

	// Seed fixes the order of the cells in each round. It is recorded.
	Seed uint64

	// Target is the wall time aimed at for a sample; 0 means 250 ms.
	Target time.Duration

	// Timeout is how long a host may take for a sample, its start and its
	// warm-up included; 0 means a minute or 20 targets, whichever is more.
	Timeout time.Duration

	// Chunk is the number of units handed to a worker at once; 0 lets what is
	// left of the sample decide (see results.Spec).
	Chunk uint64

	// ProfileTime is how long each mode of each workload is profiled after the
	// rounds; 0 means no profiling.
	ProfileTime time.Duration

	// Command is what the tool was called with, to be recorded.
	Command []string

	// Out is the folder in which the run's own folder is made; empty means
	// results/runs.
	Out string
}

// Bounds of what can be asked for: far above what makes sense, but low enough
// that a slip of the keyboard fails at once and not after a day.
const (
	maxWorkers = 10_000
	maxRounds  = 10_000
	maxCells   = 10_000
	maxSamples = 1_000_000
	minTarget  = time.Millisecond
	maxTarget  = time.Hour
	maxTimeout = 24 * time.Hour
)

const (
	defaultRounds = 10
	defaultTarget = 250 * time.Millisecond
	defaultOut    = "results/runs"
)
