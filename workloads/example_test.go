package workloads_test

import (
	"fmt"

	"github.com/gvp-bench/gvp/workloads"
)

var collatz = workloads.Workload{
	Name:   "collatz",
	Help:   "length of the Collatz sequence of the unit's number",
	Params: []workloads.Param{workloads.Int("start", 1000, 1, 1<<40, "number that unit 0 begins with")},
	New: func(v workloads.Values) (workloads.Job, error) {
		start := uint64(v.Int("start"))
		return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
			return workloads.UnitFunc(func(i uint64) (uint64, error) {
				steps := uint64(0)
				for n := start + i; n != 1; steps++ {
					if n%2 == 0 {
						n /= 2
					} else {
						n = 3*n + 1
					}
				}
				return steps, nil
			}), nil
		}}, nil
	},
}

// A workload of one's own, checked and done by hand. A bench binary does the
// same with runner.Main(collatz).
func Example() {
	if err := workloads.Validate(collatz); err != nil {
		fmt.Println(err)
		return
	}
	values, err := collatz.Resolve(map[string]string{"start": "27"})
	if err != nil {
		fmt.Println(err)
		return
	}
	job, err := collatz.New(values)
	if err != nil {
		fmt.Println(err)
		return
	}
	worker, err := job.NewWorker(0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer worker.Close()
	for i := range uint64(3) {
		digest, err := worker.Unit(i)
		fmt.Println(i, digest, err)
	}
	// Output:
	// 0 111 <nil>
	// 1 18 <nil>
	// 2 18 <nil>
}
