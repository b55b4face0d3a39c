package runner

import (
	"os"
	"syscall"
)

// readSystem reads this process's times. Windows counts no context switches of
// a process and adds no children's times to their parent's.
func readSystem() (system, error) {
	var creation, exit, kernel, user syscall.Filetime
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return system{}, err
	}
	if err := syscall.GetProcessTimes(self, &creation, &exit, &kernel, &user); err != nil {
		return system{}, os.NewSyscallError("GetProcessTimes", err)
	}
	return system{User: seconds(user), Sys: seconds(kernel)}, nil
}

// countsSwitches tells whether the system counts context switches of a process.
const countsSwitches = false

// seconds converts a length of time, which comes in units of 100 ns.
func seconds(f syscall.Filetime) float64 {
	return float64(uint64(f.HighDateTime)<<32|uint64(f.LowDateTime)) / 1e7
}

// endedUsage returns the times of a child that has ended.
func endedUsage(s *os.ProcessState) system {
	return system{User: s.UserTime().Seconds(), Sys: s.SystemTime().Seconds()}
}
