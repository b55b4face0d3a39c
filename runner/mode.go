package runner

import (
	"context"
	"fmt"
	"strings"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

// A mode is where the workers live: the one thing that differs between two
// compared samples.
type mode interface {
	describe() results.CatalogMode

	// gomaxprocs is that of the host's process. It is asked on a machine with
	// the given number of CPUs.
	gomaxprocs(workers, cpus int) int

	// start brings up the workers and returns when each is ready.
	start(ctx context.Context, t task) (crew, error)
}

// modes is the registry: serial, the base of every speedup, comes first.
func modes() []mode {
	return []mode{
		serial{},
		goroutine{},
		gomaxprocs1{},
		thread{},
		process{},
		spawn{},
		hybrid{},
	}
}

func findMode(name string) (mode, error) {
	var names []string
	for _, m := range modes() {
		if m.describe().Name == name {
			return m, nil
		}
		names = append(names, m.describe().Name)
	}
	return nil, fmt.Errorf("unknown mode %q: want one of %s", name, strings.Join(names, ", "))
}

// A task is what a crew is brought up for.
type task struct {
	runner *Runner
	job    workloads.Job
	cell   results.Cell
	cpus   int

	// cuts are where folded digests are cut.
	cuts []uint64

	// profile is the folder for CPU profiles, empty for none.
	profile string
}

// A crew is the workers of one sample, wherever they live.
type crew interface {
	// warm has every worker do units 0 to n-1, so that the first unit on the
	// clock finds warm caches, a grown heap and open connections.
	warm(ctx context.Context, n uint64) error

	// do hands out units 0 to n-1, chunk at a time (see dispenser), and returns
	// their folded digests when the last one is in. Between the call and the return lies
	// what the clock measures.
	do(ctx context.Context, n, chunk uint64) (results.Fold, error)

	// report says, outside the clock, what the workers saw of the last do.
	report(ctx context.Context) (crewReport, error)

	// close ends the workers and returns when they are gone.
	close() error
}

// A crewReport is what the workers of a crew saw of the last do.
type crewReport struct {
	// latency counts, in nanoseconds, what each unit took.
	latency *histogram

	// used is what the crew's other processes used; in modes whose workers
	// live in the host itself, nothing. Of processes that have ended, the
	// host's own readings cover what the system counts.
	used usage

	// peak is the sum of the living processes' memory at their peaks, bytes.
	peak int64

	// processes are those that the host started, as they run.
	processes []results.Process
}
