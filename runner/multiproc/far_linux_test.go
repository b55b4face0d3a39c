//go:build !portable

package multiproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"unsafe"
)

// A large value that is not put, or not got, leaves no memory behind either.
func TestLargeValuesThatComeToNothing(t *testing.T) {
	leavesNothing(t)
	q, err := NewQueue[[]byte](1)
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 1<<20)
	if err := q.Put(soon(t), large); err != nil {
		t.Fatal(err)
	}
	if err := q.TryPut(large); !errors.Is(err, ErrFull) {
		t.Errorf("into a full queue: %v", err)
	}
	if err := q.Put(brief(t), large); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("for a moment: %v", err)
	}
	if n := ownSlab().Len(); n != 1 {
		t.Errorf("%d blocks are in use, want the one of the value that is in the queue", n)
	}
	p := mustStart(t, doHaul, haul{Queue: q, Sizes: []int{1 << 20}, Put: true}, Options{})
	eventually(t, "waiting for room", func() bool { return ownSlab().Len() == 2 })
	if err := p.Kill(); err != nil {
		t.Error(err)
	}
	_, _ = p.Join(soon(t)) // it was killed
	if n := ownSlab().Len(); n != 1 {
		t.Errorf("%d blocks are in use after the death of who waited, want 1", n)
	}
	p = mustStart(t, doHaul, haul{Queue: q, Sizes: []int{1 << 20}, Put: true}, Options{})
	eventually(t, "waiting for room", func() bool { return ownSlab().Len() == 2 })
	if err := q.Close(); err != nil { // with one value in it, and one before it
		t.Error(err)
	}
	if _, err := p.Join(soon(t)); err == nil {
		t.Error("a value was put into a queue that is closed")
	}
	emptySlab(t)
}

// A large value lies in the slab while it is used, from whichever side it came.
func TestLargeValuesAreUsedInTheSlab(t *testing.T) {
	leavesNothing(t)
	q := newQueue[[]byte](t, 0)
	if err := q.Put(soon(t), pattern(0, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := haulIn(soon(t), haul{Queue: q, Sizes: []int{1 << 20}, Put: true}); err != nil {
		t.Fatal(err)
	}
	memory := own.segment.Bytes()
	for range 2 {
		err := q.GetFunc(soon(t), func(v []byte) error {
			at := uintptr(unsafe.Pointer(&v[0])) - uintptr(unsafe.Pointer(&memory[0]))
			if at >= uintptr(len(memory)) {
				t.Error("it lies elsewhere")
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	emptySlab(t)
}

var putsToItself = Func("putsToItself", func(ctx context.Context, h haul) (int, error) {
	got := make(chan error, 1)
	for i, size := range h.Sizes {
		go func() {
			got <- h.Queue.GetFunc(ctx, func(v []byte) error {
				if !bytes.Equal(v, pattern(i, size)) {
					return fmt.Errorf("value %d is another one", i)
				}
				return nil
			})
		}()
		if err := errors.Join(h.Queue.Put(ctx, pattern(i, size)), <-got); err != nil {
			return i, err
		}
	}
	return len(h.Sizes), nil
})

// A child that gets what it puts has a block lent to read before it hears that the
// value is in the queue.
func TestAChildPutsToItself(t *testing.T) {
	leavesNothing(t)
	h := haul{Queue: newQueue[[]byte](t, 1), Sizes: slices.Repeat([]int{1 << 20}, 20)}
	if _, err := mustStart(t, putsToItself, h, Options{}).Join(soon(t)); err != nil {
		t.Error(err)
	}
	emptySlab(t)
}
