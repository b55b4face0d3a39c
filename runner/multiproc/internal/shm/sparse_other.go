//go:build !linux

package shm

import (
	"errors"
	"fmt"
)

// Sparse is that of Linux: here, memory is taken when it is made.
func Sparse(int) (*Segment, error) {
	return nil, fmt.Errorf("memory that is taken as it is used: %w", errors.ErrUnsupported)
}
