package hub

import "sync"

// Operations of a semaphore.
const (
	SemAcquire    = 'a' // waits for a permit
	SemTryAcquire = 't' // ErrBusy if there is none
	SemRelease    = 'r' // ErrReleased if a bounded one has all its permits
	SemValue      = 'v' // result: the permits that are free, as 8 bytes
)

// A Semaphore hands out permits, in the order in which they are asked for. It
// counts what each session has acquired and not released. When a session ends,
// that comes back, and the next one that asks is told so by ErrOwnerDied, once.
//
// What comes back never makes for more permits than the semaphore began with:
// a permit beyond those was a signal from one process to another, or was given
// back by another, and is used up.
type Semaphore struct {
	initial uint64
	bounded bool

	mu      sync.Mutex
	closed  bool
	free    uint64
	held    map[*Session]uint64
	out     uint64 // sum of held
	died    bool
	waiting waiters // there are none while permits are free
}

// NewSemaphore returns a semaphore with n permits. A bounded one refuses to
// have more.
func NewSemaphore(n uint64, bounded bool) *Semaphore {
	return &Semaphore{initial: n, bounded: bounded, free: n, held: map[*Session]uint64{}}
}

// Do begins an operation.
func (m *Semaphore) Do(s *Session, op byte, _ []byte, done Done) func() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.closed:
		done(nil, ErrClosed)
	case op == SemValue:
		done(number(m.free), nil)
	case op == SemRelease:
		m.release(s, done)
	case op != SemAcquire && op != SemTryAcquire:
		done(nil, ErrRequest)
	case m.died:
		m.died = false
		done(nil, ErrOwnerDied)
	case m.free > 0:
		m.give(s)
		done(nil, nil)
	case op == SemTryAcquire:
		done(nil, ErrBusy)
	default:
		return m.waiting.wait(&m.mu, &waiter{session: s, done: done})
	}
	return nil
}

func (m *Semaphore) give(s *Session) {
	m.free--
	m.held[s]++
	m.out++
}

func (m *Semaphore) release(s *Session, done Done) {
	if m.bounded && m.free >= m.initial {
		done(nil, ErrReleased)
		return
	}
	m.drop(s, min(1, m.held[s])) // none, if another has acquired it
	m.free++
	m.serve()
	done(nil, nil)
}

// drop forgets n permits of s.
func (m *Semaphore) drop(s *Session, n uint64) {
	m.out -= n
	if m.held[s] -= n; m.held[s] == 0 {
		delete(m.held, s)
	}
}

// serve gives what is free to those who wait.
func (m *Semaphore) serve() {
	for m.free > 0 {
		w := m.waiting.next()
		if w == nil {
			return
		}
		m.give(w.session)
		w.done(nil, nil)
	}
}

// Leave brings back what s held.
func (m *Semaphore) Leave(s *Session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.held[s]
	m.drop(s, n)
	if m.free+m.out >= m.initial {
		return
	}
	n = min(n, m.initial-m.free-m.out)
	if n == 0 {
		return
	}
	m.free += n
	if w := m.waiting.next(); w != nil {
		w.done(nil, ErrOwnerDied)
	} else {
		m.died = true
	}
	m.serve()
}

// Close ends the semaphore.
func (m *Semaphore) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.waiting.close()
}
