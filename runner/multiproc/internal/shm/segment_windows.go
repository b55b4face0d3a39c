package shm

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// What the syscall package lacks, or hides the outcome of.
var (
	kernel32          = syscall.NewLazyDLL("kernel32.dll")
	createFileMapping = kernel32.NewProc("CreateFileMappingW")
	openFileMapping   = kernel32.NewProc("OpenFileMappingW")
	virtualQuery      = kernel32.NewProc("VirtualQuery")
)

// Anonymous returns a new segment that has no name and goes with the last
// process that has it.
func Anonymous(size int) (*Segment, error) { return create(nil, size) }

// Create makes the segment with that name, or fails if it exists. It goes with
// the last process that has it.
func Create(name string, size int) (*Segment, error) {
	p, err := systemName(name)
	if err != nil {
		return nil, err
	}
	return create(p, size)
}

// systemName is the name of a segment among those of all objects of the user's
// session.
func systemName(name string) (*uint16, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	return syscall.UTF16PtrFromString(`Local\` + prefix + name)
}

func create(name *uint16, size int) (*Segment, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	n := uint64(size)
	h, _, err := createFileMapping.Call(uintptr(syscall.InvalidHandle), 0, syscall.PAGE_READWRITE,
		uintptr(n>>32), uintptr(uint32(n)), uintptr(unsafe.Pointer(name)))
	if h == 0 {
		return nil, fmt.Errorf("reserve %d bytes: %w", size, err)
	}
	if errors.Is(err, syscall.ERROR_ALREADY_EXISTS) { // then h is the one that exists
		return nil, errors.Join(os.ErrExist, syscall.CloseHandle(syscall.Handle(h)))
	}
	return mapped(os.NewFile(h, "segment"), size)
}

// Open maps the segment with that name, whoever made it. Its size is that of
// whole pages.
func Open(name string) (*Segment, error) {
	p, err := systemName(name)
	if err != nil {
		return nil, err
	}
	h, _, err := openFileMapping.Call(syscall.FILE_MAP_READ|syscall.FILE_MAP_WRITE, 0, uintptr(unsafe.Pointer(p)))
	if h == 0 {
		return nil, err
	}
	return mapped(os.NewFile(h, "segment"), 0)
}

// Attach maps a segment that another process has handed over. It owns f.
func Attach(f *os.File, size int) (*Segment, error) {
	if err := checkSize(size); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return mapped(f, size)
}

// region is MEMORY_BASIC_INFORMATION.
type region struct {
	base, allocation  uintptr
	protectAtFirst    uint32
	partition         uint16
	size              uintptr
	state, protect, _ uint32
}

// mapped maps f, which it owns; all of it if size is 0.
func mapped(f *os.File, size int) (*Segment, error) {
	addr, err := syscall.MapViewOfFile(syscall.Handle(f.Fd()), syscall.FILE_MAP_READ|syscall.FILE_MAP_WRITE, 0, 0, uintptr(size))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("map %d bytes: %w", size, err), f.Close())
	}
	if size == 0 {
		var r region
		if n, _, err := virtualQuery.Call(addr, uintptr(unsafe.Pointer(&r)), unsafe.Sizeof(r)); n == 0 {
			return nil, errors.Join(fmt.Errorf("ask for the size: %w", err), syscall.UnmapViewOfFile(addr), f.Close())
		}
		size = int(r.size)
	}
	// The address is no pointer that the garbage collector could move.
	data := unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), size)
	return &Segment{file: f, size: size, data: data}, nil
}

// release unmaps the memory and closes the handle.
func (s *Segment) release() error {
	addr := uintptr(unsafe.Pointer(unsafe.SliceData(s.data)))
	s.data = nil
	return errors.Join(syscall.UnmapViewOfFile(addr), s.file.Close())
}
