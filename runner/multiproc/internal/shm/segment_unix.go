//go:build unix

package shm

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Anonymous returns a new segment that has no name and goes with the last
// process that has it.
func Anonymous(size int) (*Segment, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	f, err := nameless(size)
	if err != nil {
		return nil, err
	}
	return mapped(f, size)
}

// unlinked is a file of that size that has no name any more.
func unlinked(size int) (*os.File, error) {
	f, err := os.CreateTemp(Dir(), "."+prefix+"*")
	if err != nil {
		return nil, err
	}
	if err := errors.Join(os.Remove(f.Name()), reserve(f, int64(size))); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Attach maps a segment that another process has handed over. It owns f.
func Attach(f *os.File, size int) (*Segment, error) {
	info, err := f.Stat()
	if err == nil && (size < 1 || info.Size() < int64(size)) {
		err = fmt.Errorf("the file has %d bytes, want %d", info.Size(), size)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return mapped(f, size)
}

// mapped maps f, which it owns.
func mapped(f *os.File, size int) (*Segment, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s := &Segment{file: f, size: size}
	closed := raw.Control(func(fd uintptr) {
		s.data, err = syscall.Mmap(int(fd), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	})
	if err := errors.Join(closed, err); err != nil {
		return nil, errors.Join(fmt.Errorf("map %d bytes: %w", size, err), f.Close())
	}
	return s, nil
}

// release unmaps the memory and closes the file.
func (s *Segment) release() error {
	data := s.data
	s.data = nil
	return errors.Join(syscall.Munmap(data), s.file.Close())
}

// NewLink returns a fresh path in dir for the creator's own link to a segment.
func NewLink(dir string) string {
	return filepath.Join(dir, "."+prefix+strconv.FormatUint(rand.Uint64(), 36))
}

// Path returns the path of a named segment in dir.
func Path(dir, name string) string { return filepath.Join(dir, prefix+name) }

// Create makes the segment with that path, or fails if it exists. It is made
// under link, of whose existence [Remove] concludes who made it, and gets its
// path when it is complete: nobody sees half of one. Memory that there is not
// is an error here, rather than a fault at the first use.
func Create(link, path string, size int) (*Segment, error) {
	if err := checkSize(size); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(link, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := reserve(f, int64(size)); err != nil {
		return nil, errors.Join(fmt.Errorf("reserve %d bytes: %w", size, err), f.Close(), os.Remove(link))
	}
	s, err := mapped(f, size)
	if err != nil {
		return nil, errors.Join(err, os.Remove(link))
	}
	if err := os.Link(link, path); err != nil {
		return nil, errors.Join(&fs.PathError{Op: "create", Path: path, Err: errors.Unwrap(err)}, s.Close(), os.Remove(link))
	}
	return s, nil
}

// zeros is what takes the place of memory that is not there yet.
var zeros [64 << 10]byte

// fill reserves the bytes of a file by writing them.
func fill(f *os.File, size int64) error {
	for at := int64(0); at < size; {
		n, err := f.WriteAt(zeros[:min(size-at, int64(len(zeros)))], at)
		if err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// Open maps the segment with that path, whoever made it.
func Open(path string) (*Segment, error) {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("it is no regular file")
	case info.Size() < 1 || info.Size() != int64(int(info.Size())):
		err = fmt.Errorf("it has %d bytes", info.Size())
	default:
		return mapped(f, int(info.Size()))
	}
	return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
}

// Remove removes the path of a segment, if it is the one that was made under
// link, and then the link. It is no error if either has gone.
func Remove(link, path string) error {
	own, err := os.Lstat(link)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	if there, err := os.Lstat(path); err == nil && os.SameFile(own, there) {
		errs = append(errs, gone(os.Remove(path)))
	}
	return errors.Join(append(errs, gone(os.Remove(link)))...)
}

// gone is the error of a removal that nobody else has been quicker with.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
