package hub

import (
	"encoding/binary"
	"errors"
	"testing"
)

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
		g.close()
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

// A session that ends while one of its operations begins holds nothing after.
func TestASessionThatEndsAsAnOperationBegins(t *testing.T) {
	for _, waits := range []bool{false, true} {
		h := New()
		l := &Lock{}
		dying, other := h.Session(1), h.Session(2)
		object := h.Add(late{l, dying})
		if waits {
			other.Do(object, LockAcquire, nil, func([]byte, error) {})
		}
		dying.Do(object, LockAcquire, nil, func([]byte, error) {})
		if waits {
			other.Do(object, LockRelease, nil, func([]byte, error) {})
		}
		if l.word().held() || len(l.waiting.list) > 0 {
			t.Errorf("a dead session holds the lock or waits for it")
		}
	}
}

// late is a lock at which one session ends before its operations begin.
type late struct {
	*Lock
	dying *Session
}

func (l late) Do(s *Session, op byte, arg []byte, done Done) func() bool {
	if s == l.dying {
		s.End()
	}
	return l.Lock.Do(s, op, arg, done)
}
