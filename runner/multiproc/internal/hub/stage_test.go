package hub

import (
	"errors"
	"math/rand/v2"
	"testing"
)

// A stage plays random schedules on an object and checks, after each step, what
// must hold whatever has happened. Everything is one goroutine, so that a
// schedule is known by its seed.
type stage struct {
	t        *testing.T
	rng      *rand.Rand
	hub      *Hub
	object   uint64
	sessions []*Session
	next     uint64
	pending  []*pending
}

// pending is an operation that has begun.
type pending struct {
	s      *Session
	op     byte
	arg    []byte
	cancel func() bool
	ended  bool
	result []byte
	err    error
}

func newStage(t *testing.T, seed uint64, o Object) *stage {
	g := &stage{t: t, rng: rand.New(rand.NewPCG(seed, 0)), hub: New()}
	if o != nil {
		g.object = g.hub.Add(o)
	}
	for range 4 {
		g.enter()
	}
	return g
}

// enter begins a new session.
func (g *stage) enter() {
	g.next++
	g.sessions = append(g.sessions, g.hub.Session(g.next))
}

func (g *stage) begin(s *Session, op byte, arg []byte) *pending {
	p := &pending{s: s, op: op, arg: arg}
	p.cancel = s.Do(g.object, op, arg, func(result []byte, err error) {
		if p.ended {
			g.t.Errorf("operation %q ended twice", op)
		}
		p.ended, p.result, p.err = true, result, err
	})
	if !p.ended {
		g.pending = append(g.pending, p)
	}
	return p
}

// settle calls end for the operations that waited and have ended. Of several
// alike, those end first that began first.
func (g *stage) settle(end func(*pending)) {
	kept := g.pending[:0]
	var ended []*pending
	waits := map[byte]bool{}
	for _, p := range g.pending {
		if !p.ended {
			kept = append(kept, p)
			waits[p.op] = true
			continue
		}
		ended = append(ended, p)
		if waits[p.op] {
			g.t.Errorf("operation %q overtakes another", p.op)
		}
	}
	g.pending = kept
	for _, p := range ended {
		end(p)
	}
}

// cancelOne takes a random waiting operation back.
func (g *stage) cancelOne() {
	if len(g.pending) == 0 {
		return
	}
	i := g.rng.IntN(len(g.pending))
	if p := g.pending[i]; !p.cancel() {
		g.t.Errorf("operation %q waits and cannot be taken back", p.op)
	}
	g.pending = append(g.pending[:i], g.pending[i+1:]...)
}

// die ends a random session; a new one comes in its place.
func (g *stage) die() *Session {
	i := g.rng.IntN(len(g.sessions))
	dead := g.sessions[i]
	dead.End()
	kept := g.pending[:0]
	for _, p := range g.pending {
		if p.s != dead {
			kept = append(kept, p)
		} else if p.ended && p.err == nil {
			g.t.Errorf("operation %q of a dead session got something", p.op)
		}
	}
	g.pending = kept
	g.sessions = append(g.sessions[:i], g.sessions[i+1:]...)
	g.enter()
	return dead
}

// close closes the object: whatever waits ends then, and only then.
func (g *stage) close() {
	if !g.hub.Remove(g.object) || g.hub.Len() != 0 {
		g.t.Errorf("the object is still there")
	}
	for _, p := range g.pending {
		if !p.ended || !errors.Is(p.err, ErrClosed) {
			g.t.Errorf("operation %q is left: %v, %v", p.op, p.ended, p.err)
		}
	}
	for _, s := range g.sessions {
		if len(s.waiting) > 0 {
			g.t.Errorf("a session keeps %d operations in mind", len(s.waiting))
		}
	}
}

func (g *stage) someone() *Session { return g.sessions[g.rng.IntN(len(g.sessions))] }

const schedules, steps = 300, 200
