package multiproc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// part appends a part of an order, with its length in front.
func part(dst []byte, text string) []byte {
	return append(binary.LittleEndian.AppendUint32(dst, uint32(len(text))), text...)
}

func FuzzCutPart(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0})
	f.Add(part(nil, ""))
	f.Add(part(part(nil, "name"), "argument"))
	f.Add([]byte{5, 0, 0, 0, 'f', 'o', 'u', 'r'})
	f.Add([]byte{255, 255, 255, 255, 'x'})
	f.Fuzz(func(t *testing.T, msg []byte) {
		first, rest, ok := cutPart(msg)
		if !ok {
			if first != nil || rest != nil {
				t.Errorf("%q is no part, and yet %q and %q", msg, first, rest)
			}
			return
		}
		if again := append(part(nil, string(first)), rest...); !bytes.Equal(again, msg) {
			t.Errorf("%q is cut into %q and %q", msg, first, rest)
		}
		if cap(first) != len(first) {
			t.Errorf("who appends to the part %q overwrites what follows", first)
		}
	})
}

// A heardLane takes down what a worker says.
type heardLane struct {
	lane
	said [][]byte
}

func (l *heardLane) send(msg []byte) error {
	l.said = append(l.said, bytes.Clone(msg))
	return nil
}

// Whatever comes as an order, a worker says one thing about each task in it, and
// leaves if it makes no sense. It does not end in another way.
func FuzzObey(f *testing.F) {
	number, err := marshal(nil, 21, nil)
	if err != nil {
		f.Fatal(err)
	}
	begin := slices.Clip(appendClaim(nil, 1, 0, 0, 0))
	f.Add(begin)
	f.Add(part(begin, "double"))
	f.Add(part(part(part(begin, "double"), string(number)), string(number)))
	f.Add(part(part(begin, "double"), "no number"))
	f.Add(part(part(begin, "nobody's"), "x"))
	f.Add(part(begin, "double")[:claimSize+7])
	f.Add(append(part(part(begin, "double"), string(number)), 9, 0, 0, 0))
	f.Add(part(append(part(appendClaim(nil, 1, 0, 0, 2), "double"), 0, 0), string(number)))
	f.Add(part(part(appendClaim(nil, 1, 0, 0, 1<<32-1), "double"), string(number)))
	f.Fuzz(func(t *testing.T, msg []byte) {
		if len(msg) < claimSize {
			return // which is not obeyed
		}
		name, rest, whole := cutPart(msg[claimSize:])
		if skip := skipIn(msg); whole && skip <= uint64(len(rest)) {
			rest = rest[skip:]
		} else {
			whole = false
		}
		// Of the registered functions, some end the process.
		if string(name) != "double" && isFunction(string(name)) {
			return
		}
		tasks := 0
		for whole && len(rest) > 0 {
			if _, rest, whole = cutPart(rest); whole {
				tasks++
			}
		}
		var l heardLane
		if err := newServer(&l).obey(t.Context(), msg); whole != (err == nil) || err != nil && !errors.Is(err, errOrders) {
			t.Errorf("%q: %v", msg, err)
		}
		if len(l.said) != tasks {
			t.Errorf("%q: %d tasks, and the worker says %q", msg, tasks, l.said)
		}
		for _, said := range l.said {
			if said[0] != saysResult && said[0] != saysError {
				t.Errorf("%q: the worker says %q", msg, said)
			}
		}
	})
}

func isFunction(name string) bool {
	_, ok := functions.find(name)
	return ok
}

// A roomyLane is shared memory that is never full.
type roomyLane struct {
	heardLane
	block     []byte
	committed int // bytes of blocks
}

func (l *roomyLane) vacant(int) []byte     { return nil }
func (l *roomyLane) offer([]byte) claim    { return claim{} }
func (l *roomyLane) flush()                {}
func (l *roomyLane) isReleased(claim) bool { return false }
func (l *roomyLane) here() bool            { return false }
func (l *roomyLane) want(int)              {}
func (l *roomyLane) unfinished() []byte    { return nil }
func (l *roomyLane) show(int)              {}

