package multiproc

import (
	"slices"
	"sync"
)

// A hand is what a worker has: the orders that were sent to it and are not done,
// in the order in which it does them. Its worker's goroutine adds and takes off;
// others take back what the process has not begun with.
type hand struct {
	mu     sync.Mutex
	orders []order            // the end of memory
	memory []order            // used again and again
	chunks int                // of which the orders are
	given  int                // tasks that this process ever got
	passed func(c claim) bool // whether the process is through with an order
}

// An order is tasks that were sent to a worker together.
type order struct {
	job       // without the tasks that have a result
	begin int // its first task, when it was sent
	unit  int // how many tasks are a unit; 0 if all are one
	claim claim
}

// units is how many units tasks up to one are, from the order's begin on.
func (o *order) units(to int) int {
	if o.unit == 0 {
		return 1
	}
	return (to - o.begin + o.unit - 1) / o.unit
}

// chunks is how many units have tasks without a result.
func (o *order) chunks() int {
	if o.unit == 0 {
		return 1
	}
	return o.units(o.hi) - (o.lo-o.begin)/o.unit
}

// begin is for a new process.
func (h *hand) begin(passed func(c claim) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.orders, h.chunks, h.given, h.passed = nil, 0, 0, passed
}

// add takes note of an order that was sent, if there is anything in it.
func (h *hand) add(o order) {
	if o.empty() {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.orders) == cap(h.orders) { // the rest of memory is full
		if 2*len(h.orders) >= cap(h.memory) {
			h.memory = make([]order, 0, max(8, 4*len(h.orders)))
		}
		old := h.orders
		h.orders = append(h.memory[:0], old...)
		clear(old) // or it would keep what their calls refer to
	}
	h.orders = append(h.orders, o)
	h.chunks += o.chunks()
	h.given += o.hi - o.lo
}

// total is how many tasks the process ever got.
func (h *hand) total() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.given
}

// size is of how many chunks the orders are.
func (h *hand) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.chunks
}

// first returns the order that the next result is of; false if there is none.
func (h *hand) first() (job, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.orders) == 0 {
		return job{}, false
	}
	return h.orders[0].job, true
}

// advance takes off n tasks of the first order.
func (h *hand) advance(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	o := &h.orders[0]
	before := o.chunks()
	o.lo += n
	if !o.empty() {
		h.chunks -= before - o.chunks()
		return
	}
	h.chunks -= before
	*o = order{}
	if h.orders = h.orders[1:]; len(h.orders) == 0 {
		h.orders = h.memory[:0] // the part that is in the caches
	}
}

// all takes off all orders.
func (h *hand) all() []order {
	h.mu.Lock()
	defer h.mu.Unlock()
	orders := h.orders
	h.orders, h.memory, h.chunks = nil, nil, 0
	return orders
}

// takeBack takes off up to n units that the process has not begun with, the last
// ones, and returns their tasks, the last ones first: of all calls, or only of
// one. Of the first order, a unit stays that has no result: its worker's goroutine
// waits for what comes of it.
func (h *hand) takeBack(n int, only *poolCall) (back []job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.orders) - 1; i >= 0 && n > 0; i-- {
		o := &h.orders[i]
		if only != nil && o.poolCall != only {
			continue
		}
		// Where the process is through with it, its memory has new contents.
		if o.claim.state == nil || h.passed(o.claim) {
			break
		}
		units := o.units(o.hi)
		least := units - min(n, units)
		if i == 0 {
			least = max(least, 1)
			if o.unit > 0 {
				least = max(least, (o.lo-o.begin)/o.unit+1)
			}
		}
		left := max(least, o.claim.leave(least)) // whatever the process has written there
		if left >= units {
			break
		}
		lo := o.begin
		if o.unit > 0 {
			lo += left * o.unit
		}
		back = append(back, job{o.poolCall, lo, o.hi})
		n -= units - left
		h.chunks -= units - left
		h.given -= o.hi - lo
		if o.hi = lo; o.empty() {
			h.orders = slices.Delete(h.orders, i, i+1)
		}
	}
	return back
}
