package runner

import (
	"os"
	"syscall"
	"unsafe"
)

// processMemoryCounters is PROCESS_MEMORY_COUNTERS of psapi.h.
type processMemoryCounters struct {
	cb                         uint32
	pageFaultCount             uint32
	peakWorkingSetSize         uintptr
	workingSetSize             uintptr
	quotaPeakPagedPoolUsage    uintptr
	quotaPagedPoolUsage        uintptr
	quotaPeakNonPagedPoolUsage uintptr
	quotaNonPagedPoolUsage     uintptr
	pagefileUsage              uintptr
	peakPagefileUsage          uintptr
}

// ownPeak returns the peak of this process's working set in bytes.
func ownPeak() (int64, error) {
	self, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0, err
	}
	proc := syscall.NewLazyDLL("kernel32.dll").NewProc("K32GetProcessMemoryInfo")
	if err := proc.Find(); err != nil {
		return 0, err
	}
	var m processMemoryCounters
	m.cb = uint32(unsafe.Sizeof(m))
	if ok, _, err := proc.Call(uintptr(self), uintptr(unsafe.Pointer(&m)), uintptr(m.cb)); ok == 0 {
		return 0, os.NewSyscallError("K32GetProcessMemoryInfo", err)
	}
	return int64(m.peakWorkingSetSize), nil
}