func (l *roomyLane) room(n int) ([]byte, error) {
	if n > roomBytes {
		return nil, wire.ErrTooLarge
	}
	l.block = make([]byte, n)
	return l.block, nil
}

// commit takes no more than there was room for.
func (l *roomyLane) commit(n int) { l.committed += len(l.block[:n]) }

// Whatever comes as a block of tasks, a worker says of each what came of it, once,
// or leaves.
func FuzzObeyBlock(f *testing.F) {
	if blockBytes == 0 {
		f.Skip("nothing is sent in blocks here")
	}
	three := blocksOf[int, int]([]int{1, 2, 3}, nil).encode(part(nil, "double"), 0, 3)
	f.Add(three, 3)
	f.Add(three, 2)
	f.Add(three, 4)
	f.Add(three[:len(three)-1], 3)
	f.Add(part(nil, "double"), 1)
	f.Add(part(nil, "nobody's"), 2)
	f.Add([]byte("x"), 1)
	f.Fuzz(func(t *testing.T, msg []byte, n int) {
		name, _, _ := cutPart(msg)
		if string(name) != "double" && isFunction(string(name)) || n < 0 || n > mostUnits {
			return
		}
		var l roomyLane
		order := append(appendClaim(nil, n, n, 1, 0), msg...)
		err := newServer(&l).obeyBlock(t.Context(), order, &blockRun{claim: claimOf(order, 0), unit: 1, tasks: n})
		if err != nil && !errors.Is(err, errOrders) {
			t.Errorf("%q: %v", msg, err)
		}
		if len(l.said) > n || err == nil && len(l.said) == 0 && l.committed == 0 && n > 0 {
			t.Errorf("%d tasks in %q, and the worker says %q and %d bytes: %v", n, msg, l.said, l.committed, err)
		}
	})
}

func FuzzParseError(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendError(nil, saysError, "text", "stack")[1:])
	f.Add(appendError(nil, saysBroken, "", "")[1:])
	f.Add([]byte{255, 255, 255, 255, 's'})
	f.Fuzz(func(t *testing.T, b []byte) {
		text, stack := parseError(b)
		if again, stack2 := parseError(appendError(nil, saysError, text, stack)[1:]); again != text || stack2 != stack {
			t.Errorf("%q and %q come back as %q and %q", text, stack, again, stack2)
		}
		if len(b) >= 4 && stack+text != string(b[4:]) {
			t.Errorf("%q is the text %q and the stack %q", b, text, stack)
		}
	})
}

func FuzzParseRequest(f *testing.F) {
	f.Add([]byte{})
	f.Add(request{}.frame())
	f.Add(request{1, 2, 3, 4, 'a', []byte("argument"), false}.frame())
	f.Add(request{op: 'a'}.frame()[:requestSize-1])
	f.Add(request{op: 'p', arg: appendFar(nil, 4096, 10), far: true}.frame())
	f.Add(bytes.Repeat([]byte{frameCancel}, requestSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRequest(b)
		if err == nil && !bytes.Equal(r.frame(), b) {
			t.Errorf("%q is read as %+v", b, r)
		}
	})
}

