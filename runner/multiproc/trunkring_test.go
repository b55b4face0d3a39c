package multiproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"
	"unsafe"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A trunkPair is the two ends of rings, each with its reader and the pipe to the
// other one.
type trunkPair struct {
	child, parent *trunkRing
	up, down      *trunkReader // what reads them
	pipes         []*os.File
}

func newTrunkPair(t *testing.T, limit int) *trunkPair {
	t.Helper()
	mem := make([]byte, trunkRings+128)
	mem = mem[-uintptr(unsafe.Pointer(&mem[0]))%128:][:trunkRings]
	p := &trunkPair{}
	end := func(child bool) (*trunkRing, *os.File) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		p.pipes = append(p.pipes, w, r)
		ring, err := newTrunkRing(mem, child, func() { _ = wire.Write(w, []byte{frameBell}, 1) }) // who is gone hears nothing
		if err != nil {
			t.Fatal(err)
		}
		return ring, r
	}
	var fromChild, fromParent *os.File
	p.child, fromChild = end(true)
	p.parent, fromParent = end(false)
	p.up = &trunkReader{pipe: fromChild, limit: limit, ring: p.parent}
	p.down = &trunkReader{pipe: fromParent, limit: limit, ring: p.child}
	t.Cleanup(func() {
		for _, f := range p.pipes {
			_ = f.Close() // it may be closed already
		}
	})
	return p
}

// frameOf is frame i of a size, which no other one is.
func frameOf(i, size int) []byte {
	b := make([]byte, size)
	for k := range b {
		b[k] = byte(i + k*7 + k>>8)
	}
	return b
}

// Frames of any size come whole and in order, both ways at once, also where both
// sides wait for room most of the time and where they sleep.
func TestFramesThroughTrunkRings(t *testing.T) {
	sizes := []int{1, 9, 100, ring.Inline - 1, ring.Inline, ring.Inline + 1, 3 * ring.Inline, ring.Room, 300_000}
	const rounds = 300
	p := newTrunkPair(t, 1<<20)
	var all, readers sync.WaitGroup
	for _, way := range []struct {
		from *trunkRing
		to   *trunkReader
	}{{p.child, p.up}, {p.parent, p.down}} {
		all.Go(func() {
			for i := range rounds {
				frame := frameOf(i, sizes[i%len(sizes)])
				if i%2 == 0 && way.from.offer(frame) {
					continue
				}
				way.from.put(frame, nil)
			}
		})
		all.Add(1)
		readers.Go(func() { // until the end: the writer of this side may wait for what it hears
			for i := 0; ; i++ {
				got, err := way.to.read()
				if err != nil && i >= rounds {
					return
				}
				if want := frameOf(i, sizes[i%len(sizes)]); err != nil || !bytes.Equal(got, want) {
					t.Errorf("frame %d has %d bytes, want %d, or other ones: %v", i, len(got), len(want), err)
				}
				if i == rounds-1 {
					all.Done()
				}
			}
		})
	}
	all.Wait()
	for _, f := range p.pipes {
		_ = f.Close() // which ends the readers
	}
	readers.Wait()
}

// What a side has said before its end is read, and then how its pipe ended; a frame
// of which a part is missing is none.
func TestTheEndOfATrunkRing(t *testing.T) {
	p := newTrunkPair(t, 100_000)
	for i := range 3 {
		p.child.put(frameOf(i, 1000), nil)
	}
	b := p.child.out.Reserve(10)
	if b == nil {
		t.Fatal("no room")
	}
	p.child.out.Commit(10, true)
	p.child.publish()
	if err := p.pipes[0].Close(); err != nil { // that of the child's bell
		t.Fatal(err)
	}
	for i := range 3 {
		if got, err := p.up.read(); err != nil || !bytes.Equal(got, frameOf(i, 1000)) {
			t.Errorf("frame %d: %d bytes, %v", i, len(got), err)
		}
	}
	for range 2 {
		if got, err := p.up.read(); got != nil || !errors.Is(err, io.EOF) {
			t.Errorf("after the last one: %d bytes, %v", len(got), err)
		}
	}
}

