package hub

import (
	"errors"
	"testing"
)

// A barrierModel is what a barrier has to be after each step of a schedule.
type barrierModel struct {
	*stage
	seed    uint64
	parties int
	waiting int
	broken  bool
	leader  *Session // who is to say that the action is done
	passed  int
}

func TestBarrierAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		parties := 1 + int(seed%3)
		m := &barrierModel{stage: newStage(t, seed, NewBarrier(uint64(parties))), seed: seed, parties: parties}
		for range steps {
			m.step()
			m.settle(func(p *pending) {
				if p.err != nil && !errors.Is(p.err, ErrBroken) {
					t.Fatalf("seed %d: %v", seed, p.err)
				}
			})
			if len(m.pending) != m.waiting {
				t.Fatalf("seed %d: %d wait, want %d", seed, len(m.pending), m.waiting)
			}
		}
		if m.passed == 0 {
			t.Fatalf("seed %d: the barrier was never passed", seed)
		}
		m.close()
	}
}

// step has something happen to the barrier and to the model.
func (m *barrierModel) step() {
	s := m.someone()
	switch m.rng.IntN(12) {
	case 0:
		n := len(m.pending)
		dead := m.die()
		if len(m.pending) < n || dead == m.leader {
			m.breakUp()
		}
	case 1:
		if len(m.pending) > 0 {
			m.cancelOne()
			m.breakUp()
		}
	case 2:
		m.begin(s, BarrierReset, nil)
		m.breakUp()
		m.broken = false
	case 3, 4:
		if m.leader != nil {
			m.begin(m.leader, BarrierPassed, nil)
			m.pass()
		}
	default:
		if m.leader == nil { // those who come meanwhile are for the next time
			m.arrive(s)
		}
	}
}

func (m *barrierModel) breakUp() { m.leader, m.waiting, m.broken = nil, 0, true }

func (m *barrierModel) pass() {
	m.leader, m.waiting = nil, 0
	m.passed++
}

// arrive has one more party come.
func (m *barrierModel) arrive(s *Session) {
	m.t.Helper()
	op := byte(BarrierWait)
	if m.rng.IntN(2) == 0 {
		op = BarrierActing
	}
	p := m.begin(s, op, nil)
	switch {
	case m.broken && !errors.Is(p.err, ErrBroken):
		m.t.Fatalf("seed %d: a broken barrier lets wait: %v", m.seed, p.err)
	case m.broken:
	case m.waiting+1 == m.parties:
		if leads := op == BarrierActing; !p.ended || p.err != nil || (p.result[0] == BarrierLead) != leads {
			m.t.Fatalf("seed %d: the last party, with %q: %v", m.seed, op, p.err)
		}
		if op == BarrierActing {
			m.leader = s
		} else {
			m.pass()
		}
	case p.ended:
		m.t.Fatalf("seed %d: %d of %d parties, and one passes: %v", m.seed, m.waiting+1, m.parties, p.err)
	default:
		m.waiting++
	}
}

// Who comes while an action is done is a party of the next time. If it gives
// up, those of this time pass, and the next time is broken.
func TestPartiesThatComeDuringAnAction(t *testing.T) {
	for name, gives := range map[string]bool{"stays": false, "gives up": true} {
		t.Run(name, func(t *testing.T) {
			g := newStage(t, 0, NewBarrier(2))
			first := g.begin(g.sessions[0], BarrierWait, nil)
			g.begin(g.sessions[1], BarrierActing, nil)
			next, after := g.begin(g.sessions[2], BarrierWait, nil), g.begin(g.sessions[3], BarrierWait, nil)
			if gives && !next.cancel() {
				t.Error("it cannot give up")
			}
			if first.ended || next.ended || after.ended != gives {
				t.Error("somebody passes during the action")
			}
			g.begin(g.sessions[1], BarrierPassed, nil)
			if !first.ended || first.err != nil {
				t.Errorf("the other party of this time: %v, %v", first.ended, first.err)
			}
			if want := map[bool]error{true: ErrBroken}[gives]; !after.ended || !errors.Is(after.err, want) {
				t.Errorf("the next time: %v, %v", after.ended, after.err)
			}
			if p := g.begin(g.sessions[0], BarrierBroken, nil); (p.result[0] == 1) != gives {
				t.Errorf("broken: %v", p.result)
			}
		})
	}
}
