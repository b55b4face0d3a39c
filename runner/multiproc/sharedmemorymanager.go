package multiproc

import (
	"errors"
	"fmt"
	"sync"
)

// A SharedMemoryManager makes shared memory that is freed together. The zero
// value is ready to use; its methods may be called by several goroutines at
// once.
type SharedMemoryManager struct {
	mu     sync.Mutex
	closed bool
	free   []func() error
}

// SharedMemory is [NewSharedMemory].
func (m *SharedMemoryManager) SharedMemory(size int) (*SharedMemory, error) {
	return keep(m, func() (*SharedMemory, error) { return NewSharedMemory(size) })
}

// CreateSharedMemory is [CreateSharedMemory].
func (m *SharedMemoryManager) CreateSharedMemory(name string, size int) (*SharedMemory, error) {
	n, err := keep(m, func() (named, error) {
		s, err := CreateSharedMemory(name, size)
		return named{s}, err
	})
	return n.SharedMemory, err
}

// ShareableList is [NewShareableList].
func (m *SharedMemoryManager) ShareableList(values []any) (*ShareableList, error) {
	return keep(m, func() (*ShareableList, error) { return NewShareableList(values) })
}

// named is memory that goes with its name.
type named struct{ *SharedMemory }

// Close closes the memory and removes the name.
func (n named) Close() error { return errors.Join(n.SharedMemory.Close(), n.Unlink()) }

// keep makes something that m is to close.
func keep[C interface{ Close() error }](m *SharedMemoryManager, make func() (C, error)) (made C, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return made, fmt.Errorf("shared memory manager: %w", ErrClosed)
	}
	if made, err = make(); err == nil {
		m.free = append(m.free, made.Close)
	}
	return made, err
}

// Close closes all that m has made, and removes its names.
func (m *SharedMemoryManager) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	var errs []error
	for _, free := range m.free {
		errs = append(errs, free())
	}
	m.free = nil
	return errors.Join(errs...)
}
