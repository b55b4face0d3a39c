package hub

import (
	"encoding/binary"
	"errors"
	"fmt"
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
	g.object = g.hub.Add(o)
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

// settle calls end for the operations that waited and have ended.
func (g *stage) settle(end func(*pending)) {
	kept := g.pending[:0]
	var ended []*pending
	for _, p := range g.pending {
		if p.ended {
			ended = append(ended, p)
		} else {
			kept = append(kept, p)
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

func (g *stage) someone() *Session { return g.sessions[g.rng.IntN(len(g.sessions))] }

const schedules, steps = 300, 200

func TestLockAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		g := newStage(t, seed, &Lock{})
		var holder *Session
		deaths, told := 0, 0
		got := func(p *pending) {
			switch {
			case p.err == nil && (p.op == LockAcquire || p.op == LockTryAcquire):
				if holder != nil {
					t.Fatalf("seed %d: two holders", seed)
				}
				holder = p.s
			case errors.Is(p.err, ErrOwnerDied):
				told++
			}
		}
		for range steps {
			switch s := g.someone(); g.rng.IntN(10) {
			case 0:
				if dead := g.die(); dead == holder {
					holder = nil
					deaths++
				}
			case 1:
				g.cancelOne()
			case 2, 3, 4:
				was := holder
				if was == s {
					holder = nil // before the next one gets it
				}
				if p := g.begin(s, LockRelease, nil); (p.err == nil) != (was == s) {
					t.Fatalf("seed %d: release: %v", seed, p.err)
				}
			case 5:
				p := g.begin(s, LockTryAcquire, nil)
				if !p.ended {
					t.Fatalf("seed %d: a try waits", seed)
				}
				got(p)
			default:
				if p := g.begin(s, LockAcquire, nil); p.ended {
					got(p)
				}
			}
			g.settle(got)
			if holder == nil && len(g.pending) > 0 {
				t.Fatalf("seed %d: the lock is free, and %d wait", seed, len(g.pending))
			}
			if told > deaths || deaths-told > 1 && len(g.pending) > 0 {
				t.Fatalf("seed %d: %d deaths, told %d times", seed, deaths, told)
			}
		}
	}
}

func TestSemaphoreAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		permits := 1 + int(seed%3)
		g := newStage(t, seed, NewSemaphore(uint64(permits), true))
		held := map[*Session]int{}
		total := 0
		got := func(p *pending) {
			if p.err == nil {
				held[p.s]++
				total++
			}
		}
		for range steps {
			switch s := g.someone(); g.rng.IntN(10) {
			case 0:
				dead := g.die()
				total -= held[dead]
				delete(held, dead)
			case 1:
				g.cancelOne()
			case 2, 3, 4:
				if held[s] == 0 {
					continue // another's permit: allowed, but not in this model
				}
				held[s]--
				total--
				if p := g.begin(s, SemRelease, nil); p.err != nil {
					t.Fatalf("seed %d: release: %v", seed, p.err)
				}
			default:
				if p := g.begin(s, SemAcquire, nil); p.ended {
					got(p)
				}
			}
			g.settle(got)
			if total > permits {
				t.Fatalf("seed %d: %d of %d permits are held", seed, total, permits)
			}
			if total < permits && len(g.pending) > 0 {
				t.Fatalf("seed %d: %d of %d permits are held, and %d wait", seed, total, permits, len(g.pending))
			}
			p := g.begin(s0(g), SemValue, nil)
			if n, err := Number(p.result); int(n) != permits-total || err != nil {
				t.Fatalf("seed %d: %d permits are free, want %d", seed, n, permits-total)
			}
		}
	}
}

func s0(g *stage) *Session { return g.sessions[0] }

func TestQueueAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		room := int(seed % 4)
		g := newStage(t, seed, NewQueue(room, false))
		var model []string // in the queue, in order
		number := 0
		got := func(p *pending) {
			switch {
			case p.err != nil:
				t.Fatalf("seed %d: %q: %v", seed, p.op, p.err)
			case p.op == QueueGet:
				if len(model) == 0 || model[0] != string(p.result) {
					t.Fatalf("seed %d: got %q, the model has %q", seed, p.result, model)
				}
				model = model[1:]
			case p.op == QueuePut:
				model = append(model, string(p.arg))
			}
		}
		for range steps {
			switch s := g.someone(); g.rng.IntN(10) {
			case 0:
				g.die()
			case 1:
				g.cancelOne()
			case 2, 3, 4, 5:
				number++
				p := g.begin(s, QueuePut, fmt.Append(nil, number))
				if p.ended {
					got(p)
				}
			default:
				if p := g.begin(s, QueueGet, nil); p.ended {
					got(p)
				}
			}
			// Puts that have ended come before the gets that they made end.
			var gets []*pending
			g.settle(func(p *pending) {
				if p.op == QueueGet {
					gets = append(gets, p)
					return
				}
				got(p)
			})
			for _, p := range gets {
				got(p)
			}
			for _, p := range g.pending {
				if p.op == QueueGet && len(model) > 0 {
					t.Fatalf("seed %d: a get waits beside %d items", seed, len(model))
				}
				if p.op == QueuePut && (room == 0 || len(model) < room) {
					t.Fatalf("seed %d: a put waits with %d of %d places taken", seed, len(model), room)
				}
			}
		}
	}
}

func TestBarrierAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		parties := 1 + int(seed%3)
		g := newStage(t, seed, NewBarrier(uint64(parties)))
		waiting, broken := 0, false
		var leader *Session
		passed := 0
		breakUp := func() {
			if leader != nil {
				leader = nil
			}
			waiting, broken = 0, true
		}
		for range steps {
			s := g.someone()
			switch g.rng.IntN(12) {
			case 0:
				n := len(g.pending)
				dead := g.die()
				if len(g.pending) < n || dead == leader {
					breakUp()
				}
			case 1:
				if len(g.pending) > 0 {
					g.cancelOne()
					breakUp()
				}
			case 2:
				g.begin(s, BarrierReset, nil)
				breakUp()
				broken = false
			case 3, 4:
				if leader == nil {
					continue
				}
				g.begin(leader, BarrierPassed, nil)
				leader, waiting = nil, 0
				passed++
			default:
				if leader != nil {
					continue // those who come meanwhile are for the next time
				}
				p := g.begin(s, BarrierWait, nil)
				switch {
				case broken && !errors.Is(p.err, ErrBroken):
					t.Fatalf("seed %d: a broken barrier lets wait: %v", seed, p.err)
				case broken:
				case waiting+1 == parties:
					if !p.ended || p.err != nil || p.result[0] != BarrierLead {
						t.Fatalf("seed %d: the last party does not lead: %v", seed, p.err)
					}
					leader = s
				case p.ended:
					t.Fatalf("seed %d: %d of %d parties, and one passes: %v", seed, waiting+1, parties, p.err)
				default:
					waiting++
				}
			}
			g.settle(func(p *pending) {
				if p.err != nil && !errors.Is(p.err, ErrBroken) {
					t.Fatalf("seed %d: %v", seed, p.err)
				}
			})
			if len(g.pending) != waiting {
				t.Fatalf("seed %d: %d wait, want %d", seed, len(g.pending), waiting)
			}
		}
	}
}

func TestClosedObjectsEndWhatWaits(t *testing.T) {
	for name, o := range map[string]Object{
		"lock": &Lock{}, "semaphore": NewSemaphore(1, false), "event": &Event{}, "queue": NewQueue(1, true),
		"barrier": NewBarrier(3), "condition": NewCondition(nil),
	} {
		g := newStage(t, 0, o)
		for _, op := range "awgpj" { // whatever waits, in each of them
			for _, s := range g.sessions {
				g.begin(s, byte(op), []byte("item"))
			}
		}
		g.settle(func(*pending) {})
		if !g.hub.Remove(g.object) || g.hub.Len() != 0 {
			t.Errorf("%s is still there", name)
		}
		for _, p := range g.pending {
			if !p.ended || !errors.Is(p.err, ErrClosed) {
				t.Errorf("%s: operation %q is left: %v", name, p.op, p.err)
			}
		}
		if p := g.begin(g.sessions[0], 'a', nil); !errors.Is(p.err, ErrClosed) {
			t.Errorf("%s: after its end: %v", name, p.err)
		}
	}
}

func FuzzOutcome(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 2})
	f.Add([]byte{1})
	f.Add([]byte{255, 'n', 'o'})
	f.Fuzz(func(t *testing.T, b []byte) {
		result, err := Outcome(b)
		again, err2 := Outcome(AppendOutcome(nil, result, err))
		if string(again) != string(result) || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Errorf("%q, %v comes back as %q, %v", result, err, again, err2)
		}
	})
}

// Any bytes may come as an operation: objects answer, and do not panic.
func FuzzOperations(f *testing.F) {
	f.Add([]byte("arwnpgdjstGPT"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		for _, o := range []Object{&Lock{}, NewSemaphore(1, true), &Event{}, NewQueue(2, true), NewBarrier(2), NewCondition(nil)} {
			g := newStage(t, 0, o)
			for i, op := range ops {
				s := g.sessions[i%len(g.sessions)]
				g.begin(s, op, ops[i:])
				g.begin(s, op, binary.LittleEndian.AppendUint64(nil, uint64(op)))
			}
			g.settle(func(*pending) {})
			g.die()
			g.hub.Remove(g.object)
			g.settle(func(*pending) {})
			if len(g.pending) > 0 {
				t.Errorf("%T: %d operations never end", o, len(g.pending))
			}
		}
	})
}