// A child may send anything: its parent serves it or refuses it. What it holds
// and waits for is gone when it is.
func FuzzDownlink(f *testing.F) {
	lock := func(call uint64, op byte) []byte {
		return request{call: call, hub: hubUnderFuzz, object: 1, process: 7, op: op}.frame()
	}
	f.Add(lock(1, hub.LockAcquire), lock(2, hub.LockAcquire), numbered(frameCancel, 2))
	f.Add(lock(1, hub.LockAcquire), numbered(frameGone, 7), lock(2, hub.LockRelease))
	f.Add(lock(1, hub.LockAcquire), lock(1, hub.LockAcquire), lock(1, hub.LockRelease))
	f.Add(request{call: 1, hub: math.MaxUint64}.frame(), numbered(frameCancel, 1)[:8], numbered(frameGone, 1))
	f.Add([]byte{frameRequest}, []byte{frameAnswer}, []byte{frameGone})
	room := request{call: 1, hub: hubUnderFuzz, object: roomObject, arg: appendFar(nil, 0, 100_000)}.frame()
	put := request{call: 2, hub: hubUnderFuzz, object: 2, op: hub.QueuePut, arg: appendFar(nil, 0, 100_000), far: true}
	get := request{call: 3, hub: hubUnderFuzz, object: 2, op: hub.QueueGet}.frame()
	f.Add(room, put.frame(), get)
	f.Add(room, put.frame(), put.frame())
	f.Add(get, room, put.frame())
	nothing := put
	nothing.arg = appendFar(nil, 0, 0)
	f.Add(room, nothing.frame(), get)
	rings := request{call: 4, hub: hubUnderFuzz, object: trunkObject}.frame()
	f.Add(rings, get, rings)
	put.op = hub.QueueLen
	f.Add(room, put.frame(), numbered(frameCancel, 1))
	put.arg = appendFar(nil, 4096, 1<<40)
	f.Add(room, room, put.frame())
	f.Fuzz(func(t *testing.T, one, two, three []byte) {
		null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		l := NewLock()
		defer l.Close()
		q, err := NewQueue[[]byte](0)
		if err != nil {
			t.Fatal(err)
		}
		d := newDownlink(null, smallestMessage)
		for _, frame := range [][]byte{one, two, three} {
			if len(frame) == 0 {
				continue // who reads the frames refuses that
			}
			if r, err := parseRequest(frame); err == nil && r.hub == hubUnderFuzz {
				switch r.hub = home.ID; r.object {
				case roomObject, trunkObject:
				case 2:
					r.object = q.object
				default:
					r.object = l.object
				}
				frame = r.frame()
			}
			_ = d.take(frame) // an error ends the child
		}
		d.close()
		if err := q.Close(); err != nil {
			t.Error(err)
		}
		if n := ownSlab().Len() + ownTrunks().Len(); n != 0 {
			t.Errorf("left: %d blocks of memory", n)
		}
		if err := l.Acquire(soon(t)); err != nil && !errors.Is(err, ErrOwnerDied) {
			t.Error(err)
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		if len(d.sessions)+len(d.passed)+len(d.calls) > 0 {
			t.Errorf("left: %d sessions, %d passed on, %d calls", len(d.sessions), len(d.passed), len(d.calls))
		}
	})
}

// hubUnderFuzz stands for the hub of this process, whose number differs in each.
const hubUnderFuzz = 1

func FuzzParseGreeting(f *testing.F) {
	for _, g := range []greeting{
		{},
		{fn: "double", name: "a", daemon: true, parent: "b", parentPID: 7, hub: 1 << 63, common: 4096, key: []byte("key"), arg: []byte{1}, files: []uint64{1, 2}},
	} {
		b, err := g.frame(wire.Limit)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)-1])
		f.Add(b[:20])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		g, err := parseGreeting(b)
		if err != nil {
			return
		}
		if g.daemon {
			binary.LittleEndian.PutUint64(b[1:], 1) // any other number is as good
		}
		if again, err := g.frame(wire.Limit); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q comes back as %q: %v", b, again, err)
		}
	})
}

func FuzzParseAnswer(f *testing.F) {
	for _, a := range []answer{{}, {result: []byte("x")}, {failed: true, text: "text", stack: "stack"}} {
		f.Add(a.frame())
		f.Add(a.frame()[:5])
		f.Add(append(a.frame(), 0))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := parseAnswer(b)
		if err != nil {
			return
		}
		b[0], b[1] = frameAnswer, min(b[1], 1) // its letter is known by then, and any number is a failure
		if again := a.frame(); !bytes.Equal(again, b) {
			t.Errorf("%q comes back as %q", b, again)
		}
	})
}