// Who waits for room for somebody who is gone waits no more.
func TestNoRoomInATrunkRingForever(t *testing.T) {
	p := newTrunkPair(t, 100_000)
	for p.parent.offer(frameOf(0, 1000)) {
	}
	ended := make(chan struct{})
	put := make(chan bool)
	go func() { put <- p.parent.put(frameOf(0, 1000), ended) }()
	eventually(t, "waiting", p.parent.waits.Load)
	close(ended)
	if <-put {
		t.Error("it was written")
	}
}

// A side that is told more than there may be in one frame, or nonsense, says so.
func TestTrunkRingsAreReadWithSuspicion(t *testing.T) {
	p := newTrunkPair(t, 1000)
	p.child.put(frameOf(0, 1001), nil)
	if _, err := p.up.read(); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("one byte over the limit: %v", err)
	}
	p = newTrunkPair(t, 20_000)
	p.child.put(frameOf(0, 20_001), nil)
	if _, err := p.up.read(); !errors.Is(err, wire.ErrTooLarge) {
		t.Errorf("in parts, one byte over the limit: %v", err)
	}
	d := newDownlink(os.Stderr, smallestMessage)
	if d.switchOver() != nil {
		t.Error("rings that nobody has offered")
	}
}

// A chat is what a child asks of a queue often enough to get rings.
type chat struct {
	In, Out *Queue[[]byte]
	N       int
	End     string // how the process is to end amid its questions; empty if it just returns
}

