//go:build !linux || portable

package shm

import (
	"errors"
	"fmt"
)

// Sparse is that of Linux: here, memory is taken when it is made. With the tag
// portable it is so on Linux, too, for the tests of what there is without rings.
func Sparse(int) (*Segment, error) {
	return nil, fmt.Errorf("memory that is taken as it is used: %w", errors.ErrUnsupported)
}
