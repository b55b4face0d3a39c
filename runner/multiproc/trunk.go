package multiproc

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/slab"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// The trunk is the two pipes between a parent and its child: the lifeline,
// down which the argument comes, and the one up which the answer goes. In
// between, the child's operations on objects of its ancestors go up, and their
// outcomes come down. Each frame begins with one of these letters.
const (
	frameHello     = 'H' // down: greeting
	frameOutcome   = 'O' // down: call, outcome
	frameFar       = 'F' // down: call, where in the slab of the parent the result is, and how long
	frameInterrupt = 'I' // down: the function's context is to end
	frameBell      = 'B' // both ways, by the pipe: to look into the ring
	frameReady     = 'S' // up: a spare waits for its greeting
	frameRequest   = 'R' // up: call, hub, object, process, op, argument
	frameFarArg    = 'r' // up: the same, where the argument is in the slab of the parent, and how long
	frameCancel    = 'C' // up: call
	frameGone      = 'G' // up: process, one of the child's descendants, has ended
	frameRings     = 'X' // up: all that follows comes by the ring
	frameAnswer    = 'A' // up: answer
)

// trunkOverhead is the most that a frame may have beside the argument, the result
// or the value in it: names, numbers, the text of an error.
const trunkOverhead = 64 << 10

// frameLimit is the limit of frames for one of what they carry.
func frameLimit(most int) int { return most + trunkOverhead }

// home is the hub of this process: its own objects.
var home = hub.New()

// self is this process as its own hub sees it.
var self = home.Session(home.ID)

// upward is the trunk to the parent; nil in a process that is no child.
var upward *uplink

// operate does an operation on an object, wherever among the ancestors it is.
func operate(ctx context.Context, hubID, object uint64, op byte, arg []byte) ([]byte, error) {
	switch {
	case hubID == home.ID:
		return self.Call(ctx, object, op, arg)
	case upward == nil:
		return nil, ErrUnreachable
	}
	return ask(ctx, request{hub: hubID, object: object, process: home.ID, op: op, arg: arg})
}

// ask sends a request up and waits for its outcome.
func ask(ctx context.Context, r request) ([]byte, error) {
	result, err := upward.call(ctx, r)
	if err == nil && r.hub == above.hub && !above.known.Load() {
		above.known.Store(true)
	}
	return result, err
}

// A request is an operation on its way up.
type request struct {
	call, hub, object, process uint64
	op                         byte
	arg                        []byte
	far                        bool // arg says where the argument is
}

// requestSize is that of a request without its argument, with its letter.
const requestSize = 1 + 4*8 + 1

// frame is the request as a frame.
func (r request) frame() []byte {
	b := make([]byte, 0, requestSize+len(r.arg))
	if r.far {
		b = append(b, frameFarArg)
	} else {
		b = append(b, frameRequest)
	}
	for _, n := range [...]uint64{r.call, r.hub, r.object, r.process} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return append(append(b, r.op), r.arg...)
}

// parseRequest reads what frame has made.
func parseRequest(b []byte) (r request, err error) {
	if len(b) < requestSize || b[0] != frameRequest && b[0] != frameFarArg {
		return r, fmt.Errorf("request of %d bytes", len(b))
	}
	r.far = b[0] == frameFarArg
	for i, n := range [...]*uint64{&r.call, &r.hub, &r.object, &r.process} {
		*n = binary.LittleEndian.Uint64(b[1+8*i:])
	}
	r.op, r.arg = b[requestSize-1], b[requestSize:]
	return r, nil
}

// number reads the number that follows the letter of a frame.
func number(b []byte) (uint64, error) {
	if len(b) < 9 {
		return 0, fmt.Errorf("frame %q of %d bytes", b[:min(1, len(b))], len(b))
	}
	return binary.LittleEndian.Uint64(b[1:]), nil
}

// numbered makes a frame of a letter and a number.
func numbered(letter byte, n uint64) []byte {
	return binary.LittleEndian.AppendUint64([]byte{letter}, n)
}

// An uplink is the child's end of the trunk.
type uplink struct {
	most int // size in bytes of the largest argument of a request, and of its result

	writing sync.Mutex // held while a frame is written
	ring    *trunkRing // that it goes to; nil if that is the pipe

	pipe sync.Mutex // held while something is written to out
	out  *os.File

	reader trunkReader // of read

	mu    sync.Mutex
	last  uint64
	calls map[uint64]hub.Done
}

func newUplink(out *os.File, most int) *uplink {
	return &uplink{out: out, most: most, calls: map[uint64]hub.Done{}}
}

func (u *uplink) write(frame []byte) error {
	if err := wire.Check(uint64(len(frame)), frameLimit(u.most)); err != nil {
		return err
	}
	u.writing.Lock()
	defer u.writing.Unlock()
	if u.ring != nil {
		u.ring.put(frame, nil) // this process ends with the other side
		return nil
	}
	return u.writePipe(frame)
}

