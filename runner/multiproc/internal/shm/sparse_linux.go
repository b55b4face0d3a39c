//go:build !portable

package shm

// Sparse is [Anonymous] that takes memory only as it is used. Where the system
// cannot do that, the error wraps errors.ErrUnsupported.
func Sparse(size int) (*Segment, error) {
	f, err := memfd(size)
	if err != nil {
		return nil, err
	}
	return mapped(f, size)
}
