package hub

import "slices"

// Operations of a condition, beside those of its lock.
const (
	CondWait   = 'w' // gives the lock up; ends with it, after a notification
	CondNotify = 'n' // argument: how many to wake, as 8 bytes
)

// A Condition is a lock and those who wait for a change of what it guards.
//
// Who is notified goes to the end of the queue for the lock, so that a wait
// ends with the lock held. From then on it cannot be taken back. A wait that
// is taken back ends without the lock.
//
// No notification is lost with a process: if one that was notified dies before
// it has the lock, another is notified. If the holder of the lock dies when
// nobody waits for the lock itself, one who waits for the condition is told:
// otherwise all might wait for what the dead one was to do.
type Condition struct {
	lock *Lock
	own  bool // the lock ends with the condition

	closed  bool // this and the following: guarded by lock.mu
	waiting waiters
}

// NewCondition returns a condition of the lock; of one of its own if that is
// nil.
func NewCondition(l *Lock) *Condition {
	c := &Condition{lock: l, own: l == nil}
	if c.own {
		c.lock = &Lock{}
	}
	c.lock.mu.Lock()
	defer c.lock.mu.Unlock()
	c.lock.conditions = append(c.lock.conditions, c)
	return c
}

// Do begins an operation.
func (c *Condition) Do(s *Session, op byte, arg []byte, done Done) func() bool {
	l := c.lock
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case c.closed || l.closed:
		done(nil, ErrClosed)
	case op != CondWait && op != CondNotify:
		return l.do(s, op, done)
	case !l.word().heldBy(s.process):
		done(nil, ErrNotHeld)
	case op == CondNotify:
		done(nil, c.notify(arg))
	default:
		cancel := c.waiting.wait(&l.mu, &waiter{session: s, done: done, condition: c})
		l.pass()
		return cancel
	}
	return nil
}

// notify has as many as arg says wait for the lock, those first that began
// first.
func (c *Condition) notify(arg []byte) error {
	n, err := Number(arg)
	for ; n > 0 && len(c.waiting.list) > 0; n-- {
		c.lock.waiting.add(c.waiting.next())
	}
	return err
}

// Leave frees the lock if s held it.
func (c *Condition) Leave(s *Session) { c.lock.Leave(s) }

// Close ends the condition, and its lock if that is its own.
func (c *Condition) Close() {
	if c.own {
		c.lock.Close()
		return
	}
	l := c.lock
	l.mu.Lock()
	defer l.mu.Unlock()
	c.closed = true
	c.waiting.close()
	l.conditions = slices.DeleteFunc(l.conditions, func(o *Condition) bool { return o == c })
}
