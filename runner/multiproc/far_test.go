package multiproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
)

// A haul is values that a child puts into a queue, or takes out of it.
type haul struct {
	Queue *Queue[[]byte]
	Sizes []int
	Put   bool
	Depth int // of descendants, of whom the last one does it
}

var doHaul = Func("doHaul", func(ctx context.Context, h haul) (int, error) {
	if h.Depth > 0 {
		h.Depth--
		return haulIn(ctx, h)
	}
	return len(h.Sizes), h.run(ctx)
})

func haulIn(ctx context.Context, h haul) (int, error) {
	p, err := Function[haul, int]{name: "doHaul"}.Start(h, Options{})
	if err != nil {
		return 0, err
	}
	return p.Join(ctx)
}

// pattern is value i of a haul.
func pattern(i, size int) []byte { return bytes.Repeat([]byte{byte(i + 1)}, size) }

// run puts the values, or gets and checks them.
func (h haul) run(ctx context.Context) error {
	for i, size := range h.Sizes {
		want := pattern(i, size)
		if h.Put {
			if err := h.Queue.Put(ctx, want); err != nil {
				return err
			}
			continue
		}
		got, err := h.Queue.Get(ctx)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("value %d has %d bytes, want %d, or other ones", i, len(got), size)
		}
	}
	return nil
}

// emptySlab asks that no memory of the slab is left in use.
func emptySlab(t *testing.T) {
	t.Helper()
	eventually(t, "given back", func() bool { return ownSlab().Len() == 0 })
}

// Values of any size come whole and in order from whoever puts them to whoever gets
// them, and leave no memory behind.
func TestLargeValuesOfQueues(t *testing.T) {
	leavesNothing(t)
	sizes := []int{0, 1, largeValue - 9, largeValue - 8, largeValue, 3 << 20, 100, 1 << 20}
	for _, from := range []int{-1, 0, 1} { // this process, a child, a grandchild
		for _, to := range []int{-1, 0, 1} {
			if testing.Short() && from+to != -1 { // between this process and a child
				continue
			}
			t.Run(fmt.Sprintf("from=%d/to=%d", from, to), func(t *testing.T) {
				q, err := NewQueue[[]byte](3)
				if err != nil {
					t.Fatal(err)
				}
				defer q.Close()
				ended := make(chan error, 2)
				for _, end := range []struct {
					depth int
					put   bool
				}{{from, true}, {to, false}} {
					go func() {
						h := haul{Queue: q, Sizes: sizes, Put: end.put, Depth: end.depth}
						if end.depth < 0 {
							ended <- h.run(soon(t))
							return
						}
						_, err := haulIn(soon(t), h)
						ended <- err
					}()
				}
				if err := errors.Join(<-ended, <-ended); err != nil {
					t.Error(err)
				}
				emptySlab(t)
			})
		}
	}
}

// GetFunc and RecvFunc give values where they lie, and take them whatever comes of
// them.
func TestValuesInPlace(t *testing.T) {
	leavesNothing(t)
	refused := errors.New("refused")
	q := newQueue[[]byte](t, 0)
	sizes := []int{0, 100, largeValue, 1 << 20}
	if _, err := haulIn(soon(t), haul{Queue: q, Sizes: sizes, Put: true}); err != nil {
		t.Fatal(err)
	}
	r, s, err := OneWayPipe[[]byte]()
	if err != nil {
		t.Fatal(err)
	}
	a, b, err := Pipe[[]byte]()
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range sizes {
		want := pattern(i, size)
		check := func(got []byte) error {
			if !bytes.Equal(got, want) {
				t.Errorf("value %d has %d bytes, want %d, or other ones", i, len(got), size)
			}
			return refused
		}
		if err := q.GetFunc(soon(t), check); !errors.Is(err, refused) {
			t.Errorf("out of a queue: %v", err)
		}
		for _, way := range []struct {
			from *Sender[[]byte]
			to   *Receiver[[]byte]
		}{{s, r}, {&a.Sender, &b.Receiver}} {
			go func() {
				if err := way.from.Send(soon(t), want); err != nil {
					t.Error(err)
				}
			}()
			if err := way.to.RecvFunc(soon(t), check); !errors.Is(err, refused) {
				t.Errorf("out of a pipe: %v", err)
			}
		}
	}
	emptySlab(t)
	if err := q.GetFunc(brief(t), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("out of an empty queue: %v", err)
	}
	if err := new(Receiver[int]).RecvFunc(soon(t), nil); !errors.Is(err, errZeroPipe) {
		t.Errorf("out of no pipe: %v", err)
	}
	if err := errors.Join(r.Close(), s.Close(), a.Close(), b.Close()); err != nil {
		t.Error(err)
	}
}

// Whatever comes of the use of a value, also an error that RecvInto has for one that
// stays, and a panic, the next one is another.
func TestValuesAreTakenWhateverComesOfThem(t *testing.T) {
	leavesNothing(t)
	q := newQueue[[]byte](t, 0)
	r, s, err := OneWayPipe[[]byte]()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = r.Close(), s.Close() }() // what they carried has come by then
	a, b, err := Pipe[[]byte]()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = a.Close(), b.Close() }() // as above
	for name, way := range map[string]struct {
		put func(context.Context, []byte) error
		get func(context.Context, func([]byte) error) error
	}{"queue": {q.Put, q.GetFunc}, "pipe": {a.Send, b.RecvFunc}, "one-way pipe": {s.Send, r.RecvFunc}} {
		var got []byte
		for i, use := range []func() error{
			func() error { return io.ErrShortBuffer },
			func() error { panic("of use") },
			func() error { return nil },
		} {
			if err := way.put(soon(t), []byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
			func() {
				defer func() { _ = recover() }() // of the panic of use, which is one of the cases
				_ = way.get(soon(t), func(v []byte) error { got = append(got, v...); return use() })
			}()
		}
		if !bytes.Equal(got, []byte{0, 1, 2}) {
			t.Errorf("%s: the values used are %v, want 0, 1 and 2", name, got)
		}
	}
}

// What the slab has no room for is sent whole.
func TestMoreLargeValuesThanTheSlabHolds(t *testing.T) {
	leavesNothing(t)
	q, err := NewQueue[[]byte](0)
	if err != nil {
		t.Fatal(err)
	}
	sizes := make([]int, 10)
	for i := range sizes {
		sizes[i] = slabSize / 8
	}
	if testing.Short() {
		most := ownSlab().Take(slabSize - 4<<20) // the rest is soon full
		if most != nil {                         // it is there on this system
			defer ownSlab().Free(most)
		}
		for i := range sizes {
			sizes[i] = 1 << 20
		}
	}
	if err := (haul{Queue: q, Sizes: sizes, Put: true}).run(soon(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := haulIn(soon(t), haul{Queue: q, Sizes: sizes}); err != nil {
		t.Error(err)
	}
	if _, err := haulIn(soon(t), haul{Queue: q, Sizes: sizes, Put: true}); err != nil {
		t.Error(err)
	}
	if err := (haul{Queue: q, Sizes: sizes}).run(soon(t)); err != nil {
		t.Error(err)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
	if !testing.Short() {
		emptySlab(t)
	}
}
