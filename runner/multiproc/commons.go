package multiproc

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/slab"
)

// What the memory consists of that a process shares with its children.
const (
	// placesSize is the size in bytes of the room for the states of locks: of 1,024
	// at a time. Others are slower.
	placesSize = 128 << 10

	// slabSize is the size in bytes of the slab for large values, whose pages take
	// memory when they are used first. It is there where the system has memory of
	// that kind.
	slabSize = 64 << 20
)

// commons is the memory that this process shares with its children, which get
// it when they start. It stays as long as the process.
var commons struct {
	sync.Mutex
	segment *shm.Segment // nil until it is needed
	slab    *slab.Slab
}

// common returns the commons.
func common() (*shm.Segment, *slab.Slab, error) {
	commons.Lock()
	defer commons.Unlock()
	if commons.segment == nil {
		s, err := shm.Sparse(placesSize + slabSize)
		if errors.Is(err, errors.ErrUnsupported) {
			s, err = shm.Anonymous(placesSize)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("share memory with children: %w", err)
		}
		commons.segment, commons.slab = s, slab.New(s.Bytes()[placesSize:])
	}
	return commons.segment, commons.slab, nil
}

// ownPlaces are those for locks of this process; none where the system has no
// memory for them.
func ownPlaces() []hub.Place {
	s, _, err := common()
	if err != nil {
		return nil
	}
	return hub.Places(s.Bytes()[:placesSize])
}

// ownSlab is that for large values in this process, which may have no room at all.
func ownSlab() *slab.Slab {
	_, s, err := common()
	if err != nil {
		return slab.New(nil)
	}
	return s
}

// above is what a child has of its parent. It is written before its function
// runs.
var above struct {
	hub    uint64
	places []hub.Place
	slab   []byte

	// known tells that the parent's hub knows this process: then it sees to what
	// this one holds at its end.
	known atomic.Bool
}

// attachAbove maps the parent's commons, of which f is the file.
func attachAbove(f *os.File, size int) error {
	s, err := shm.Attach(f, max(placesSize, size))
	if err != nil {
		return err
	}
	above.places, above.slab = hub.Places(s.Bytes()[:placesSize]), s.Bytes()[placesSize:]
	return nil
}