var chats = Func("chats", func(ctx context.Context, c chat) (bool, error) {
	var all sync.WaitGroup
	failed := make(chan error, 4)
	for range cap(failed) {
		all.Go(func() {
			for i := range c.N {
				v, err := c.In.Get(ctx)
				if err == nil {
					err = c.Out.Put(ctx, v)
				}
				if err != nil {
					failed <- err
					return
				}
				if c.End != "" && i == c.N/2 {
					_, _ = affliction{How: c.End}.suffer() // which does not return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	upward.writing.Lock()
	defer upward.writing.Unlock()
	return upward.ring != nil, <-failed
})

// Many goroutines of several children at once ask and are answered through rings,
// values of all sizes; whoever dies amid that leaves no rings behind.
func TestChildrenWithRings(t *testing.T) {
	const children, each = 3, 200
	leavesNothing(t)
	in, out := newQueue[[]byte](t, 16), newQueue[[]byte](t, 16)
	sizes := []int{0, 10, 5000, ring.Inline, 20_000, largeValue, 200_000}
	var all []*Process[bool]
	for range children {
		all = append(all, mustStart(t, chats, chat{In: in, Out: out, N: each}, Options{}))
	}
	const n = children * each * 4
	go func() {
		for i := range n {
			if err := in.Put(soon(t), frameOf(i, sizes[i%len(sizes)])); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	came := map[string]int{}
	for range n {
		v, err := out.Get(soon(t))
		if err != nil {
			t.Fatal(err)
		}
		came[string(v)]++
	}
	for i := range n {
		came[string(frameOf(i, sizes[i%len(sizes)]))]--
	}
	for v, n := range came {
		if n != 0 {
			t.Errorf("a value of %d bytes came %d times too often", len(v), n)
		}
	}
	_, _, sparse := cutCommons(own.segment.Bytes())
	for _, p := range all {
		if rings, err := p.Join(soon(t)); err != nil || rings != (sparse != nil) {
			t.Errorf("with rings: %t, %v", rings, err)
		}
	}
	emptySlab(t)
}

func TestChildrenWithRingsThatDie(t *testing.T) {
	for _, how := range []string{"kill", "exit", "panic"} {
		t.Run(how, func(t *testing.T) {
			leavesNothing(t)
			in, out := newQueue[[]byte](t, 16), newQueue[[]byte](t, 16)
			p := mustStart(t, chats, chat{In: in, Out: out, N: 100, End: how}, Options{Stderr: nowhere(t)})
			for i := range 300 { // whatever of it is taken
				err := in.Put(soon(t), frameOf(i, 1000))
				if err == nil {
					_, err = out.Get(brief(t))
				}
				if err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Fatal(err)
				}
				if !p.Alive() {
					break
				}
			}
			if _, err := p.Join(soon(t)); err == nil {
				t.Error("it did not die")
			}
		})
	}
}

// Where there is no room for more rings, all goes by the pipes.
func TestMoreChildrenThanRings(t *testing.T) {
	leavesNothing(t)
	most := ownTrunks().Take(trunksSize - trunkRings)
	if most == nil {
		t.Skip("there are no rings for trunks here")
	}
	defer ownTrunks().Free(most)
	in, out := newQueue[[]byte](t, 0), newQueue[[]byte](t, 0)
	const n = 100
	p := mustStart(t, chats, chat{In: in, Out: out, N: n}, Options{})
	for i := range 4 * n {
		if err := in.Put(soon(t), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Get(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	if rings, err := p.Join(soon(t)); rings || err != nil {
		t.Errorf("with rings: %t, %v", rings, err)
	}
}

// A side that never sleeps hears no bell: there is one in its pipe all the same.
func TestBellsDoNotFillThePipe(t *testing.T) {
	p := newTrunkPair(t, 1000)
	for range 1000 {
		p.child.put(frameOf(0, 1000), nil)
		p.child.out.Doze() // as who waits for room
		if _, err := p.up.read(); err != nil {
			t.Fatal(err)
		}
		p.parent.free()
	}
	if err := p.pipes[2].Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(p.pipes[3]); len(b) != wire.Header+1 || err != nil {
		t.Errorf("%d bytes in the pipe, want those of one bell: %v", len(b), err)
	}
}

// No frame follows the offer of rings through the pipe, where it would wait until
// the ring is empty, and leave no room for the bell.
func TestNothingFollowsTheOfferOfRings(t *testing.T) {
	leavesNothing(t)
	for _, uses := range []bool{true, false} {
		t.Run(fmt.Sprintf("uses=%t", uses), func(t *testing.T) {
			from, to, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer from.Close()
			d := newDownlink(to, smallestMessage)
			var once sync.Once
			down := func() { once.Do(d.close) }
			defer down()
			r := trunkReader{pipe: from, limit: smallestMessage}
			read := func(want byte) []byte {
				b, err := r.read()
				if err != nil || len(b) == 0 || b[0] != want {
					t.Fatalf("read %q, want %q: %v", b, want, err)
				}
				return b
			}
			d.send([]byte{1})
			if err := d.take(request{call: ringsCall, hub: home.ID, object: trunkObject}.frame()); err != nil {
				t.Fatal(err)
			}
			d.send([]byte{2})
			d.send([]byte{3})
			read(1)
			place, err := hub.Outcome(read(frameOutcome)[9:])
			if errors.Is(err, hub.ErrFull) {
				t.Skip("there are no rings for trunks here")
			}
			at, _, err2 := parseFar(place)
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
			if !uses {
				if err := d.take(numbered(frameCancel, ringsCall)); err != nil {
					t.Fatal(err)
				}
				read(2)
				read(3)
				return
			}
			trunks := ownTrunks()
			child, err := newTrunkRing(trunks.Bytes(trunks.Lent(at, trunkRings, d), trunkRings), true, func() {})
			if err != nil {
				t.Fatal(err)
			}
			if d.switchOver() == nil {
				t.Fatal("no rings")
			}
			var got []byte
			eventually(t, "in the ring", func() bool {
				b, _, err := child.next(smallestMessage)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, b...)
				return len(got) == 2
			})
			if !bytes.Equal(got, []byte{2, 3}) {
				t.Errorf("%v in the ring, want 2 and 3", got)
			}
			down()
			if b, err := io.ReadAll(from); len(b) > wire.Header+1 || err != nil {
				t.Errorf("%d bytes are left in the pipe, want no more than those of a bell: %v", len(b), err)
			}
		})
	}
}

// speaksNonsense says what no child of this build says, and waits for what it is told.
var speaksNonsense = Func("speaksNonsense", func(ctx context.Context, q *Queue[int]) (int, error) {
	for range 2 * manyRequests {
		if _, err := q.Len(); err != nil {
			return 0, err
		}
	}
	if err := upward.write([]byte("nonsense")); err != nil {
		return 0, err
	}
	return q.Get(ctx)
})

// A child that nobody listens to any more does not wait for ever.
func TestAChildThatSpeaksNonsense(t *testing.T) {
	leavesNothing(t)
	_, err := mustStart(t, speaksNonsense, newQueue[int](t, 0), Options{}).Join(soon(t))
	if err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("its end: %v", err)
	}
}
