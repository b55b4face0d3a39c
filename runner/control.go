package runner

import (
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

// control is the fixed kernel that every bench binary has: a chain of dependent
// multiplications that touches no memory, so that its time moves only when the
// machine's speed does.
var control = workloads.Workload{
	Name: results.ControlWorkload,
	Help: "a fixed kernel that shows whether the machine itself moved",
	New: func(workloads.Values) (workloads.Job, error) {
		return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
			return workloads.UnitFunc(func(i uint64) (uint64, error) {
				const iterations = 100_000
				x := i | 1
				for range iterations {
					x = x*6364136223846793005 + 1442695040888963407 // Knuth's MMIX generator
				}
				return x, nil
			}), nil
		}}, nil
	},
}
