package multiproc

import (
	"io"
	"sync/atomic"
	"unsafe"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A child that has much to ask gets rings: its frames and those for it go through
// memory from then on, and the pipes of the trunk carry nothing but the bell for
// who sleeps, and tell of the other side's end. The rings lie in the commons of the
// parent. The child asks for them, is told where they are by the last frame in one
// pipe, and says by the last frame in the other that all that follows comes by the
// ring. So no frame overtakes another one, none stays in a pipe that nobody looks
// into as long as the ring has something, and the bell finds room: there is one in a
// pipe at a time.

// manyRequests is after how many a child asks for rings: they cost a dozen page
// faults.
const manyRequests = 8

// trunkRings is the size in bytes of both rings of a trunk, and of two words behind
// them, for the bells.
const trunkRings = 2*ring.SizeWithoutSlab + 2*bellWord

// bellWord is how far apart these words lie, as the indexes of rings do.
const bellWord = 128

// A trunkRing is one end of the rings of a trunk.
type trunkRing struct {
	in   *ring.Reader // of the goroutine that reads the trunk
	out  *ring.Writer // of whoever has the right to write to the trunk
	bell func()       // wakes the other side's reader

	// 1: there is a bell in the pipe, to this side or to the other one. A side that
	// need not sleep does not hear it; many would fill the pipe.
	ringsHere, ringsThere *atomic.Uint32

	spin  spinner
	parts []byte // of a frame that has not come whole

	waits atomic.Bool   // the writer does, for room
	room  chan struct{} // has a token when it is to look again
}

// newTrunkRing returns an end of the rings in mem: of the child, or of the parent.
func newTrunkRing(mem []byte, child bool, bell func()) (*trunkRing, error) {
	up, down, words := mem[:ring.SizeWithoutSlab], mem[ring.SizeWithoutSlab:2*ring.SizeWithoutSlab], mem[2*ring.SizeWithoutSlab:]
	here, there := (*atomic.Uint32)(unsafe.Pointer(&words[0])), (*atomic.Uint32)(unsafe.Pointer(&words[bellWord]))
	if child {
		up, down, here, there = down, up, there, here
	}
	in, err := ring.NewReader(up)
	if err != nil {
		return nil, err
	}
	out, err := ring.NewWriter(down)
	if err != nil {
		return nil, err
	}
	return &trunkRing{in: in, out: out, bell: bell, ringsHere: here, ringsThere: there, room: make(chan struct{}, 1)}, nil
}

// clearTrunkRings makes memory that was used for something else that of rings.
func clearTrunkRings(mem []byte) {
	ring.Clear(mem[:ring.SizeWithoutSlab])
	ring.Clear(mem[ring.SizeWithoutSlab:])
	clear(mem[2*ring.SizeWithoutSlab:])
}

// wake rings the bell, if it does not ring yet: who hears it looks at all that there
// is.
func (t *trunkRing) wake() {
	if t.ringsThere.Swap(1) == 0 {
		t.bell()
	}
}

// hear takes note of the bell, before this side looks.
func (t *trunkRing) hear() {
	t.ringsHere.Store(0)
	t.look()
}

// offer writes a frame if there is room for it now.
func (t *trunkRing) offer(frame []byte) bool {
	if len(frame) > ring.Inline {
		return false
	}
	b := t.out.Reserve(len(frame))
	if b == nil {
		return false
	}
	copy(b, frame)
	t.out.Commit(len(frame), false)
	t.publish()
	return true
}

// put writes a frame, in parts if it is long, and waits for room. It reports false
// if the other side has gone meanwhile.
func (t *trunkRing) put(frame []byte, gone <-chan struct{}) bool {
	for first := true; first || len(frame) > 0; first = false {
		n := min(len(frame), ring.Inline)
		b := t.reserve(n, gone)
		if b == nil {
			return false
		}
		copy(b, frame)
		frame = frame[n:]
		t.out.Commit(n, len(frame) > 0)
		t.publish()
	}
	return true
}

func (t *trunkRing) publish() {
	if t.out.Publish() {
		t.wake()
	}
}

// reserve waits for room. It returns nil if the other side has gone.
func (t *trunkRing) reserve(n int, gone <-chan struct{}) []byte {
	if b := t.out.Reserve(n); b != nil {
		return b
	}
	t.waits.Store(true)
	defer t.waits.Store(false)
	for {
		t.out.Doze()
		if b := t.out.Reserve(n); b != nil {
			return b
		}
		select {
		case <-t.room:
		case <-gone:
			return nil
		}
	}
}

// look has the writer look for room again, if it waits for some.
func (t *trunkRing) look() {
	if !t.waits.Load() {
		return
	}
	select {
	case t.room <- struct{}{}:
	default:
	}
}

// next returns the next frame, in memory of its own; false if there is none.
func (t *trunkRing) next(limit int) (frame []byte, ok bool, err error) {
	for {
		b, ok, err := t.in.Next()
		if !ok {
			t.free()
			return nil, false, err
		}
		if err := wire.Check(uint64(len(t.parts)+len(b)), limit); err != nil {
			return nil, false, err
		}
		frame, more := append(t.parts, b...), t.in.More()
		t.in.Advance()
		if more || t.in.Behind() >= ring.Room/8 {
			t.free()
		}
		t.look() // a side that always has something to read never sleeps, and hears no bell
		if !more {
			t.parts = nil
			return frame, true, nil
		}
		t.parts = frame
	}
}

// free gives the other side the room of what was read.
func (t *trunkRing) free() {
	if t.in.Release() {
		t.wake()
	}
}

// A trunkReader reads the frames of a trunk, whichever way they come. It is for one
// goroutine.
type trunkReader struct {
	pipe  io.Reader
	limit int        // of a frame
	ring  *trunkRing // nil as long as all comes by the pipe
	ended error      // what the pipe said last
}

// read returns the next frame.
func (r *trunkReader) read() ([]byte, error) {
	for r.ring != nil {
		t := r.ring
		frame, ok, err := t.next(r.limit)
		if ok || err != nil {
			return frame, err
		}
		if r.ended != nil {
			return nil, r.ended
		}
		if t.spin.isWorthIt() && t.spin.lookBetween(politely, func() bool { _, ok, err := t.in.Next(); return ok || err != nil }) {
			continue
		}
		t.in.Doze(1)
		frame, ok, err = t.next(r.limit)
		if ok || err != nil {
			t.in.Awake()
			return frame, err
		}
		frame, err = wire.Read(r.pipe, r.limit)
		t.in.Awake()
		switch {
		case err != nil:
			r.ended = err // what it has said by the ring before that counts
		case len(frame) == 1 && frame[0] == frameBell:
			t.hear()
		default:
			return frame, nil
		}
	}
	return wire.Read(r.pipe, r.limit)
}
