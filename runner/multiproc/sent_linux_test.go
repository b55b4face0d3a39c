//go:build !portable

package multiproc

import (
	"errors"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
)

// watchSent returns a function that tells how much this process, a worker, has
// ever put into its ring. The memory of that has no name, but an open file.
func watchSent() (sent func() uint64, err error) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		f, err := os.Open("/proc/self/fd/" + e.Name())
		if err != nil {
			continue // it was that of the folder
		}
		defer f.Close()
		if info, err := f.Stat(); err != nil || info.Size() != 2*ring.Size {
			continue
		}
		mem, err := syscall.Mmap(int(f.Fd()), ring.Size, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
		if err != nil {
			return nil, err
		}
		return (*atomic.Uint64)(unsafe.Pointer(&mem[0])).Load, nil // as in its control block
	}
	return nil, errors.New("this process has no ring")
}
