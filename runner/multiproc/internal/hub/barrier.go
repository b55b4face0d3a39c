package hub

import "sync"

// Operations of a barrier.
const (
	BarrierWait    = 'w' // result: one byte, and the index among the parties as 8 bytes; see [BarrierLead]
	BarrierPassed  = 'p' // the leader has done its action: the others may go
	BarrierReset   = 'r' // those who wait get ErrBroken, and it is as new
	BarrierAbort   = 'a' // broken until it is reset
	BarrierWaiting = 'n' // result: how many wait, as 8 bytes
	BarrierParties = 'c' // result: how many parties there are, as 8 bytes
	BarrierBroken  = 'b' // result: 1 or 0
)

// BarrierLead is the first byte of the result of the last party's wait: it is
// to do the action and then say BarrierPassed. The others get 0.
const BarrierLead = 1

// A Barrier lets its parties pass when all of them are there. It breaks when
// one of them gives up waiting, or dies.
type Barrier struct {
	parties uint64

	mu      sync.Mutex
	closed  bool
	broken  bool
	leader  *Session // does the action; nil if none does
	waiting waiters  // for the others, want is the index
	later   waiters  // those who came while a leader is at it: for the next time
}

// NewBarrier returns a barrier for that many parties.
func NewBarrier(parties uint64) *Barrier { return &Barrier{parties: parties} }

// Do begins an operation.
func (b *Barrier) Do(s *Session, op byte, _ []byte, done Done) func() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		done(nil, ErrClosed)
	case op == BarrierBroken:
		done(truth(b.broken), nil)
	case op == BarrierWaiting:
		done(number(uint64(len(b.waiting.list))), nil)
	case op == BarrierParties:
		done(number(b.parties), nil)
	case op == BarrierAbort:
		b.breakUp()
		done(nil, nil)
	case op == BarrierReset:
		b.breakUp()
		b.broken = false
		done(nil, nil)
	case op == BarrierPassed && b.leader != s:
		done(nil, ErrBroken)
	case op == BarrierPassed:
		b.pass()
		done(nil, nil)
	case op != BarrierWait:
		done(nil, ErrRequest)
	case b.broken:
		done(nil, ErrBroken)
	default:
		return b.wait(s, done)
	}
	return nil
}

// wait adds a party.
func (b *Barrier) wait(s *Session, done Done) func() bool {
	w := &waiter{session: s, done: done}
	if b.leader != nil {
		b.later.add(w)
		return b.giveUp(w)
	}
	w.want = len(b.waiting.list)
	if uint64(w.want)+1 == b.parties {
		b.leader = s
		done(place(BarrierLead, w.want), nil)
		return nil
	}
	b.waiting.add(w)
	return b.giveUp(w)
}

// giveUp returns what a party does that gives up: it breaks the barrier.
func (b *Barrier) giveUp(w *waiter) func() bool {
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if !b.waiting.remove(w) && !b.later.remove(w) {
			return false
		}
		b.breakUp()
		return true
	}
}

func place(first byte, index int) []byte {
	return append([]byte{first}, number(uint64(index))...)
}

// pass lets the parties go and takes in those who came meanwhile.
func (b *Barrier) pass() {
	b.leader = nil
	for w := b.waiting.next(); w != nil; w = b.waiting.next() {
		w.done(place(0, w.want), nil)
	}
	for b.leader == nil {
		w := b.later.next()
		if w == nil {
			return
		}
		w.want = len(b.waiting.list)
		if uint64(w.want)+1 == b.parties {
			b.leader = w.session
			w.done(place(BarrierLead, w.want), nil)
			return
		}
		b.waiting.add(w)
	}
}

// breakUp ends all waiting with ErrBroken.
func (b *Barrier) breakUp() {
	b.broken, b.leader = true, nil
	for _, q := range []*waiters{&b.waiting, &b.later} {
		for w := q.next(); w != nil; w = q.next() {
			w.done(nil, ErrBroken)
		}
	}
}

// Leave breaks the barrier if s is the leader. The waiting of s was taken back
// before, which breaks it, too.
func (b *Barrier) Leave(s *Session) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.leader == s {
		b.breakUp()
	}
}

// Close ends the barrier.
func (b *Barrier) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.waiting.close()
	b.later.close()
}
