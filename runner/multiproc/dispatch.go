package multiproc

import (
	"math"
	"slices"
)

// submit queues a job. An error says that nothing of it will be done.
func (p *Pool) submit(j job) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.workers == nil:
		return errZeroPool
	case p.state == poolTerminated:
		return ErrTerminated
	case p.broken != nil:
		return p.broken
	case p.state == poolClosed:
		return ErrPoolClosed
	}
	for !j.empty() && len(p.idle) > 0 {
		p.wakeOne(j.cut(1))
	}
	if !j.empty() {
		p.queue = append(p.queue, j)
	}
	return nil
}

// giveBack queues a job again of which nothing was done, before all others.
func (p *Pool) giveBack(j job) {
	if j.empty() {
		return
	}
	p.mu.Lock()
	err := p.broken
	if p.state == poolTerminated {
		err = ErrTerminated
	}
	if err == nil && !p.wakeOne(j) {
		p.returned = append(p.returned, j)
	}
	p.mu.Unlock()
	if err != nil {
		j.fail(err)
	}
}

// wakeOne gives j to an idle worker, if there is one. p.mu is held.
func (p *Pool) wakeOne(j job) bool {
	n := len(p.idle)
	if n == 0 {
		return false
	}
	w := p.idle[n-1] // its caches are warm, and the others can time out
	p.idle = p.idle[:n-1]
	w.inbox <- j // has room: it gets one at a time
	return true
}

// next returns the job that w is to do next. If there is none, w counts as idle
// and gets one by its inbox; false if w is to end.
func (p *Pool) next(w *worker) (j job, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == poolTerminated || p.broken != nil || w.leaving {
		return job{}, false
	}
	if j, ok := p.dequeue(1); ok {
		return j, true
	}
	if j, ok := p.takeOver(w); ok {
		return j, true
	}
	// What another worker has in hand may come back if it dies.
	if othersAreIdle := len(p.idle) == len(p.workers)-1; p.state == poolClosed && othersAreIdle {
		p.dismissIdle(len(p.idle))
		return job{}, false
	}
	p.idle = append(p.idle, w)
	return job{}, true
}

// more returns up to n chunks of a job that w may do after what it has in hand;
// false if there are none.
func (p *Pool) more(w *worker, n int) (j job, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == poolTerminated || p.broken != nil || w.leaving {
		return job{}, false
	}
	return p.dequeue(n)
}

// dequeue takes up to n chunks of the first job that waits; false if none does.
// p.mu is held.
func (p *Pool) dequeue(n int) (j job, ok bool) {
	if last := len(p.returned) - 1; last >= 0 {
		first := &p.returned[last]
		if j = first.cut(n); first.empty() {
			*first = job{}
			p.returned = p.returned[:last]
		}
		return j, true
	}
	if len(p.queue) > 0 {
		first := &p.queue[0]
		if j = first.cut(n); first.empty() {
			*first = job{}
			p.queue = p.queue[1:]
		}
		return j, true
	}
	return job{}, false
}

// takeOver takes half of what another worker has in hand and has not begun with,
// so that nothing waits behind a slow task while w has nothing to do. p.mu is
// held.
func (p *Pool) takeOver(w *worker) (j job, ok bool) {
	var from *worker
	most := 1 // one stays where it is
	for other := range p.workers {
		if n := other.hand.size(); n > most && other != w {
			from, most = other, n
		}
	}
	if from == nil {
		return job{}, false
	}
	p.returned = append(p.returned, from.hand.takeBack(most/2, nil)...)
	if len(p.returned) == 0 {
		return job{}, false
	}
	return p.dequeue(1)
}

// withdraw ends the tasks of a call that no process has begun with.
func (p *Pool) withdraw(c *poolCall, err error) {
	p.mu.Lock()
	var back []job
	for w := range p.workers {
		back = append(back, w.hand.takeBack(math.MaxInt, c)...)
	}
	for _, waiting := range []*[]job{&p.returned, &p.queue} {
		*waiting = slices.DeleteFunc(*waiting, func(j job) bool {
			if j.poolCall == c {
				back = append(back, j)
			}
			return j.poolCall == c
		})
	}
	p.dismissIfDone()
	p.mu.Unlock()
	for _, j := range back {
		j.fail(err)
	}
}

// leaveIdle takes w out of the idle ones. It reports false if it was not among
// them any more: there is, or will be soon, something in its inbox.
func (p *Pool) leaveIdle(w *worker) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.idle {
		if other == w {
			p.idle = append(p.idle[:i], p.idle[i+1:]...)
			return true
		}
	}
	w.lent = false // who has borrowed it is not to wait for its goroutine to see that it is back
	return false
}

// left takes note of a worker that has ended.
func (p *Pool) left(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.workers, w)
	p.dismissIfDone()
	p.endIfDeserted()
}

// dismissIfDone ends the workers of a closed pool when there is nothing left to
// do, and none that could leave something undone. p.mu is held.
func (p *Pool) dismissIfDone() {
	if p.state == poolClosed && len(p.queue)+len(p.returned) == 0 && len(p.idle) == len(p.workers) {
		p.dismissIdle(len(p.idle))
	}
}

// dismissIdle ends n idle workers. p.mu is held.
func (p *Pool) dismissIdle(n int) {
	for range n {
		last := len(p.idle) - 1
		w := p.idle[last]
		p.idle = p.idle[:last]
		w.leaving = true
		close(w.inbox)
	}
}

// await has the end of the pool wait for the output of a process.
func (p *Pool) await(settled <-chan struct{}) {
	select {
	case <-settled:
		return
	default:
	}
	p.mu.Lock()
	p.unsettled++
	p.mu.Unlock()
	go func() {
		<-settled
		p.mu.Lock()
		defer p.mu.Unlock()
		p.unsettled--
		p.endIfDeserted()
	}()
}

// endIfDeserted notes that the last worker of a pool that takes no more has
// ended, and its output is in. p.mu is held.
func (p *Pool) endIfDeserted() {
	if p.state == poolOpen || len(p.workers) > 0 || p.unsettled > 0 {
		return
	}
	select {
	case <-p.over:
	default:
		close(p.over)
	}
	if p.release != nil {
		p.release()
	}
}

// isOpen tells whether tasks may still come.
func (p *Pool) isOpen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == poolOpen
}

// isTerminated tells whether all processes are to be killed.
func (p *Pool) isTerminated() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == poolTerminated
}

// progress notes that a task has ended. It is called for each one, and mostly
// has nothing to write.
func (p *Pool) progress() {
	if p.failures.Load() != 0 {
		p.failures.Store(0)
	}
}
