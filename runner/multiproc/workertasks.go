package multiproc

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// mostAhead is how many chunks a worker has in hand at most. With a task that
// does next to nothing it does as many in the time that the pool's side of it
// takes to be woken.
const mostAhead = 1024

// do does a job, or as much of it as comes to an end in one process, and gives
// back the rest. While it is at it, it takes on more, so that the process finds
// its next order when it is done with one.
func (w *worker) do(j job) {
	if j.isDropped() {
		return
	}
	if err := w.bringUp(); err != nil {
		w.pool.giveBack(j)
		w.cameToNothing(err)
		return
	}
	w.resting = false
	var late lateness
	if !w.give(j, &late) {
		return
	}
	w.finish(&late)
}

// finish goes on until the process has nothing in hand.
func (w *worker) finish(late *lateness) {
	for ahead := 2; w.hand.size() > 0; {
		if w.shared != nil {
			w.fill(ahead)
			w.shared.flush()
		}
		if !w.collect(late) {
			return
		}
		if w.hand.size() == 0 && w.shared != nil { // there should have been more
			ahead = min(2*ahead, mostAhead)
			w.fill(ahead)
		}
	}
	w.orders.shrink()
	if w.mayGet() == 0 {
		w.retire()
	}
}

// mayGet is how many more tasks this process may get.
func (w *worker) mayGet() int {
	if m := w.pool.options.MaxTasksPerChild; m > 0 {
		return m - w.hand.total()
	}
	return math.MaxInt
}

// give sends the first order of a job to a process that has none, and gives back
// the rest of the job. It reports false if there is no process any more.
func (w *worker) give(j job, late *lateness) bool {
	var o order
	large := 0 // size of the order, if it is that
	if w.shared != nil {
		var ok bool
		if o, ok = w.offer(&j, 1); ok {
			w.pool.giveBack(j)
			w.hand.add(o)
			return true
		}
		large = w.largeOrder(j)
	}
	switch {
	case large > 0:
		o = j.cutLarge()
	case o.empty():
		o = w.take(&j, 1)
	default:
		j.lo = o.hi
	}
	w.pool.giveBack(j)
	if o.empty() {
		return true
	}
	stop := late.watch(w.pool.options.TaskTimeout, w.kill) // also a worker that does not read
	err := w.send(&o, large)
	stop()
	switch {
	case err == nil, late.fired():
		w.hand.add(o)
	case errors.Is(err, wire.ErrTooLarge): // then it is alone in the message
		o.done(o.lo, nil, fmt.Errorf("send the argument: %w", err))
	default:
		// It died before it had the whole message, and so has begun nothing.
		w.kill()
		how := w.bury()
		w.pool.giveBack(o.job)
		w.cameToNothing(fmt.Errorf("a worker ended before its task: %w", how))
		return false
	}
	return true
}

// send sends an order when there is room for it: what take has made, or one that is
// large, of so many bytes.
func (w *worker) send(o *order, large int) error {
	if large == 0 {
		return w.lane.send(w.orders.msg)
	}
	room, err := w.shared.room(large)
	if err != nil {
		return err
	}
	o.writeLarge(room)
	o.claim = w.shared.offer(room)
	w.shared.flush()
	return nil
}

// largeOrder returns the size in bytes of the order of the first task of a job, if
// it is to be written where the process will read it; 0 if not.
func (w *worker) largeOrder(j job) int {
	if w.shared == nil {
		return 0
	}
	n := j.largeSize()
	if n > min(roomBytes, messageLimit(w.pool.options.MaxMessage)) {
		return 0
	}
	return n
}

// offer offers the process an order of up to so many chunks of a job. It is empty if
// no argument could be encoded, which is told. Offer reports false if there is no room
// for it now, or never will be: then the job is whole, and the order what could be
// sent, unless it is large.
func (w *worker) offer(j *job, chunks int) (o order, ok bool) {
	if n := w.largeOrder(*j); n > 0 {
		room := w.vacant(n)
		if room == nil {
			return o, false
		}
		o = j.cutLarge()
		o.writeLarge(room)
		o.claim = w.shared.offer(room)
		w.shared.flush() // the process need not wait while the next one is written
		return o, true
	}
	o = w.take(j, chunks)
	if o.empty() {
		return o, true
	}
	room := w.vacant(len(w.orders.msg))
	if room == nil {
		j.lo = o.lo
		return o, false
	}
	copy(room, w.orders.msg)
	o.claim = w.shared.offer(room)
	return o, true
}

// vacant returns room for an order; nil if there is none now, or never will be.
// While it looks for some, nothing is taken back: whoever does that finds the
// process through with all orders whose memory is now another's.
func (w *worker) vacant(n int) []byte {
	if n > roomBytes {
		return nil
	}
	w.hand.mu.Lock()
	defer w.hand.mu.Unlock()
	return w.shared.vacant(n)
}

// take makes an order of up to so many chunks of a job, as far as this process
// may get them together.
func (w *worker) take(j *job, chunks int) order {
	o := &w.pool.options
	// A limit of time holds for each task, so the end of each has to be seen; and
	// a block is a message, too.
	if j.blocks != nil && w.shared != nil && j.together()*chunks > 1 && o.TaskTimeout == 0 && o.MaxMessage >= blockBytes {
		w.orders.takeBlock(j, chunks, w.mayGet())
	} else {
		w.orders.take(j, min(w.mayGet(), j.together()), messageLimit(o.MaxMessage))
	}
	return order{job: job{j.poolCall, w.orders.lo, w.orders.hi}, begin: w.orders.lo, unit: w.orders.unit}
}

