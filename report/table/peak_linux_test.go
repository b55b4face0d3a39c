package table

import (
	"os"
	"syscall"
)

// peakBytes returns the most memory that a process had resident.
func peakBytes(p *os.ProcessState) float64 {
	return float64(p.SysUsage().(*syscall.Rusage).Maxrss) * 1024 // it is in KiB
}
