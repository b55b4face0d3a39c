package multiproc

import "github.com/gvp-bench/gvp/runner/multiproc/internal/shm"

// createSegment makes a named segment. Nothing has to remove it.
func createSegment(name string, size int) (*shm.Segment, func() error, error) {
	seg, err := shm.Create(name, size)
	return seg, func() error { return nil }, err
}

// openSegment attaches to a named segment.
func openSegment(name string) (*shm.Segment, error) { return shm.Open(name) }
