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

// A tasksModel is what a joinable queue has to be after each step of a schedule.
type tasksModel struct {
	*stage
	seed  uint64
	lying int // in the queue
	open  int // put and not called done
	died  bool
	out   map[*Session]int // taken and not called done by the same
}

// A joinable queue whose tasks any session may call done.
func TestTasksAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		m := &tasksModel{stage: newStage(t, seed, NewQueue(0, true)), seed: seed, out: map[*Session]int{}}
		for range steps {
			m.step()
			m.settle(m.told)
			if m.open == 0 && len(m.pending) > 0 {
				t.Fatalf("seed %d: all is done, and %d join", seed, len(m.pending))
			}
		}
		m.close()
	}
}

// step has something happen to the queue and to the model.
func (m *tasksModel) step() {
	switch s := m.someone(); m.rng.IntN(12) {
	case 0:
		dead := m.die()
		if lost := min(m.out[dead], m.open-m.lying-m.others(dead)); lost > 0 {
			m.open -= lost
			m.died = true
		}
		delete(m.out, dead)
	case 1:
		m.cancelOne()
	case 2, 3, 4:
		m.begin(s, QueuePut, []byte("item"))
		m.lying++
		m.open++
	case 5, 6, 7:
		m.get(s)
	case 8, 9, 10:
		m.done(s)
	default:
		if p := m.begin(s, QueueJoin, nil); p.ended {
			m.told(p)
		}
	}
}

// told checks how a join has ended.
func (m *tasksModel) told(p *pending) {
	m.t.Helper()
	if p.op != QueueJoin {
		return // a get
	}
	if m.open > 0 || errors.Is(p.err, ErrOwnerDied) != m.died {
		m.t.Fatalf("seed %d: a join ends with %d open tasks: %v", m.seed, m.open, p.err)
	}
	m.died = false
}

// others is how many tasks all but one have.
func (m *tasksModel) others(s *Session) (n int) {
	for o, taken := range m.out {
		if o != s {
			n += taken
		}
	}
	return n
}

func (m *tasksModel) get(s *Session) {
	m.t.Helper()
	if p := m.begin(s, QueueTryGet, nil); p.err == nil {
		m.lying--
		m.out[s]++
	} else if m.lying > 0 || !errors.Is(p.err, ErrEmpty) {
		m.t.Fatalf("seed %d: get: %v", m.seed, p.err)
	}
}

func (m *tasksModel) done(s *Session) {
	m.t.Helper()
	if m.lying == m.open && m.open > 0 {
		return // Python allows it, before the item is taken; nobody should
	}
	p := m.begin(s, QueueDone, nil)
	if m.open == 0 {
		if !errors.Is(p.err, ErrReleased) {
			m.t.Fatalf("seed %d: one too many: %v", m.seed, p.err)
		}
		return
	}
	m.open--
	m.out[s] = max(0, m.out[s]-1)
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
