package workloads

// Spin is CPU-bound work that touches no memory, in units as small as one
// likes: what handing them out costs shows against it.
var Spin = Workload{
	Name: "spin",
	Help: "a chain of integer operations, each waiting for the one before",
	Params: []Param{
		Int("iterations", 1000, 1, 1e9, "links of the chain, about a nanosecond each"),
	},
	New: newSpin,
}

func newSpin(v Values) (Job, error) {
	iterations := v.Int("iterations")
	return Job{NewWorker: func(int) (Worker, error) {
		return UnitFunc(func(i uint64) (uint64, error) {
			return spin(i, iterations), nil
		}), nil
	}}, nil
}

// spin returns the n-th state of a chain that begins at seed. Multiplying and
// shifting in turn has no closed form, and every step needs the one before:
// there is nothing to take out, to vectorise or to do ahead.
//
//go:noinline
func spin(seed uint64, n int64) uint64 {
	x := mix(seed)
	for range n {
		x ^= x >> 29
		x *= 0xd1342543de82ef95 // Steele, Vigna: "Computationally easy, spectrally good multipliers", 2021
	}
	return x
}
