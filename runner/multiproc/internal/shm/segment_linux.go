package shm

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// Dir returns the folder of named segments.
func Dir() string {
	const dir = "/dev/shm"
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	return os.TempDir()
}

// Of memfd_create and of sealing, which the syscall package does not know
// (include/uapi/linux/memfd.h and fcntl.h).
const (
	memfdCloexec = 1
	memfdSealing = 2
	addSeals     = 1033
	sealSeal     = 1
	sealShrink   = 2
	sealGrow     = 4
)

// memfdCreate is the number of the system call; 0 where it is not known here.
func memfdCreate() uintptr {
	switch runtime.GOARCH {
	case "amd64":
		return 319
	case "386":
		return 356
	case "arm":
		return 385
	case "arm64", "riscv64", "loong64":
		return 279
	case "ppc64", "ppc64le":
		return 360
	case "s390x":
		return 350
	}
	return 0
}

// nameless is a file of that size that has never had a name. It does not count
// against /dev/shm, which is small in containers, and its size is sealed, so
// that no process can take the memory from under another.
func nameless(size int) (*os.File, error) {
	f, err := memfd(size)
	if errors.Is(err, errors.ErrUnsupported) {
		return unlinked(size)
	}
	return f, err
}

// Forget gives the memory of whole pages of a segment back to the system, for all
// who have the segment: they are all zero when they are used next. Where it cannot,
// they stay.
func Forget(pages []byte) { _ = syscall.Madvise(pages, syscall.MADV_REMOVE) }

func memfd(size int) (*os.File, error) {
	number := memfdCreate()
	if number == 0 {
		return nil, fmt.Errorf("memfd_create: %w", errors.ErrUnsupported)
	}
	name := [...]byte{'m', 'u', 'l', 't', 'i', 'p', 'r', 'o', 'c', 0}
	fd, _, errno := syscall.Syscall(number, uintptr(unsafe.Pointer(&name)), memfdCloexec|memfdSealing, 0)
	switch {
	case errno == syscall.ENOSYS || errno == syscall.EPERM: // an old kernel, or a sandbox
		return nil, fmt.Errorf("memfd_create: %w", errors.ErrUnsupported)
	case errno != 0:
		return nil, os.NewSyscallError("memfd_create", errno)
	}
	f := os.NewFile(fd, "memfd:multiproc")
	err := f.Truncate(int64(size))
	if err == nil {
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, addSeals, sealSeal|sealShrink|sealGrow); errno != 0 {
			err = os.NewSyscallError("fcntl", errno)
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// reserve gives the file its size, with the memory that it takes.
func reserve(f *os.File, size int64) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	closed := raw.Control(func(fd uintptr) {
		for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
			err = syscall.Fallocate(int(fd), 0, 0, size)
		}
	})
	if errors.Is(err, syscall.EOPNOTSUPP) {
		return fill(f, size)
	}
	return errors.Join(closed, err)
}
