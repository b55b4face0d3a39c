// Package shm gives segments of memory that several processes map.
package shm

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unicode"
)

// A Segment is memory that other processes can map as well.
type Segment struct {
	file *os.File // what it is mapped from: a handle of the mapping on Windows
	size int

	mu     sync.Mutex
	data   []byte // nil once unmapped
	uses   int    // of data, that are under way
	closed bool
}

// Size returns the size of the segment in bytes.
func (s *Segment) Size() int { return s.size }

// File returns the file that another process can [Attach] to.
func (s *Segment) File() *os.File { return s.file }

// Bytes returns the memory; nil after Close.
func (s *Segment) Bytes() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	return s.data
}

// Enter is Bytes for a use that Close is not to take the memory from; nil if
// it has. Exit ends the use.
func (s *Segment) Enter() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.uses++
	return s.data
}

// Exit ends a use that Enter began.
func (s *Segment) Exit() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uses--; s.uses == 0 && s.closed {
		_ = s.release() // who closed it is gone
	}
}

// Close unmaps the segment when the last use has ended. It can be called more
// than once.
func (s *Segment) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.uses > 0 {
		return nil
	}
	return s.release()
}

// prefix is that of the names of all segments, where they stand beside others'.
const prefix = "multiproc-"

// maxName is the length in bytes of the longest name: what all systems allow,
// with some room for what is put before it.
const maxName = 200

// CheckName says what is wrong with the name of a segment.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("the name is empty")
	case len(name) > maxName:
		return fmt.Errorf("the name has %d bytes: at most %d", len(name), maxName)
	case strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("name %q: want one element of a path", name)
	}
	return nil
}

// checkSize says what is wrong with the size of a segment.
func checkSize(size int) error {
	if size < 1 {
		return fmt.Errorf("%d bytes: want at least 1", size)
	}
	return nil
}
