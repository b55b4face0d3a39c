package campaign

import (
	"math/rand/v2"

	"github.com/gvp-bench/gvp/results"
)

// order returns the numbers of n cells in the order in which a round measures
// them; round 0 is the calibration. It depends on nothing but its arguments,
// so that a resumed run goes on in the order in which it began.
//
// The control kernel, the last cell, opens each round; the cells that are
// compared follow in random order. So the first sample of a run is one of
// serial, which is what benchstat -col /mode then takes for its base.
func order(seed uint64, round, n int) []int {
	cells := rand.New(rand.NewPCG(seed, uint64(round))).Perm(n - 1)
	return append([]int{n - 1}, cells...)
}

// A slot is something that a run does once.
type slot struct {
	phase Phase
	round int    // of a sample, from 1
	cell  string // [results.Cell.Name]
}

// profiled returns the numbers of the cells that the profiling pass is about:
// for each mode of each workload, in its first variant, the one with the most
// workers that have a CPU each.
func profiled(cells []results.RunCell, cpus int) []int {
	type key struct{ workload, mode string }
	best := make(map[key]int)
	var keys []key
	for i, c := range cells {
		k := key{c.Workload, c.Mode}
		if c.Workload == results.ControlWorkload {
			continue
		}
		j, ok := best[k]
		switch {
		case !ok:
			keys = append(keys, k)
			best[k] = i
		case c.Row() == cells[j].Row() && better(c.Workers, cells[j].Workers, cpus):
			best[k] = i
		}
	}
	chosen := make([]int, len(keys))
	for i, k := range keys {
		chosen[i] = best[k]
	}
	return chosen
}

// better says whether a workers are nearer to cpus than b, from below if one is.
func better(a, b, cpus int) bool {
	if (a <= cpus) != (b <= cpus) {
		return a <= cpus
	}
	return (a > b) == (a <= cpus)
}
