// Package workloads holds the contract between gvp and the work it measures,
// and the built-in workloads, a file each.
//
// A workload is a family of numbered, independent, deterministic units. gvp
// decides where and by how many workers they are done; a workload only knows
// how to do unit i. A complete workload of one's own is about twenty lines:
//
//	var collatz = workloads.Workload{
//		Name:   "collatz",
//		Help:   "length of the Collatz sequence of the unit's number",
//		Params: []workloads.Param{workloads.Int("start", 1000, 1, 1<<40, "number that unit 0 begins with")},
//		New: func(v workloads.Values) (workloads.Job, error) {
//			start := uint64(v.Int("start"))
//			return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
//				return workloads.UnitFunc(func(i uint64) (uint64, error) {
//					steps := uint64(0)
//					for n := start + i; n != 1; steps++ {
//						if n%2 == 0 {
//							n /= 2
//						} else {
//							n = 3*n + 1
//						}
//					}
//					return steps, nil
//				}), nil
//			}}, nil
//		},
//	}
package workloads

// A Workload is a named, parameterised, deterministic family of independent
// units of work.
type Workload struct {
	// Name is a lower-case word, unique in a bench binary.
	Name string

	// Help says in one line what a unit does.
	Help string

	// Note is what a reader of the figures has to know to read them rightly,
	// in one or two sentences; empty if there is nothing. The report prints it.
	Note string

	// Params are the workload's parameters, in the order in which they appear
	// in benchmark names.
	Params []Param

	// New returns the work with its parameters set. The values are complete
	// and within the ranges that Params declare; New checks only what a range
	// cannot say. It does no set-up of its own: in the process modes it runs
	// in every process.
	New func(Values) (Job, error)
}

// A Job is a workload with its parameters set.
type Job struct {
	// BytesPerUnit is how many bytes a unit works through, for B/s; 0 when the
	// work is not about bytes.
	BytesPerUnit int64

	// NewWorker sets up the state of one worker, outside the clock. Ids count
	// from 0 and are unique among the workers of a sample, also across
	// processes. A worker is used by one goroutine.
	NewWorker func(id int) (Worker, error)

	// Cleanup removes what workers that were killed have left behind, and
	// touches nothing of those that live; nil if a worker can leave nothing.
	// It is called when the workers of a sample have ended, however they
	// ended, and it may be called in any process and any number of times.
	Cleanup func() error
}

// A Worker does units, one after another.
type Worker interface {
	// Unit does unit i and returns its digest, which depends on nothing but
	// the workload, its parameters and i. Results that nobody looks at may be
	// optimised away; the digest is what makes them count.
	Unit(i uint64) (digest uint64, err error)

	// Close releases the worker's state, outside the clock.
	Close() error
}

// UnitFunc is a Worker without state to release.
type UnitFunc func(i uint64) (digest uint64, err error)

// Unit calls f.
func (f UnitFunc) Unit(i uint64) (uint64, error) { return f(i) }

// Close does nothing.
func (f UnitFunc) Close() error { return nil }
