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

// What the memory consists of that a process shares with its children: places,
// trunks, slab. The latter two are there where the system has memory whose pages
// are taken when they are used first.
const (
	// placesSize is the size in bytes of the room for the states of locks: of 1,024
	// at a time. Others are slower.
	placesSize = 128 << 10

	// trunksSize is the size in bytes of the room for the rings of trunks: of
	// hundreds of children. Those of others go through pipes.
	trunksSize = 64 << 20

	// slabSize is the size in bytes of the slab for large values.
	slabSize = 64 << 20
)

// commons is the memory that this process shares with its children, which get
// it when they start. It stays as long as the process.
type commons struct {
	segment      *shm.Segment
	trunks, slab *slab.Slab
}

var own struct {
	sync.Mutex
	*commons // nil until it is needed
}

// common returns the commons.
func common() (*commons, error) {
	own.Lock()
	defer own.Unlock()
	if own.commons != nil {
		return own.commons, nil
	}
	s, err := shm.Sparse(placesSize + trunksSize + slabSize)
	if errors.Is(err, errors.ErrUnsupported) {
		s, err = shm.Anonymous(placesSize)
	}
	if err != nil {
		return nil, fmt.Errorf("share memory with children: %w", err)
	}
	_, trunks, values := cutCommons(s.Bytes())
	own.commons = &commons{s, slab.New(trunks), slab.New(values)}
	return own.commons, nil
}

// cutCommons cuts the memory up. Trunks and values may have none.
func cutCommons(b []byte) (places, trunks, values []byte) {
	if len(b) < placesSize+trunksSize+slabSize {
		return b[:placesSize], nil, nil
	}
	return b[:placesSize], b[placesSize:][:trunksSize], b[placesSize+trunksSize:][:slabSize]
}

// ownPlaces are those for locks of this process; none where the system has no
// memory for them.
func ownPlaces() []hub.Place {
	c, err := common()
	if err != nil {
		return nil
	}
	places, _, _ := cutCommons(c.segment.Bytes())
	return hub.Places(places)
}

// ownSlab is that for large values in this process, which may have no room at all.
func ownSlab() *slab.Slab {
	c, err := common()
	if err != nil {
		return slab.New(nil)
	}
	return c.slab
}

// ownTrunks is that for the rings of trunks, likewise.
func ownTrunks() *slab.Slab {
	c, err := common()
	if err != nil {
		return slab.New(nil)
	}
	return c.trunks
}

// above is what a child has of its parent. It is written before its function
// runs.
var above struct {
	hub          uint64
	places       []hub.Place
	trunks, slab []byte

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
	var places []byte
	places, above.trunks, above.slab = cutCommons(s.Bytes())
	above.places = hub.Places(places)
	return nil
}
