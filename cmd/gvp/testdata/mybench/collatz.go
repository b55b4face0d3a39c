package main

import "github.com/gvp-bench/gvp/workloads"

// collatz follows the Collatz sequences of numbers that lie side by side.
var collatz = workloads.Workload{
	Name: "collatz",
	Help: "count the steps of Collatz sequences down to 1",
	Params: []workloads.Param{
		workloads.Int("numbers", 1000, 1, 1e9, "how many numbers a unit does"),
	},
	New: func(v workloads.Values) (workloads.Job, error) {
		numbers := uint64(v.Int("numbers"))
		unit := func(i uint64) (digest uint64, err error) {
			for n := range numbers {
				digest += steps(1 + i*numbers + n)
			}
			return digest, nil
		}
		newWorker := func(int) (workloads.Worker, error) { return workloads.UnitFunc(unit), nil }
		return workloads.Job{NewWorker: newWorker}, nil
	},
}

// steps counts the steps from n to 1.
func steps(n uint64) (count uint64) {
	for ; n != 1; count++ {
		if n%2 == 0 {
			n /= 2
		} else {
			n = 3*n + 1
		}
	}
	return count
}
