//go:build unix

package runner

import (
	"os"
	"syscall"
	"time"
)

// readSystem reads this process's usage and that of the children it has
// reaped. While a sample is on the clock those are the processes of spawn and
// what the work itself runs; worker processes of the other modes are alive.
func readSystem() (system, error) {
	var total system
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var r syscall.Rusage
		if err := syscall.Getrusage(who, &r); err != nil {
			return system{}, os.NewSyscallError("getrusage", err)
		}
		total.User += time.Duration(r.Utime.Nano()).Seconds()
		total.Sys += time.Duration(r.Stime.Nano()).Seconds()
		total.Voluntary += float64(r.Nvcsw)
		total.Involuntary += float64(r.Nivcsw)
	}
	return total, nil
}

// countsSwitches tells whether the system counts context switches of a process.
const countsSwitches = true

// endedUsage is nothing here: readSystem has it already.
func endedUsage(*os.ProcessState) system { return system{} }
