package multiproc

// A worker that is idle is lent to whoever has one task for it and waits for the
// result: to hand the task to the worker's goroutine, and the result back, takes
// longer than the process needs for a small one. The goroutine waits meanwhile,
// and goes on with the task if that is not done within a moment.

// applyNow has an idle worker do the only task of a job, and reports whether
// there was one. The task is done, or will be.
func (p *Pool) applyNow(j job) bool {
	if j.largeSize() > 0 { // which takes more than a moment
		return false
	}
	w := p.borrow()
	if w == nil {
		return false
	}
	if left, done := w.applyNow(j); done {
		p.giveWorkerBack(w)
	} else {
		w.inbox <- left // has room: it gets one at a time
	}
	return true
}

// borrow returns a worker that is idle, and is the caller's until it gives it
// back; nil if there is none.
func (p *Pool) borrow() *worker {
	if o := &p.options; o.TaskTimeout > 0 || o.IdleTimeout > 0 {
		return nil // its goroutine keeps the time
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 || p.state != poolOpen || p.broken != nil {
		return nil
	}
	w := p.idle[last]
	if w.shared == nil || !w.ready || w.resting || !w.spin.isWorthIt() {
		return nil
	}
	p.idle = p.idle[:last]
	w.lent = true
	return w
}

// giveWorkerBack makes a worker that was borrowed idle again, unless there is
// something for its goroutine to do.
func (p *Pool) giveWorkerBack(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	called := !w.lent
	w.lent = false
	if called || p.state != poolOpen || p.broken != nil || w.leaving || len(p.queue)+len(p.returned) > 0 {
		w.inbox <- job{} // has room, as above
		return
	}
	p.idle = append(p.idle, w)
}

// applyNow does the only task of a job, if that takes only a moment. Otherwise the
// worker's goroutine is to go on, with what is left of the job.
func (w *worker) applyNow(j job) (left job, done bool) {
	o, ok := w.offer(&j, 1)
	if !ok {
		return j, false
	}
	if o.empty() {
		return job{}, true // its argument could not be encoded, which is told
	}
	w.hand.add(o)
	w.shared.flush()
	if !w.spin.look(w.shared.here) {
		return job{}, false
	}
	b, err := w.lane.recv()
	if err != nil || !w.takeIn(b) {
		w.kill() // as good as dead: its goroutine sees to it
		return job{}, false
	}
	return job{}, w.mayGet() > 0
}
