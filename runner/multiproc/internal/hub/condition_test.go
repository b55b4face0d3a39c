package hub

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// conditionModel says what is to become of each operation.
type conditionModel struct {
	holder *Session
	died   bool
	line   []*pending // wait for the lock
	room   []*pending // wait for the condition
	want   map[*pending]error
}

func (m *conditionModel) pass() {
	m.holder = nil
	if len(m.line) > 0 {
		m.holder = m.line[0].s
		m.want[m.line[0]] = nil
		m.line = m.line[1:]
	}
}

func (m *conditionModel) begin(p *pending) {
	n, _ := Number(p.arg)
	switch {
	case p.op == LockAcquire && m.died:
		m.died = false
		m.want[p] = ErrOwnerDied
	case p.op == LockAcquire:
		m.line = append(m.line, p)
		if m.holder == nil {
			m.pass()
		}
	case m.holder != p.s:
		m.want[p] = ErrNotHeld
	case p.op == LockRelease:
		m.want[p] = nil
		m.pass()
	case p.op == CondWait:
		m.room = append(m.room, p)
		m.pass()
	case p.op == CondNotify:
		m.want[p] = nil
		k := min(int(n), len(m.room))
		m.line = append(m.line, m.room[:k]...)
		m.room = m.room[k:]
	}
}

// cancel says whether p can be taken back: not if it was notified.
func (m *conditionModel) cancel(p *pending) bool {
	if p.op == CondWait && slices.Contains(m.line, p) {
		return false
	}
	is := func(o *pending) bool { return o == p }
	m.line, m.room = slices.DeleteFunc(m.line, is), slices.DeleteFunc(m.room, is)
	return true
}

func (m *conditionModel) die(s *Session) {
	theirs := func(p *pending) bool { return p.s == s }
	notified := 0
	for _, p := range m.line {
		if p.s == s && p.op == CondWait {
			notified++
		}
	}
	m.line, m.room = slices.DeleteFunc(m.line, theirs), slices.DeleteFunc(m.room, theirs)
	k := min(notified, len(m.room))
	m.line = append(m.line, m.room[:k]...)
	m.room = m.room[k:]
	if m.holder != s {
		return
	}
	m.holder = nil
	for _, q := range []*[]*pending{&m.line, &m.room} {
		if len(*q) > 0 {
			m.want[(*q)[0]] = ErrOwnerDied
			*q = (*q)[1:]
			m.pass()
			return
		}
	}
	m.died = true
}

// check compares all operations with the model.
func (m *conditionModel) check(g *stage, seed uint64, begun []*pending) {
	g.t.Helper()
	for _, p := range begun {
		want, ended := m.want[p]
		if p.ended != ended || !errors.Is(p.err, want) {
			g.t.Fatalf("seed %d: operation %q has ended: %v, %v; want %v, %v", seed, p.op, p.ended, p.err, ended, want)
		}
	}
}

func TestConditionAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		g := newStage(t, seed, NewCondition(nil))
		m := &conditionModel{want: map[*pending]error{}}
		var begun []*pending
		begin := func(s *Session, op byte, arg []byte) {
			p := g.begin(s, op, arg)
			m.begin(p)
			begun = append(begun, p)
		}
		for range steps {
			// The holder is who has something to do, mostly.
			s := g.someone()
			if m.holder != nil && g.rng.IntN(2) == 0 {
				s = m.holder
			}
			switch g.rng.IntN(12) {
			case 0:
				dead := g.die()
				m.die(dead)
				begun = slices.DeleteFunc(begun, func(p *pending) bool { return p.s == dead })
			case 1:
				if len(g.pending) == 0 {
					continue
				}
				p := g.pending[g.rng.IntN(len(g.pending))]
				want := m.cancel(p)
				if got := p.cancel(); got != want {
					t.Fatalf("seed %d: operation %q taken back: %v, want %v", seed, p.op, got, want)
				}
				if want {
					is := func(o *pending) bool { return o == p }
					begun, g.pending = slices.DeleteFunc(begun, is), slices.DeleteFunc(g.pending, is)
				}
			case 2, 3:
				begin(s, LockRelease, nil)
			case 4, 5:
				begin(s, CondNotify, binary.LittleEndian.AppendUint64(nil, g.rng.Uint64N(4)))
			case 6, 7, 8:
				begin(s, CondWait, nil)
			default:
				begin(s, LockAcquire, nil)
			}
			m.check(g, seed, begun)
			g.pending = slices.DeleteFunc(g.pending, func(p *pending) bool { return p.ended })
		}
		g.close()
	}
}

// Several conditions of a lock: one notifies without waking those of another,
// its end leaves the lock, and the lock's end is theirs.
func TestConditionsOfOneLock(t *testing.T) {
	g := newStage(t, 0, &Lock{})
	l := g.hub.Object(g.object).(*Lock)
	lock, a, b := g.sessions[0], g.hub.Add(NewCondition(l)), g.hub.Add(NewCondition(l))
	wait := func(s *Session, condition uint64) *pending {
		g.object = condition
		g.begin(s, LockAcquire, nil)
		return g.begin(s, CondWait, nil)
	}
	one, two := wait(g.sessions[1], a), wait(g.sessions[2], b)
	all := binary.LittleEndian.AppendUint64(nil, 9)
	g.begin(lock, LockAcquire, nil)
	if p := g.begin(lock, CondNotify, all); p.err != nil || one.ended || two.ended {
		t.Fatalf("%v; woken: %v, %v", p.err, one.ended, two.ended)
	}
	g.begin(lock, LockRelease, nil)
	if one.ended || !two.ended || two.err != nil {
		t.Errorf("woken: %v, %v", one.ended, two.ended)
	}
	g.begin(g.sessions[2], LockRelease, nil)
	g.hub.Remove(b)
	if p := g.begin(lock, LockAcquire, nil); !errors.Is(p.err, ErrClosed) {
		t.Errorf("a closed condition: %v", p.err)
	}
	g.object = a
	if p := g.begin(lock, LockAcquire, nil); !p.ended || p.err != nil {
		t.Errorf("the lock after it: %v, %v", p.ended, p.err)
	}
	l.Close()
	if !one.ended || !errors.Is(one.err, ErrClosed) {
		t.Errorf("a wait for a condition whose lock is closed: %v, %v", one.ended, one.err)
	}
}
