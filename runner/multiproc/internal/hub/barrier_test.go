package hub

import (
	"errors"
	"slices"
	"testing"
)

// A barrierModel is what a barrier has to be after each step of a schedule.
type barrierModel struct {
	*stage
	seed    uint64
	parties int
	waiting int
	broken  bool
	turn    *turn // whose leader is to say that the action is done
	past    []turn
	passed  int
	tooLate int
}

// A turn is what a leader has, and keeps until its action returns.
type turn struct {
	leader *Session
	token  []byte
}

func TestBarrierAgainstAModel(t *testing.T) {
	tooLate := 0
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
		tooLate += m.tooLate
		m.close()
	}
	if tooLate == 0 {
		t.Error("no action was too late")
	}
}

// step has something happen to the barrier and to the model.
func (m *barrierModel) step() {
	s := m.someone()
	switch m.rng.IntN(12) {
	case 0:
		n := len(m.pending)
		dead := m.die()
		if len(m.pending) < n || m.turn != nil && dead == m.turn.leader {
			m.breakUp()
		}
		m.past = slices.DeleteFunc(m.past, func(p turn) bool { return p.leader == dead })
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
		if m.turn != nil {
			m.begin(m.turn.leader, BarrierPassed, m.turn.token)
			m.pass()
		}
	case 5:
		if m.turn != nil {
			m.begin(m.turn.leader, BarrierFailed, m.turn.token)
			m.breakUp()
		}
	case 6:
		m.actTooLate()
	default:
		if m.turn == nil { // those who come meanwhile are for the next time
			m.arrive(s)
		}
	}
}

// actTooLate has an action return whose turn is over: nothing comes of it.
func (m *barrierModel) actTooLate() {
	m.t.Helper()
	if len(m.past) == 0 {
		return
	}
	old := m.past[m.rng.IntN(len(m.past))]
	op := byte(BarrierPassed)
	if m.rng.IntN(2) == 0 {
		op = BarrierFailed
	}
	if p := m.begin(old.leader, op, old.token); !p.ended || !errors.Is(p.err, ErrBroken) {
		m.t.Fatalf("seed %d: an action of an earlier time, with %q: %v", m.seed, op, p.err)
	}
	m.tooLate++
}

func (m *barrierModel) breakUp() { m.end(); m.broken = true }

func (m *barrierModel) pass() { m.end(); m.passed++ }

// end ends a time.
func (m *barrierModel) end() {
	if m.turn != nil {
		m.past = append(m.past, *m.turn)
	}
	m.turn, m.waiting = nil, 0
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
		_, token, err := BarrierOutcome(p.result)
		if leads := op == BarrierActing; !p.ended || p.err != nil || err != nil || len(token) > 0 != leads {
			m.t.Fatalf("seed %d: the last party, with %q: %v, %v", m.seed, op, p.err, err)
		}
		if op == BarrierActing {
			m.turn = &turn{s, token}
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
			_, token, err := BarrierOutcome(g.begin(g.sessions[1], BarrierActing, nil).result)
			if err != nil {
				t.Fatal(err)
			}
			next, after := g.begin(g.sessions[2], BarrierWait, nil), g.begin(g.sessions[3], BarrierWait, nil)
			if gives && !next.cancel() {
				t.Error("it cannot give up")
			}
			if first.ended || next.ended || after.ended != gives {
				t.Error("somebody passes during the action")
			}
			g.begin(g.sessions[1], BarrierPassed, token)
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
