package hub

import "sync"

// Operations of a lock.
const (
	LockAcquire    = 'a' // waits for the lock
	LockTryAcquire = 't' // ErrBusy if it is held
	LockRelease    = 'r'
	LockHeld       = 'h' // result: 1 if anybody holds it, otherwise 0
)

// A Lock is held by one session at a time. When a holder ends without having
// released it, the next one that asks is told so by ErrOwnerDied, once, and
// the lock is free.
type Lock struct {
	mu      sync.Mutex
	closed  bool
	owner   *Session
	died    bool // the last holder did, and nobody has been told yet
	waiting waiters
}

// Do begins an operation.
func (l *Lock) Do(s *Session, op byte, _ []byte, done Done) func() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
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

// heldBy tells whether s holds the lock.
func (l *Lock) heldBy(s *Session) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owner == s
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
	if l.owner != s {
		return
	}
	l.owner = nil
	w := l.waiting.next()
	if w == nil {
		l.died = true
		return
	}
	w.done(nil, ErrOwnerDied)
	l.pass()
}

// Close ends the lock.
func (l *Lock) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.waiting.close()
}

// truth is a boolean result.
func truth(b bool) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}
