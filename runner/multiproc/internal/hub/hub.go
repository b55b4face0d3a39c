// Package hub keeps the objects that processes share: locks, conditions,
// queues and their like. Each object lives in the process that made it, as a
// plain state machine; other processes reach it by messages. So there is one
// implementation for every system, no state that a killed process could leave
// half-changed, and a process's death is something that the hub is told, and
// acts on at once.
package hub

import (
	"context"
	"math/rand/v2"
	"sync"
)

// An Object is something that processes share.
type Object interface {
	// Do begins an operation for s. It does not block: it calls done exactly
	// once, now or when the operation has ended. done neither blocks nor
	// calls back, so that it may be called under a lock.
	//
	// The function that Do returns takes the operation back. It reports
	// whether it did: then done is never called. It may be nil if done has
	// been called.
	Do(s *Session, op byte, arg []byte, done Done) (cancel func() bool)

	// Leave tells that s has ended, and with it all that it held. Operations
	// of s that still wait are taken back before.
	Leave(s *Session)

	// Close ends the object: operations that wait end with ErrClosed.
	Close()
}

// Done receives the outcome of an operation.
type Done func(result []byte, err error)

// A Hub holds the objects of one process.
type Hub struct {
	ID uint64 // random, so that no two processes take each other's objects for their own

	mu       sync.Mutex
	last     uint64
	objects  map[uint64]Object
	sessions map[uint64]*Session
}

// New returns an empty hub.
func New() *Hub {
	return &Hub{ID: rand.Uint64() | 1, objects: map[uint64]Object{}, sessions: map[uint64]*Session{}}
}

// Add adds an object and returns its number.
func (h *Hub) Add(o Object) uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.objects[h.last] = o
	return h.last
}

// Remove closes an object and forgets it. It reports whether it was there.
func (h *Hub) Remove(object uint64) bool {
	h.mu.Lock()
	o, ok := h.objects[object]
	delete(h.objects, object)
	h.mu.Unlock()
	if ok {
		o.Close()
	}
	return ok
}

// Object returns an object; nil if it is not there.
func (h *Hub) Object(object uint64) Object {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.objects[object]
}

// Len returns the number of objects.
func (h *Hub) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.objects)
}

// Session returns the session of the process with the given id, which begins
// with the first call.
func (h *Hub) Session(process uint64) *Session {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.sessions[process]
	if s == nil {
		s = &Session{hub: h, process: process, waiting: map[*operation]struct{}{}}
		h.sessions[process] = s
	}
	return s
}

// A Session is a process as the hub sees it: who holds, who waits.
type Session struct {
	hub     *Hub
	process uint64

	mu      sync.Mutex
	ended   bool
	waiting map[*operation]struct{}
}

// An operation is one that has begun and not ended.
type operation struct{ cancel func() bool }

// Do begins an operation of an object, as [Object] describes it. The function
// that it returns is never nil.
func (s *Session) Do(object uint64, op byte, arg []byte, done Done) (cancel func() bool) {
	s.hub.mu.Lock()
	o := s.hub.objects[object]
	s.hub.mu.Unlock()
	if o == nil {
		done(nil, ErrClosed)
		return func() bool { return false }
	}
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		done(nil, ErrClosed)
		return func() bool { return false }
	}
	w := &operation{}
	s.waiting[w] = struct{}{}
	s.mu.Unlock()

	finished := func(result []byte, err error) {
		s.mu.Lock()
		delete(s.waiting, w)
		s.mu.Unlock()
		done(result, err)
	}
	c := o.Do(s, op, arg, finished)
	s.mu.Lock()
	w.cancel = c
	ended := s.ended
	s.mu.Unlock()
	if ended && (c == nil || !c()) {
		// End came in between, when it could neither take this one back nor
		// see what it got: nobody is there to hold that.
		o.Leave(s)
	}
	if ended || c == nil {
		return func() bool { return false }
	}
	return func() bool {
		if !c() {
			return false
		}
		s.mu.Lock()
		delete(s.waiting, w)
		s.mu.Unlock()
		return true
	}
}

// Call does an operation and waits for its end, or for that of ctx: then the
// operation has begun and was taken back. A ctx that ends as the operation does
// is too late: its outcome counts, so that nothing that was got is lost.
func (s *Session) Call(ctx context.Context, object uint64, op byte, arg []byte) ([]byte, error) {
	type outcome struct {
		result []byte
		err    error
	}
	ended := make(chan outcome, 1)
	cancel := s.Do(object, op, arg, func(result []byte, err error) { ended <- outcome{result, err} })
	select {
	case o := <-ended:
		return o.result, o.err
	case <-ctx.Done():
		if cancel() {
			return nil, ctx.Err()
		}
		o := <-ended
		return o.result, o.err
	}
}

// End ends the session: its process is gone.
func (s *Session) End() {
	s.hub.mu.Lock()
	delete(s.hub.sessions, s.process)
	objects := make([]Object, 0, len(s.hub.objects))
	for _, o := range s.hub.objects {
		objects = append(objects, o)
	}
	s.hub.mu.Unlock()

	s.mu.Lock()
	s.ended = true
	var cancels []func() bool
	for w := range s.waiting {
		if w.cancel != nil {
			cancels = append(cancels, w.cancel)
		}
	}
	s.waiting = map[*operation]struct{}{}
	s.mu.Unlock()
	for _, c := range cancels {
		c()
	}
	for _, o := range objects {
		o.Leave(s)
	}
}
