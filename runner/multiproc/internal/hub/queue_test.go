package hub

import (
	"errors"
	"fmt"
	"testing"
)

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
		g.close()
	}
}

// A joinable queue whose tasks any session may call done.
func TestTasksAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		g := newStage(t, seed, NewQueue(0, true))
		lying, open, died := 0, 0, false
		out := map[*Session]int{} // taken and not called done by the same
		told := func(p *pending) {
			if p.op != QueueJoin {
				return // a get
			}
			if open > 0 || errors.Is(p.err, ErrOwnerDied) != died {
				t.Fatalf("seed %d: a join ends with %d open tasks: %v", seed, open, p.err)
			}
			died = false
		}
		others := func(s *Session) (n int) {
			for o, taken := range out {
				if o != s {
					n += taken
				}
			}
			return n
		}
		for range steps {
			switch s := g.someone(); g.rng.IntN(12) {
			case 0:
				s := g.die()
				if lost := min(out[s], open-lying-others(s)); lost > 0 {
					open -= lost
					died = true
				}
				delete(out, s)
			case 1:
				g.cancelOne()
			case 2, 3, 4:
				g.begin(s, QueuePut, []byte("item"))
				lying++
				open++
			case 5, 6, 7:
				if p := g.begin(s, QueueTryGet, nil); p.err == nil {
					lying--
					out[s]++
				} else if lying > 0 || !errors.Is(p.err, ErrEmpty) {
					t.Fatalf("seed %d: get: %v", seed, p.err)
				}
			case 8, 9, 10:
				if lying == open && open > 0 {
					continue // Python allows it, before the item is taken; nobody should
				}
				p := g.begin(s, QueueDone, nil)
				if open == 0 {
					if !errors.Is(p.err, ErrReleased) {
						t.Fatalf("seed %d: one too many: %v", seed, p.err)
					}
					continue
				}
				open--
				out[s] = max(0, out[s]-1)
			default:
				if p := g.begin(s, QueueJoin, nil); p.ended {
					told(p)
				}
			}
			g.settle(told)
			if open == 0 && len(g.pending) > 0 {
				t.Fatalf("seed %d: all is done, and %d join", seed, len(g.pending))
			}
		}
		g.close()
	}
}

func TestShutQueueIsEmptied(t *testing.T) {
	g := newStage(t, 0, NewQueue(2, false))
	a, b := g.sessions[0], g.sessions[1]
	g.begin(a, QueuePut, []byte("1"))
	g.begin(a, QueuePut, []byte("2"))
	waits := g.begin(a, QueuePut, []byte("3"))
	g.begin(b, QueueShut, nil)
	if !waits.ended || !errors.Is(waits.err, ErrClosed) {
		t.Errorf("a put that waits: %v, %v", waits.ended, waits.err)
	}
	for _, want := range []string{"1", "2"} {
		if p := g.begin(b, QueueGet, nil); string(p.result) != want || p.err != nil {
			t.Errorf("%q, %v; want %q", p.result, p.err, want)
		}
	}
	for _, op := range []byte{QueueGet, QueueTryGet, QueuePut, QueueTryPut} {
		if p := g.begin(b, op, nil); !errors.Is(p.err, ErrClosed) {
			t.Errorf("operation %q: %v", op, p.err)
		}
	}
}
