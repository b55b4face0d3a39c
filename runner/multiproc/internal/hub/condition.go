package hub

import "sync"

// Operations of a condition, beside those of its lock.
const (
	CondWait   = 'w' // gives the lock up; ends when notified
	CondNotify = 'n' // argument: how many to wake, as 8 bytes
)

// A Condition is a lock and those who wait for a change of what it guards. A
// wait ends without the lock: who waited has to acquire it again, as any other.
type Condition struct {
	Lock *Lock

	mu      sync.Mutex
	closed  bool
	waiting waiters
}

// Do begins an operation.
func (c *Condition) Do(s *Session, op byte, arg []byte, done Done) func() bool {
	if op != CondWait && op != CondNotify {
		return c.Lock.Do(s, op, arg, done)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		done(nil, ErrClosed)
	case !c.Lock.heldBy(s):
		done(nil, ErrNotHeld)
	case op == CondNotify:
		done(nil, c.notify(arg))
	default:
		w := &waiter{session: s, done: done}
		cancel := c.waiting.wait(&c.mu, w)
		c.Lock.Do(s, LockRelease, nil, func([]byte, error) {})
		return cancel
	}
	return nil
}

// notify ends as many waits as arg says, those first that began first.
func (c *Condition) notify(arg []byte) error {
	n, err := Number(arg)
	for ; n > 0 && len(c.waiting.list) > 0; n-- {
		c.waiting.next().done(nil, nil)
	}
	return err
}

// Leave frees the lock if s held it.
func (c *Condition) Leave(s *Session) { c.Lock.Leave(s) }

// Close ends the condition and its lock.
func (c *Condition) Close() {
	c.mu.Lock()
	c.closed = true
	c.waiting.close()
	c.mu.Unlock()
	c.Lock.Close()
}
