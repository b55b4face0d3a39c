package hub

import "slices"

// A waiter is an operation that waits for its turn.
type waiter struct {
	session *Session
	done    Done
	want    int // how many permits, parties or whatever it waits for
}

// waiters is a queue of them, first come, first served. Its owner's lock
// guards it.
type waiters struct{ list []*waiter }

func (q *waiters) add(w *waiter) { q.list = append(q.list, w) }

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
func (q *waiters) close() {
	for _, w := range q.list {
		w.done(nil, ErrClosed)
	}
	q.list = nil
}
