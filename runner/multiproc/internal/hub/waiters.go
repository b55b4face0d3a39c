package hub

import (
	"encoding/binary"
	"slices"
	"sync"
)

// A waiter is an operation that waits for its turn.
type waiter struct {
	session   *Session
	done      Done
	condition *Condition // that it waits for, or has waited for
	index     int        // its place among the parties of a barrier
	acts      bool       // it has an action, if it is the last party
}

// waiters is a queue of them, first come, first served. Its owner's lock
// guards it.
type waiters struct{ list []*waiter }

func (q *waiters) add(w *waiter) { q.list = append(q.list, w) }

// wait adds w and returns what takes it out again, under the owner's lock.
func (q *waiters) wait(mu *sync.Mutex, w *waiter) (cancel func() bool) {
	q.add(w)
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return q.remove(w)
	}
}

// next takes out the one that has waited longest; nil if there is none.
func (q *waiters) next() *waiter {
	if len(q.list) == 0 {
		return nil
	}
	w := q.list[0]
	q.list = slices.Delete(q.list, 0, 1)
	return w
}

// remove takes w out and reports whether it was in.
func (q *waiters) remove(w *waiter) bool {
	i := slices.Index(q.list, w)
	if i < 0 {
		return false
	}
	q.list = slices.Delete(q.list, i, i+1)
	return true
}

// close ends all operations with ErrClosed.
func (q *waiters) close() { q.fail(ErrClosed) }

// fail ends all operations with the given error.
func (q *waiters) fail(err error) {
	for _, w := range q.list {
		w.done(nil, err)
	}
	q.list = nil
}

// number is a numeric result.
func number(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

// Number reads a numeric argument or result.
func Number(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, ErrRequest
	}
	return binary.LittleEndian.Uint64(b), nil
}
