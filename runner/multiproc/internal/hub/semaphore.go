package hub

import "sync"

// Operations of a semaphore.
const (
	SemAcquire    = 'a' // waits for a permit
	SemTryAcquire = 't' // ErrBusy if there is none
	SemRelease    = 'r' // ErrReleased if a bounded one has all its permits
	SemValue      = 'v' // result: the permits that are free, as 8 bytes
)

// A Semaphore hands out permits. It counts what each session has acquired and
// not released; when a session ends, what it held comes back, and the next one
// that asks is told so by ErrOwnerDied, once.
type Semaphore struct {
	mu      sync.Mutex
	closed  bool
	free    uint64
	bound   uint64 // most permits that may be free; 0 is no bound
	held    map[*Session]uint64
	died    bool
	waiting waiters
}

// NewSemaphore returns a semaphore with n permits. A bounded one refuses to
// have more.
func NewSemaphore(n uint64, bounded bool) *Semaphore {
	s := &Semaphore{free: n, held: map[*Session]uint64{}}
	if bounded {
		s.bound = n
	}
	return s
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
}

func (m *Semaphore) release(s *Session, done Done) {
	if m.bound > 0 && m.free == m.bound {
		done(nil, ErrReleased)
		return
	}
	m.drop(s, 1)
	m.free++
	m.serve()
	done(nil, nil)
}

// drop forgets n permits of s, who may release what another acquired.
func (m *Semaphore) drop(s *Session, n uint64) {
	if m.held[s] <= n {
		delete(m.held, s)
		return
	}
	m.held[s] -= n
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
	if n == 0 {
		return
	}
	delete(m.held, s)
	m.free += n
	if m.bound > 0 {
		m.free = min(m.free, m.bound)
	}
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
