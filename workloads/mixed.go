package workloads

import "time"

// Mixed is what a server does with a request: some computing, some waiting.
var Mixed = Workload{
	Name: "mixed",
	Help: "compute as spin does, then wait as sleep does",
	Note: "Only the waiting overlaps on one CPU: with as much of the one as of the other, GOMAXPROCS=1 gains a factor of two at most, however many workers there are.",
	Params: []Param{
		Int("iterations", 1e6, 1, 1e9, "links of the chain to compute, about a nanosecond each"),
		Duration("wait", time.Millisecond, time.Microsecond, time.Hour, "time to wait thereafter"),
	},
	New: newMixed,
}

func newMixed(v Values) (Job, error) {
	iterations, wait := v.Int("iterations"), v.Duration("wait")
	return Job{NewWorker: func(int) (Worker, error) {
		return UnitFunc(func(i uint64) (uint64, error) {
			digest := spin(i, iterations)
			time.Sleep(wait)
			return digest, nil
		}), nil
	}}, nil
}
