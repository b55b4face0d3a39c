package hub

import "sync"

// Operations of an event.
const (
	EventSet   = 's'
	EventClear = 'c'
	EventIsSet = 'i' // result: 1 or 0
	EventWait  = 'w' // until it is set
)

// An Event is a flag that can be waited for.
type Event struct {
	mu      sync.Mutex
	closed  bool
	set     bool
	waiting waiters
}

// Do begins an operation.
func (e *Event) Do(s *Session, op byte, _ []byte, done Done) func() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.closed:
		done(nil, ErrClosed)
	case op == EventIsSet:
		done(truth(e.set), nil)
	case op == EventClear:
		e.set = false
		done(nil, nil)
	case op == EventSet:
		e.set = true
		for w := e.waiting.next(); w != nil; w = e.waiting.next() {
			w.done(nil, nil)
		}
		done(nil, nil)
	case op != EventWait:
		done(nil, ErrRequest)
	case e.set:
		done(nil, nil)
	default:
		return e.waiting.wait(&e.mu, &waiter{session: s, done: done})
	}
	return nil
}

// Leave does nothing: nobody holds an event.
func (e *Event) Leave(*Session) {}

// Close ends the event.
func (e *Event) Close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	e.waiting.close()
}
