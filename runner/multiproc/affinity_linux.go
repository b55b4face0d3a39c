package multiproc

import (
	"fmt"
	"runtime"
	"syscall"
	"unsafe"
)

// cpuMask is a set of up to 8192 CPUs, as the kernel takes it.
type cpuMask [128]uint64

// usableCPUs returns the numbers of the CPUs that this process may run on.
func usableCPUs() ([]int, error) {
	runtime.LockOSThread() // the answer is that of a thread
	defer runtime.UnlockOSThread()
	return affinity()
}

// affinity returns the numbers of the CPUs that this thread may run on.
func affinity() ([]int, error) {
	var mask cpuMask
	n, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_GETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)))
	if errno != 0 {
		return nil, fmt.Errorf("ask which CPUs there are: %w", errno)
	}
	var cpus []int
	for i := range int(n) * 8 {
		if mask[i/64]&(1<<(i%64)) != 0 {
			cpus = append(cpus, i)
		}
	}
	return cpus, nil
}

// setAffinity has this thread, and what it starts, run on those CPUs alone.
func setAffinity(cpus []int) error {
	var mask cpuMask
	for _, i := range cpus {
		if i < 0 || i >= len(mask)*64 {
			return fmt.Errorf("no CPU has the number %d", i)
		}
		mask[i/64] |= 1 << (i % 64)
	}
	if _, _, errno := syscall.RawSyscall(syscall.SYS_SCHED_SETAFFINITY, 0, unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask))); errno != 0 {
		return fmt.Errorf("run on CPUs %v: %w", cpus, errno)
	}
	return nil
}
