package hub

import "sync"

// Operations of a barrier.
const (
	BarrierWait    = 'w' // result: see [BarrierOutcome]
	BarrierActing  = 'x' // BarrierWait of a party with an action
	BarrierPassed  = 'p' // argument: turn; its leader has done its action: the others may go
	BarrierFailed  = 'f' // argument: turn; its leader's action has failed: the barrier breaks
	BarrierReset   = 'r' // those who wait get ErrBroken, and it is as new
	BarrierAbort   = 'a' // broken until it is reset
	BarrierWaiting = 'n' // result: how many wait, as 8 bytes
	BarrierParties = 'c' // result: how many parties there are, as 8 bytes
	BarrierBroken  = 'b' // result: 1 or 0
)

// BarrierOutcome reads the result of a wait: the party's place among the others.
// The last party, if it came with an action, leads: it gets a turn, does its
// action, and then says BarrierPassed or BarrierFailed for that turn. The others
// get none.
func BarrierOutcome(result []byte) (index int, turn []byte, err error) {
	if len(result) != 8 && len(result) != 16 {
		return 0, nil, ErrRequest
	}
	n, err := Number(result[:8])
	return int(n), result[8:], err
}

// A Barrier lets its parties pass when all of them are there. It breaks when
// one of them gives up waiting, or dies.
type Barrier struct {
	parties uint64

	mu      sync.Mutex
	closed  bool
	broken  bool
	leader  *Session // does its action; nil if none does
	turn    uint64   // of the leader: whoever led before it, in the same process perhaps, has another
	waiting waiters
	later   waiters // those who came while a leader is at it: for the next time
	spoilt  bool    // one of those has given up: the barrier breaks when the leader is done
}

// NewBarrier returns a barrier for that many parties.
func NewBarrier(parties uint64) *Barrier { return &Barrier{parties: parties} }

// Do begins an operation.
func (b *Barrier) Do(s *Session, op byte, arg []byte, done Done) func() bool {
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
	case op == BarrierPassed, op == BarrierFailed:
		done(nil, b.acted(s, op, arg))
	case op != BarrierWait && op != BarrierActing:
		done(nil, ErrRequest)
	case b.broken || b.spoilt:
		done(nil, ErrBroken)
	default:
		return b.wait(&waiter{session: s, done: done, acts: op == BarrierActing})
	}
	return nil
}

// acted ends a turn, unless another one has begun.
func (b *Barrier) acted(s *Session, op byte, arg []byte) error {
	turn, err := Number(arg)
	switch {
	case err != nil:
		return err
	case b.leader != s || b.turn != turn:
		return ErrBroken
	case op == BarrierFailed:
		b.breakUp()
	default:
		b.pass()
		b.takeIn()
	}
	return nil
}

// wait adds a party.
func (b *Barrier) wait(w *waiter) func() bool {
	if b.leader != nil {
		b.later.add(w)
	} else if b.arrive(w) {
		return nil
	}
	return func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.giveUp(w)
	}
}

// arrive has a party wait, or pass with the others if it is the last one. It
// reports whether the party's wait has ended.
func (b *Barrier) arrive(w *waiter) bool {
	w.index = len(b.waiting.list)
	switch {
	case uint64(w.index)+1 < b.parties:
		b.waiting.add(w)
		return false
	case w.acts:
		b.leader = w.session
		b.turn++
		w.done(append(w.place(), number(b.turn)...), nil)
	default:
		b.pass()
		w.done(w.place(), nil)
	}
	return true
}

// giveUp breaks the barrier for those whom w leaves waiting, and reports
// whether it did wait.
func (b *Barrier) giveUp(w *waiter) bool {
	switch {
	case b.waiting.remove(w):
		b.breakUp()
	case b.later.remove(w):
		// The parties of this time are all there, and pass. Those of the next
		// would wait for w.
		b.spoilt = true
		b.later.fail(ErrBroken)
	default:
		return false
	}
	return true
}

// place is the result of a party that does not lead.
func (w *waiter) place() []byte { return number(uint64(w.index)) }

// pass lets the parties go.
func (b *Barrier) pass() {
	b.leader = nil
	b.broken, b.spoilt = b.spoilt, false
	for w := b.waiting.next(); w != nil; w = b.waiting.next() {
		w.done(w.place(), nil)
	}
}

// takeIn has those arrive who came while a leader was at it.
func (b *Barrier) takeIn() {
	for b.leader == nil {
		w := b.later.next()
		if w == nil {
			return
		}
		b.arrive(w)
	}
}

// breakUp ends all waiting with ErrBroken.
func (b *Barrier) breakUp() {
	b.broken, b.spoilt, b.leader = true, false, nil
	b.waiting.fail(ErrBroken)
	b.later.fail(ErrBroken)
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
