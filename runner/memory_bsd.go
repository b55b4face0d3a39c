//go:build unix && !linux

package runner

import (
	"os"
	"runtime"
	"syscall"
)

// ownPeak returns this process's resident high-water mark in bytes, as it sees
// it itself.
func ownPeak() (int64, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0, os.NewSyscallError("getrusage", err)
	}
	unit := int64(1 << 10) // getrusage(2) of the BSDs: kilobytes
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		unit = 1 // of macOS: bytes
	}
	return int64(r.Maxrss) * unit, nil
}