// fill sees to it that the process has up to so many chunks in hand, if there are
// any, in several orders.
func (w *worker) fill(ahead int) {
	for n := ahead - w.hand.size(); n > 0; n = ahead - w.hand.size() {
		j, ok := w.pool.more(w, n)
		if !ok {
			return
		}
		if j.isDropped() {
			continue
		}
		for !j.empty() {
			if w.mayGet() == 0 {
				w.pool.giveBack(j)
				return
			}
			o, ok := w.offer(&j, max(1, ahead/4))
			if !ok {
				w.pool.giveBack(j)
				return
			}
			w.hand.add(o)
		}
	}
}

// collect waits for a result and takes in all that are there. It reports false
// if there is no process any more.
func (w *worker) collect(late *lateness) bool {
	const several = 8
	if w.pace > 0 && w.hand.size() >= 2*several {
		w.shared.want(w.pace * w.hand.size() / 2)
	}
	orders, bytes := w.hand.size(), 0
	for more := true; more; more = w.hand.size() > 0 && w.shared != nil && w.shared.here() {
		stop := late.watch(w.pool.options.TaskTimeout, w.kill)
		b, err := w.lane.recv()
		stop()
		if err != nil || !w.takeIn(b) {
			w.lost(late) // one that talks nonsense is as good as dead
			return false
		}
		if len(b) <= blockBytes {
			bytes += len(b)
		}
		bytes += claimSize // or so, which is all that one in the slab takes of the ring
	}
	w.pace = 0
	if done := orders - w.hand.size(); done >= several {
		w.pace = bytes / done
	}
	return true
}

// takeIn takes in what the process says of the next tasks. It reports false if
// that makes no sense.
func (w *worker) takeIn(msg []byte) bool {
	o, ok := w.hand.first()
	if !ok || len(msg) == 0 {
		return false
	}
	letter, n := msg[0], 1 // read once: the process can write there
	switch letter {
	case saysLarge:
		if len(msg) < largeLetter {
			return false
		}
	case saysBlock:
		var err error
		if o.blocks == nil {
			return false
		}
		if n, err = o.blocks.count(msg[1:]); err != nil || n < 1 || n > o.hi-o.lo {
			return false
		}
	}
	w.failed = 0
	w.pool.progress()
	w.done += n
	w.hand.advance(n)
	switch letter {
	case saysBlock:
		o.blocks.done(o.lo, n, msg[1:])
	case saysResult:
		o.done(o.lo, msg[1:], nil)
	case saysLarge:
		o.done(o.lo, msg[largeLetter:], nil)
	default:
		text, stack := parseError(msg[1:])
		o.done(o.lo, nil, &Error{PID: w.process().PID(), Func: o.fn, Message: text, Stack: stack})
	}
	return true
}

// lost takes leave of a process that has ended, or is about to, with orders in
// hand. What it has done until then counts. The first task without a result is
// the one that it was at, if it has begun with the order; the others are given
// back.
func (w *worker) lost(late *lateness) {
	w.kill()
	<-w.process().Ended()
	if w.shared != nil {
		w.takeInLast()
	}
	orders := w.hand.all() // nobody looks at its memory any more
	begun := len(orders) > 0 && (late.fired() || orders[0].isBegun())
	how := w.bury()
	if begun {
		w.failed = 0
		w.pool.progress()
		o := &orders[0]
		o.done(o.lo, nil, w.epitaph(o.poolCall, how, late.fired()))
		o.lo++
	}
	for _, o := range slices.Backward(orders) {
		w.pool.giveBack(o.job)
	}
	if !begun {
		w.cameToNothing(fmt.Errorf("a worker ended before its task: %w", how))
	}
}

// isBegun tells whether the process, which has ended, had begun with the first
// task that has no result.
func (o *order) isBegun() bool {
	return o.claim.state == nil || o.claim.claimed() > 0 && (o.unit == 0 || o.claim.claimed()*o.unit > o.lo-o.begin)
}

// takeInLast takes in what a process has left when it ended: what it had sent,
// and the part of a block that it had done.
func (w *worker) takeInLast() {
	for w.hand.size() > 0 && w.shared.here() {
		b, err := w.shared.recv()
		if err != nil {
			break // it is known by now that nothing more will come
		}
		if !w.takeIn(b) {
			return
		}
	}
	if b := w.shared.unfinished(); len(b) > 0 && b[0] == saysBlock {
		w.takeIn(b)
	}
}

// epitaph is the error of the task that a process had in hand when it ended.
func (w *worker) epitaph(c *poolCall, err error, late bool) error {
	switch {
	case late:
		return fmt.Errorf("%s: %w", c.fn, ErrTaskTimeout)
	case w.pool.isTerminated():
		return ErrTerminated
	case err == nil:
		return fmt.Errorf("%s: the worker left without a word", c.fn)
	}
	return fmt.Errorf("%s: the worker died with the task in hand: %w", c.fn, err)
}

// lateness is whether something took too long.
type lateness struct {
	mu   sync.Mutex
	late bool
}

// watch calls kill after d, if d is not 0, unless it is stopped before.
func (l *lateness) watch(d time.Duration, kill func()) (stop func()) {
	if d == 0 {
		return func() {}
	}
	over := false
	timer := time.AfterFunc(d, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !over {
			l.late = true
			kill()
		}
	})
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		over = true
		timer.Stop()
	}
}

func (l *lateness) fired() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.late
}
