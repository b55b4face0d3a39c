package workloads

// All returns the built-in workloads.
func All() []Workload {
	return []Workload{Hash, Primes, Spin, Sleep, File, Mixed}
}
