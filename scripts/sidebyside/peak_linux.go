package main

import (
	"os"
	"syscall"
)

// peakBytes returns the largest resident set of an ended child. The kernel
// counts in the one that it shared with its parent before it became another
// program (golang/go issue 32054), so this is never below ownPeakBytes, which
// is why this program stays small.
func peakBytes(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return float64(usage.Maxrss) * 1024
}

// ownPeakBytes returns the largest resident set of this process so far.
func ownPeakBytes() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return float64(usage.Maxrss) * 1024
}
