package hub

import "sync"

// Operations of a queue.
const (
	QueuePut    = 'p' // argument: the item; waits for a place
	QueueTryPut = 'P' // ErrFull if there is none
	QueueGet    = 'g' // result: an item; waits for one
	QueueTryGet = 'G' // ErrEmpty if there is none
	QueueLen    = 'n' // result: the number of items, as 8 bytes
	QueueRoom   = 'r' // result: for how many items there is room in all, as 8 bytes; 0 is no bound
	QueueDone   = 'd' // a task that was got is done; ErrReleased if all are
	QueueJoin   = 'j' // until all tasks are done
	QueueShut   = 's' // no more items; gets go on until it is empty
)

// A Queue holds items for whoever takes them first. As many items as it has
// room for lie in it; who puts more, waits.
//
// One that counts tasks knows of each session how many items it has taken and
// not said to be done. When a session ends, its open tasks count as done, and
// the next join is told so by ErrOwnerDied, once. Where sessions say so of what
// others have taken, never more tasks end with one than are out of the queue.
type Queue struct {
	// Drop is called for items that nobody gets any more, as the queue is closed;
	// it may be nil.
	Drop func(item []byte)

	room  int // 0 is no bound
	tasks bool

	mu      sync.Mutex
	closed  bool
	shut    bool
	items   [][]byte
	open    uint64 // tasks that are not done, those of the items in the queue included
	taken   map[*Session]uint64
	out     uint64 // sum of taken
	died    bool
	putters []putter
	getters waiters
	joiners waiters
}

// A putter waits for a place for its item.
type putter struct {
	*waiter
	item []byte
}

// NewQueue returns a queue with room for that many items, or for any number if
// room is 0.
func NewQueue(room int, tasks bool) *Queue {
	return &Queue{room: room, tasks: tasks, taken: map[*Session]uint64{}}
}

// Do begins an operation.
func (q *Queue) Do(s *Session, op byte, arg []byte, done Done) func() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		done(nil, ErrClosed)
		return nil
	}
	switch op {
	case QueuePut, QueueTryPut:
		return q.put(s, op, arg, done)
	case QueueGet, QueueTryGet:
		return q.get(s, op, done)
	case QueueLen:
		done(number(uint64(len(q.items))), nil)
	case QueueRoom:
		done(number(uint64(q.room)), nil)
	case QueueShut:
		q.shutDown()
		done(nil, nil)
	case QueueDone:
		q.finish(s, done)
	case QueueJoin:
		return q.join(s, done)
	default:
		done(nil, ErrRequest)
	}
	return nil
}

func (q *Queue) put(s *Session, op byte, item []byte, done Done) func() bool {
	switch {
	case q.shut:
		done(nil, ErrClosed)
	case q.room == 0 || len(q.items) < q.room:
		q.accept(item)
		done(nil, nil)
	case op == QueueTryPut:
		done(nil, ErrFull)
	default:
		p := putter{&waiter{session: s, done: done}, item}
		q.putters = append(q.putters, p)
		return func() bool {
			q.mu.Lock()
			defer q.mu.Unlock()
			for i := range q.putters {
				if q.putters[i].waiter == p.waiter {
					q.putters = append(q.putters[:i], q.putters[i+1:]...)
					return true
				}
			}
			return false
		}
	}
	return nil
}

// accept takes an item in, or gives it to one who waits for it.
func (q *Queue) accept(item []byte) {
	if q.tasks {
		q.open++
	}
	if w := q.getters.next(); w != nil {
		q.deliver(w.session, item, w.done)
		return
	}
	q.items = append(q.items, item)
}

func (q *Queue) deliver(s *Session, item []byte, done Done) {
	if q.tasks {
		q.taken[s]++
		q.out++
	}
	done(item, nil)
}

func (q *Queue) get(s *Session, op byte, done Done) func() bool {
	switch {
	case len(q.items) > 0:
		item := q.items[0]
		q.items[0] = nil // let go of its memory
		q.items = q.items[1:]
		q.refill()
		q.deliver(s, item, done)
	case q.shut:
		done(nil, ErrClosed)
	case op == QueueTryGet:
		done(nil, ErrEmpty)
	default:
		return q.getters.wait(&q.mu, &waiter{session: s, done: done})
	}
	return nil
}

// refill takes in the item of the putter that has waited longest.
func (q *Queue) refill() {
	if len(q.putters) == 0 {
		return
	}
	p := q.putters[0]
	q.putters = q.putters[1:]
	q.accept(p.item)
	p.done(nil, nil)
}

// shutDown ends the putting. Who waits to put gets ErrClosed, and so does who
// waits for an item: there are none when somebody waits.
func (q *Queue) shutDown() {
	q.shut = true
	for _, p := range q.putters {
		p.done(nil, ErrClosed)
	}
	q.putters = nil
	q.getters.close()
}

// finish counts a task as done.
func (q *Queue) finish(s *Session, done Done) {
	if !q.tasks || q.open == 0 {
		done(nil, ErrReleased)
		return
	}
	q.drop(s, min(1, q.taken[s])) // none, if another has taken it
	q.settle(1)
	done(nil, nil)
}

// drop forgets n tasks of s.
func (q *Queue) drop(s *Session, n uint64) {
	q.out -= n
	if q.taken[s] -= n; q.taken[s] == 0 {
		delete(q.taken, s)
	}
}

// settle takes n tasks off those that are open.
func (q *Queue) settle(n uint64) {
	q.open -= min(n, q.open)
	if q.open > 0 {
		return
	}
	for w := q.joiners.next(); w != nil; w = q.joiners.next() {
		w.done(nil, q.verdict())
	}
}

// verdict is the outcome of a join.
func (q *Queue) verdict() error {
	if q.died {
		q.died = false
		return ErrOwnerDied
	}
	return nil
}

func (q *Queue) join(s *Session, done Done) func() bool {
	if q.open == 0 {
		done(nil, q.verdict())
		return nil
	}
	return q.joiners.wait(&q.mu, &waiter{session: s, done: done})
}

// Leave counts the open tasks of s as done.
func (q *Queue) Leave(s *Session) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.taken[s]
	q.drop(s, n)
	others := uint64(len(q.items)) + q.out
	if n == 0 || q.open <= others {
		return
	}
	q.died = true
	q.settle(min(n, q.open-others))
}

// Close ends the queue, with all that is in it.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.shutDown()
	q.closed = true
	if q.Drop != nil {
		for _, item := range q.items {
			q.Drop(item)
		}
	}
	q.items = nil
	q.joiners.close()
}
