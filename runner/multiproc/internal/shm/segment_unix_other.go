//go:build unix && !linux

package shm

import "os"

// Dir returns the folder of named segments.
func Dir() string { return os.TempDir() }

// nameless is a file of that size that has no name any more.
func nameless(size int) (*os.File, error) { return unlinked(size) }

// reserve gives the file its size, with the place that it takes.
func reserve(f *os.File, size int64) error { return fill(f, size) }
