package multiproc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/slab"
)

// A large value of a queue lies in the slab of the process that made the queue,
// where all of that one's children can read and write: who puts it writes it
// there, and who gets it reads it there. Processes further down, and a slab that is
// full, have it sent whole.

// largeValue is the size in bytes from which on a value lies in the slab. Smaller
// ones go through a ring in one piece.
const largeValue = 8 << 10

// roomObject and trunkObject are numbers that no objects have: of requests for room
// in the slab, and for rings.
const (
	roomObject  = 0
	trunkObject = math.MaxUint64
)

// appendFar appends where in a slab something is, and how long it is.
func appendFar(dst []byte, place, n int) []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, uint64(place)), uint64(n))
}

// parseFar reads what appendFar has written.
func parseFar(b []byte) (place, n int, err error) {
	if len(b) != 16 {
		return 0, 0, fmt.Errorf("%d bytes for a place", len(b))
	}
	p, m := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if p > slabSize || m > slabSize {
		return 0, 0, fmt.Errorf("%d bytes at %d", m, p)
	}
	return int(p), int(m), nil
}

// putFar puts a value into a queue whose message has n bytes. It reports false
// if it is to be sent whole.
func putFar(ctx context.Context, q ref, op byte, n int, encode func(dst []byte) ([]byte, error)) (done bool, err error) {
	switch q.hub {
	case home.ID:
		return putHere(ctx, q, op, n, encode)
	case above.hub:
		return putAbove(ctx, q, op, n, encode)
	}
	return false, nil
}

// putHere puts a value into a queue of this process.
func putHere(ctx context.Context, q ref, op byte, n int, encode func(dst []byte) ([]byte, error)) (done bool, err error) {
	s := ownSlab()
	block := s.Take(n)
	if block == nil {
		return false, nil
	}
	b, err := encode(s.Bytes(block, n)[:0])
	if err == nil {
		_, err = q.begin(ctx, op, b)
	}
	if err != nil {
		s.Free(block)
	}
	return true, err
}

// putAbove puts a value into a queue of the parent.
func putAbove(ctx context.Context, q ref, op byte, n int, encode func(dst []byte) ([]byte, error)) (done bool, err error) {
	if len(above.slab) == 0 || n > upward.most {
		return false, nil // the latter is an error, and said elsewhere
	}
	got, err := ask(context.WithoutCancel(ctx), request{hub: q.hub, object: roomObject, process: home.ID, arg: appendFar(nil, 0, n)})
	if errors.Is(err, hub.ErrFull) {
		return false, nil
	}
	if err != nil {
		return true, err
	}
	place, _, err := parseFar(got)
	room := slab.At(above.slab, place, n)
	if err != nil || room == nil {
		return true, fmt.Errorf("room for a value: %w", hub.ErrRequest)
	}
	if _, err = encode(room[:0]); err == nil {
		err = ctx.Err()
	}
	if err != nil {
		slab.Return(above.slab, room)
		return true, err
	}
	_, err = ask(ctx, request{hub: q.hub, object: q.object, process: home.ID, op: op, arg: appendFar(nil, place, n), far: true})
	return true, err
}

// letGo gives back the memory of a value that was got, if it lies in a slab. It makes
// none where there is none, as in a child that has no children.
func letGo(b []byte) {
	if slab.Return(above.slab, b) {
		return
	}
	own.Lock()
	c := own.commons
	own.Unlock()
	if c == nil {
		return
	}
	if block := c.slab.Find(b); block != nil {
		c.slab.Free(block)
	}
}

// isQueue tells whether an object of this process is a queue, whose large values
// lie in the slab.
func isQueue(object uint64) bool {
	_, ok := home.Object(object).(*hub.Queue)
	return ok
}

// room gives a child room for a value, if there is any.
func (d *downlink) room(arg []byte) ([]byte, error) {
	_, n, err := parseFar(arg)
	if err != nil {
		return nil, hub.ErrRequest
	}
	s := ownSlab()
	block := s.Take(n)
	if block == nil {
		return nil, hub.ErrFull
	}
	s.Lend(block, filling{d})
	return appendFar(nil, block.Place(), n), nil
}

// A filling is a child as one that has a block lent to write a value there. It may
// have the same block lent to read the value before it is told that it is in the
// queue.
type filling struct{ child *downlink }

// farArg is the argument that a child has written into the slab.
func (d *downlink) farArg(r request) ([]byte, *slab.Block, error) {
	place, n, err := parseFar(r.arg)
	if err != nil {
		return nil, nil, err
	}
	s := ownSlab()
	block := s.Lent(place, n, filling{d})
	puts := r.op == hub.QueuePut || r.op == hub.QueueTryPut
	if block == nil || n < largeValue || r.hub != home.ID || !puts {
		return nil, nil, fmt.Errorf("an argument of %d bytes at %d that nobody has lent", n, place)
	}
	return s.Bytes(block, n), block, nil
}

// sendFar sends the result of a call, which lies in the slab or comes to lie
// there, by where it is. It reports false if it is to be sent whole.
func (d *downlink) sendFar(call uint64, result []byte) bool {
	s := ownSlab()
	block := s.Find(result)
	if block == nil {
		if block = s.Take(len(result)); block == nil {
			return false
		}
		copy(s.Bytes(block, len(result)), result)
	}
	s.Lend(block, d)
	if !d.send(appendFar(numbered(frameFar, call), block.Place(), len(result))) {
		s.Free(block)
	}
	return true
}
