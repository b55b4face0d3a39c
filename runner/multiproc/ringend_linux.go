package multiproc

import (
	"fmt"
	"os"
	"sync/atomic"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// A ringEnd is one end of a connection through shared memory: a ring in each
// direction, and a bell for when one side has to wait. The pipes of the bell
// carry nothing else, and tell of the other side's end.
type ringEnd struct {
	memory *ringMemory
	second bool // it writes to the second ring, and not to the first
	bell   *ring.Bell
	w      *ring.Writer // of whoever has the token of sending
	r      *ring.Reader // of whoever has the token of receiving

	closed atomic.Bool
	gone   bool // the memory is; guarded by both tokens
}

// ringMemory is the memory of a connection, for those of its ends that are in
// this process.
type ringMemory struct {
	*shm.Segment
	ends atomic.Int32
}

// newRingEnds returns the two ends of a new connection. The error wraps
// errors.ErrUnsupported where the system lacks the means.
func newRingEnds() (*ringEnd, *ringEnd, error) {
	segment, err := shm.Sparse(2 * ring.Size)
	if err != nil {
		return nil, nil, err
	}
	m := &ringMemory{Segment: segment}
	var files []*os.File
	fail := func(err error) (*ringEnd, *ringEnd, error) {
		for _, f := range files {
			_ = f.Close() // nothing was written to it
		}
		_ = m.Close()
		return nil, nil, err
	}
	for range 2 {
		r, w, err := os.Pipe()
		if err != nil {
			return fail(err)
		}
		files = append(files, r, w)
	}
	a, err := newRingEnd(m, false, files[0], files[3])
	if err != nil {
		return fail(err)
	}
	b, err := newRingEnd(m, true, files[2], files[1])
	if err != nil {
		return fail(err)
	}
	return a, b, nil
}

// newRingEnd returns an end in memory that it shares, with files that it owns if
// there is no error.
func newRingEnd(m *ringMemory, second bool, in, out *os.File) (*ringEnd, error) {
	b := m.Bytes()
	if len(b) < 2*ring.Size {
		return nil, fmt.Errorf("%d bytes for a connection: want %d", len(b), 2*ring.Size)
	}
	to, from := b[:ring.Size], b[ring.Size:2*ring.Size]
	if second {
		to, from = from, to
	}
	w, err := ring.NewWriter(to)
	if err != nil {
		return nil, err
	}
	r, err := ring.NewReader(from)
	if err != nil {
		return nil, err
	}
	m.ends.Add(1)
	return &ringEnd{memory: m, second: second, bell: ring.NewBell(in, out), w: w, r: r}, nil
}

// attachRingEnd returns an end that has come from another process, with the
// files that pack has named.
func attachRingEnd(second bool, files []*os.File) (*ringEnd, error) {
	segment, err := shm.Attach(files[2], 2*ring.Size)
	if err != nil {
		return nil, err
	}
	return newRingEnd(&ringMemory{Segment: segment}, second, files[0], files[1])
}

// files are what an end is handed on with.
func (e *ringEnd) files() []*os.File {
	in, out := e.bell.Files()
	return []*os.File{in, out, e.memory.File()}
}

// close ends the connection on this side and has those who wait return. For the
// other side, too, unless this end lives on in a child. The memory stays until
// release.
func (e *ringEnd) close(moved bool) error {
	if e.closed.Swap(true) {
		return nil
	}
	if !moved {
		// The other side finds these, if it looks, or is told so by its bell.
		e.w.Leave()
		e.r.Leave()
	}
	return e.bell.Close()
}

// release gives the memory back. Nobody uses it any more: the caller has both
// tokens.
func (e *ringEnd) release() error {
	if e.gone {
		return nil
	}
	e.gone = true
	if e.memory.ends.Add(-1) > 0 {
		return nil
	}
	return e.memory.Close()
}
