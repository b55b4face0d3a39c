package hub

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Operations of a lock.
const (
	LockAcquire    = 'a' // waits for the lock
	LockTryAcquire = 't' // ErrBusy if it is held
	LockRelease    = 'r'
	LockHeld       = 'h' // result: 1 if anybody holds it, otherwise 0
)

// A Lock is held by one session at a time, in the order in which they ask. When
// a holder ends without having released it, the next one that asks is told so
// by ErrOwnerDied, once, and the lock is free.
type Lock struct {
	mu         sync.Mutex // guards the conditions, too
	closed     bool
	at         Word          // whose memory others may share
	own        atomic.Uint64 // the memory if they do not
	died       bool          // the last holder did, and nobody has been told yet: the lock is free, but the hub's
	waiting    waiters       // there are none while nobody holds the lock, which is the hub's while there are
	conditions []*Condition
}

// AddLock adds a lock, whose state lies in one of the places if that is free,
// and returns its number.
func (h *Hub) AddLock(places []Place) uint64 {
	l := &Lock{}
	l.mu.Lock()
	defer l.mu.Unlock()
	number := h.Add(l)
	if w := WordAt(places, number); w.state != nil && w.state.CompareAndSwap(0, w.free) {
		l.at = w
	}
	return number
}

// word is the state of the lock.
func (l *Lock) word() Word {
	if l.at.state == nil {
		l.at = Word{&l.own, 1 << lockShift}
		l.own.Store(l.at.free)
	}
	return l.at
}

// Do begins an operation.
func (l *Lock) Do(s *Session, op byte, _ []byte, done Done) func() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.do(s, op, done)
}

// do is Do for who has mu.
func (l *Lock) do(s *Session, op byte, done Done) func() bool {
	w := l.word()
	switch {
	case l.closed:
		done(nil, ErrClosed)
	case op == LockHeld:
		done(truth(w.held()), nil)
	case op == LockRelease && !w.heldBy(s.process):
		done(nil, ErrNotHeld)
	case op == LockRelease:
		l.pass()
		done(nil, nil)
	case op != LockAcquire && op != LockTryAcquire:
		done(nil, ErrRequest)
	case l.died:
		l.died = false
		w.reset(false)
		done(nil, ErrOwnerDied)
	default:
		return l.acquire(s, op, done)
	}
	return nil
}

// acquire gives the lock to s, or has it wait.
func (l *Lock) acquire(s *Session, op byte, done Done) func() bool {
	for {
		switch {
		case l.at.take(s.process):
			done(nil, nil)
			return nil
		case op == LockTryAcquire && l.at.held():
			done(nil, ErrBusy)
			return nil
		case op == LockAcquire && l.at.claim():
			return l.waiting.wait(&l.mu, &waiter{session: s, done: done})
		}
		// Its holder has released it in between, without the hub.
	}
}

// pass gives the lock, which is the hub's, to the next who waits.
func (l *Lock) pass() {
	w := l.waiting.next()
	if w == nil {
		l.at.reset(false)
		return
	}
	l.at.give(w.session.process, len(l.waiting.list) > 0)
	w.done(nil, nil)
}

// Leave frees the lock if s held it.
func (l *Lock) Leave(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renotify(s)
	if l.closed || !l.word().heldBy(s.process) {
		return
	}
	w := l.waiting.next()
	for i := 0; w == nil && i < len(l.conditions); i++ {
		w = l.conditions[i].waiting.next()
	}
	if w == nil {
		l.died = true
		l.at.reset(true)
		return
	}
	w.done(nil, ErrOwnerDied)
	l.pass()
}

// renotify hands the notifications on that s was given and has not seen: its
// waits for a condition that are waits for the lock by now, and that nobody
// has taken back.
func (l *Lock) renotify(s *Session) {
	for _, w := range slices.Clone(l.waiting.list) {
		if w.session != s || w.condition == nil {
			continue
		}
		l.waiting.remove(w)
		w.done(nil, ErrClosed)
		if other := w.condition.waiting.next(); other != nil {
			l.waiting.add(other)
		}
	}
}

// Close ends the lock, and the waiting for its conditions: who waits there
// could never have it again.
func (l *Lock) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.word().leave()
	l.waiting.close()
	for _, c := range l.conditions {
		c.waiting.close()
	}
}

// truth is a boolean result.
func truth(b bool) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}
