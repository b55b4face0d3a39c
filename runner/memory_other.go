//go:build !linux

package runner

import "github.com/gvp-bench/gvp/results"

// peakUnit is each process's own high-water mark: the system has no PSS.
const peakUnit = results.PeakRSS

// peakMemory returns the sum of this process's high-water mark and others, as
// those processes reported them, in bytes.
func peakMemory(others []int64) (int64, error) {
	sum, err := ownPeak()
	for _, n := range others {
		sum += n
	}
	return sum, err
}
