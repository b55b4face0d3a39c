package multiproc

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// commonSize is the size in bytes of the memory that a process shares with its
// children: room for the states of 1,024 locks at a time. Others are slower.
const commonSize = 128 << 10

// commons is the memory that this process shares with its children, which get
// it when they start. It stays as long as the process.
var commons struct {
	sync.Mutex
	segment *shm.Segment // nil until it is needed
}

// common returns the commons.
func common() (*shm.Segment, error) {
	commons.Lock()
	defer commons.Unlock()
	if commons.segment == nil {
		s, err := shm.Anonymous(commonSize)
		if err != nil {
			return nil, fmt.Errorf("share memory with children: %w", err)
		}
		commons.segment = s
	}
	return commons.segment, nil
}

// ownPlaces are those for locks of this process; none where the system has no
// memory for them.
func ownPlaces() []hub.Place {
	s, err := common()
	if err != nil {
		return nil
	}
	return hub.Places(s.Bytes())
}

// above is what a child has of its parent.
var above struct {
	hub uint64 // written before its function runs

	// known tells that the parent's hub knows this process: then it sees to what
	// this one holds at its end.
	known atomic.Bool

	file    *os.File // of the parent's commons
	mapping sync.Once
	places  []hub.Place
}

// parentPlaces are those for locks of the parent.
func parentPlaces() []hub.Place {
	above.mapping.Do(func() {
		s, err := shm.Attach(above.file, commonSize)
		if err == nil { // without them, it asks the parent
			above.places = hub.Places(s.Bytes())
		}
	})
	return above.places
}
