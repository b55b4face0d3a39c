package multiproc

import "sync"

// A hand is what a worker has: the orders that were sent to it and are not done,
// in the order in which it does them. Its worker's goroutine adds and takes off;
// others take back what the process has not begun with.
type hand struct {
	mu     sync.Mutex
	orders []order            // the end of memory
	memory []order            // used again and again
	given  int                // tasks that this process ever got
	passed func(c claim) bool // whether the process is through with an order
}

// An order is tasks that were sent to a worker together.
type order struct {
	job   // without the tasks that have a result
	claim claim
}

// begin is for a new process.
func (h *hand) begin(passed func(c claim) bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.orders, h.given, h.passed = nil, 0, passed
}

// add takes note of an order that was sent.
func (h *hand) add(o order) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.orders) == cap(h.orders) { // the rest of memory is full
		if 2*len(h.orders) >= cap(h.memory) {
			h.memory = make([]order, 0, max(8, 4*len(h.orders)))
		}
		h.orders = append(h.memory[:0], h.orders...)
	}
	h.orders = append(h.orders, o)
	h.given += o.hi - o.lo
}

// total is how many tasks the process ever got.
func (h *hand) total() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.given
}

// size is the number of orders.
func (h *hand) size() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.orders)
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
	if o.lo += n; o.empty() {
		*o = order{}
		h.orders = h.orders[1:]
	}
}

// all takes off all orders.
func (h *hand) all() []order {
	h.mu.Lock()
	defer h.mu.Unlock()
	orders := h.orders
	h.orders = nil
	return orders
}

// takeBack takes off up to n orders that the process has not begun with, the
// last ones, and returns them, the last one first. The first order stays: its
// worker's goroutine waits for what comes of it.
func (h *hand) takeBack(n int) (back []order) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for len(back) < n && len(h.orders) > 1 {
		last := len(h.orders) - 1
		o := h.orders[last]
		// Where the process is through with it, its memory has new contents.
		if o.claim.state == nil || h.passed(o.claim) || !o.claim.settle(isBack) {
			break
		}
		h.given -= o.hi - o.lo
		h.orders[last] = order{}
		h.orders = h.orders[:last]
		back = append(back, o)
	}
	return back
}