func (u *uplink) writePipe(frame []byte) error {
	u.pipe.Lock()
	defer u.pipe.Unlock()
	return wire.Write(u.out, frame, frameLimit(u.most))
}

// useRings has all that follows go by rings in the parent's memory, if it has any
// to spare. It is for the goroutine that reads the trunk.
func (u *uplink) useRings(place []byte, err error) *trunkRing {
	if err != nil {
		return nil
	}
	t, err := u.ringsAt(place)
	if err != nil {
		_ = u.write(numbered(frameCancel, ringsCall)) // without it, this process ends
		return nil
	}
	u.writing.Lock()
	defer u.writing.Unlock()
	if u.writePipe([]byte{frameRings}) != nil {
		return nil
	}
	u.ring = t
	return t
}

// ringsAt are the rings at a place in the parent's memory.
func (u *uplink) ringsAt(place []byte) (*trunkRing, error) {
	at, _, err := parseFar(place)
	if err != nil {
		return nil, err
	}
	mem := slab.At(above.trunks, at, trunkRings)
	if mem == nil {
		return nil, fmt.Errorf("rings at %d: %w", at, hub.ErrRequest)
	}
	return newTrunkRing(mem, true, func() { _ = u.writePipe([]byte{frameBell}) }) // a parent that is gone ends this process
}

// begin sends a request. done is called with its outcome, except after the
// parent's death, when this process ends.
func (u *uplink) begin(r request, done hub.Done) (call uint64, err error) {
	if err := wire.Check(uint64(len(r.arg)), u.most); err != nil {
		return 0, fmt.Errorf("ask the parent process: %w", err)
	}
	u.mu.Lock()
	u.last++
	r.call = u.last
	u.calls[r.call] = done
	u.mu.Unlock()
	if err := u.write(r.frame()); err != nil {
		u.mu.Lock()
		delete(u.calls, r.call)
		u.mu.Unlock()
		return 0, fmt.Errorf("ask the parent process: %w", err)
	}
	if r.call == manyRequests && len(above.trunks) > 0 {
		u.askForRings()
	}
	return r.call, nil
}

// askForRings asks for rings, and does not wait for them.
func (u *uplink) askForRings() {
	u.mu.Lock()
	u.calls[ringsCall] = func(place []byte, err error) { u.reader.ring = u.useRings(place, err) }
	u.mu.Unlock()
	_ = u.write(request{call: ringsCall, hub: above.hub, object: trunkObject, process: home.ID}.frame()) // without them, all goes by the pipe
}

// ringsCall is the number of the request for rings, which no other one gets.
const ringsCall = 0

// call sends a request and waits for its outcome. Where ctx ends first, the
// parent is asked to take the operation back; only its word says whether that
// came in time, so that nothing that was got is lost.
func (u *uplink) call(ctx context.Context, r request) ([]byte, error) {
	type outcome struct {
		result []byte
		err    error
	}
	ended := make(chan outcome, 1)
	call, err := u.begin(r, func(result []byte, err error) { ended <- outcome{result, err} })
	if err != nil {
		return nil, err
	}
	select {
	case o := <-ended:
		return o.result, o.err
	case <-ctx.Done():
	}
	if err := u.write(numbered(frameCancel, call)); err != nil {
		return nil, errors.Join(ctx.Err(), err)
	}
	o := <-ended
	if errors.Is(o.err, errTakenBack) {
		o.err = ctx.Err()
	}
	return o.result, o.err
}

// errTakenBack is the outcome of an operation that was cancelled in time.
var errTakenBack = errors.New("taken back")

// settle passes an outcome on to whoever began the call.
func (u *uplink) settle(frame []byte) {
	call, err := number(frame)
	if err != nil {
		return
	}
	u.mu.Lock()
	done := u.calls[call]
	delete(u.calls, call)
	u.mu.Unlock()
	if frame[0] == frameFar {
		place, n, err := parseFar(frame[9:])
		result := slab.At(above.slab, place, n)
		switch {
		case err != nil || result == nil:
			err = fmt.Errorf("a result of %d bytes at %d: %w", n, place, hub.ErrRequest)
			result = nil
		case done == nil:
			slab.Return(above.slab, result)
		}
		if done != nil {
			done(result, err)
		}
		return
	}
	if done == nil {
		return
	}
	if len(frame) == 9 {
		done(nil, errTakenBack)
		return
	}
	done(hub.Outcome(frame[9:]))
}

// read takes in what the parent says until it is gone, and then ends this
// process, and what it has started: the system closes the lifeline however the
// parent dies.
func (u *uplink) read(lifeline io.Reader, interrupt func()) {
	u.reader = trunkReader{pipe: lifeline, limit: frameLimit(u.most)}
	for {
		frame, err := u.reader.read()
		switch {
		case err != nil:
			endGroup()
			os.Exit(exitOrphaned)
		case len(frame) == 0:
		case frame[0] == frameOutcome || frame[0] == frameFar:
			u.settle(frame)
		case frame[0] == frameInterrupt:
			interrupt()
		}
	}
}
