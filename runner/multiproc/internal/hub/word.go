package hub

import (
	"sync/atomic"
	"unsafe"
)

// A Word is the state of a lock in one number. It may lie in memory that
// processes share: then those acquire and release the lock where nobody else
// wants it, and the hub hears nothing of it. The hub does the rest.
//
// From the top, the number has 24 bits of the lock's own number, so that one
// whose place another lock has taken over is not mistaken for that; 39 bits of
// the owner's, 0 if the lock is free; and one that says that only the hub may
// change it: somebody waits, or is to be told of a death.
type Word struct {
	state *atomic.Uint64
	free  uint64 // the state of the lock when it is free
}

const (
	ownerShift = 1
	lockShift  = 40

	hubOnly = 1
	owners  = 1<<lockShift - 1<<ownerShift
)

// Acquire acquires a lock that is free, and reports whether it did.
func (w Word) Acquire(process uint64) bool {
	return w.state != nil && w.state.CompareAndSwap(w.free, w.free|ownerBits(process))
}

// Release releases a lock that the process has and nobody else wants, and
// reports whether it did.
func (w Word) Release(process uint64) bool {
	return w.state != nil && w.state.CompareAndSwap(w.free|ownerBits(process), w.free)
}

// ownerBits is a process as the owner of a lock. The numbers of processes are
// odd, and random.
func ownerBits(process uint64) uint64 { return process << ownerShift & owners }

// held tells whether the lock is held, by anybody.
func (w Word) held() bool { return w.state.Load()&owners != 0 }

// heldBy tells whether the process has the lock. If so, it is the hub's from
// then on.
func (w Word) heldBy(process uint64) bool {
	for {
		s := w.state.Load()
		switch {
		case s&owners != ownerBits(process):
			return false
		case s&hubOnly != 0 || w.state.CompareAndSwap(s, s|hubOnly):
			return true
		}
	}
}

// take gives a lock that is free to a process, and reports whether it did.
func (w Word) take(process uint64) bool {
	for {
		s := w.state.Load()
		switch {
		case s&owners != 0:
			return false
		case w.state.CompareAndSwap(s, w.free|ownerBits(process)):
			return true
		}
	}
}

// claim makes a lock that is held the hub's. It reports false for one that is
// free.
func (w Word) claim() bool {
	for {
		s := w.state.Load()
		switch {
		case s&owners == 0:
			return false
		case s&hubOnly != 0 || w.state.CompareAndSwap(s, s|hubOnly):
			return true
		}
	}
}

// give gives a lock that is the hub's to a process. With more, it stays the hub's.
func (w Word) give(process uint64, more bool) {
	s := w.free | ownerBits(process)
	if more {
		s |= hubOnly
	}
	w.state.Store(s)
}

// reset makes a lock that is the hub's free. With keep, only the hub gives it
// out.
func (w Word) reset(keep bool) {
	s := w.free
	if keep {
		s |= hubOnly
	}
	w.state.Store(s)
}

// leave gives the place of a lock that has ended to others.
func (w Word) leave() { w.state.Store(0) }

// A Place is where the state of a lock lies, two cache lines from the next one.
type Place struct {
	state atomic.Uint64
	_     [120]byte
}

// Places returns the places in shared memory, which is all zero at first.
func Places(mem []byte) []Place {
	return unsafe.Slice((*Place)(unsafe.Pointer(unsafe.SliceData(mem))), len(mem)/int(unsafe.Sizeof(Place{})))
}

// WordAt returns the word of the lock with that number, if there is one among
// the places: of some locks, the place is taken by another, whose word it is not.
func WordAt(places []Place, lock uint64) Word {
	free := lock << lockShift
	if len(places) == 0 || free == 0 {
		return Word{}
	}
	return Word{&places[lock%uint64(len(places))].state, free}
}
