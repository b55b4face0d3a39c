package hub

import (
	"slices"
	"sync"
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
	owner      *Session
	died       bool    // the last holder did, and nobody has been told yet
	waiting    waiters // there are none while nobody holds the lock
	conditions []*Condition
}

// Do begins an operation.
func (l *Lock) Do(s *Session, op byte, _ []byte, done Done) func() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.do(s, op, done)
}

// do is Do for who has mu.
func (l *Lock) do(s *Session, op byte, done Done) func() bool {
	switch {
	case l.closed:
		done(nil, ErrClosed)
	case op == LockHeld:
		done(truth(l.owner != nil), nil)
	case op == LockRelease && l.owner != s:
		done(nil, ErrNotHeld)
	case op == LockRelease:
		l.pass()
		done(nil, nil)
	case op != LockAcquire && op != LockTryAcquire:
		done(nil, ErrRequest)
	case l.died:
		l.died = false
		done(nil, ErrOwnerDied)
	case l.owner == nil:
		l.owner = s
		done(nil, nil)
	case op == LockTryAcquire:
		done(nil, ErrBusy)
	default:
		return l.waiting.wait(&l.mu, &waiter{session: s, done: done})
	}
	return nil
}

// pass gives the lock to the next who waits.
func (l *Lock) pass() {
	l.owner = nil
	if w := l.waiting.next(); w != nil {
		l.owner = w.session
		w.done(nil, nil)
	}
}

// Leave frees the lock if s held it.
func (l *Lock) Leave(s *Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renotify(s)
	if l.owner != s {
		return
	}
	l.owner = nil
	w := l.waiting.next()
	for i := 0; w == nil && i < len(l.conditions); i++ {
		w = l.conditions[i].waiting.next()
	}
	if w == nil {
		l.died = true
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
