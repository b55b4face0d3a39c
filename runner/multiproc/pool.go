package multiproc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// A Pool is worker processes that do tasks. The parent alone decides who does
// what, over a connection of its own to each worker: no lock is shared that a
// killed worker could take along. Of a worker that dies, the task in hand ends
// with an error; the others go to another worker, and none is run twice.
//
// On Linux a worker finds its next tasks in memory that it shares with the
// parent. Those that it has not begun with are taken back when another worker has
// nothing to do, so that no task waits behind a slow one of another chunk.
//
// A dead worker is replaced. Where starting one comes to nothing several times
// in a row, with no task done in between, the pool gives up: all its tasks end
// with the error of the last start. That is after three times where the
// initializer returns an error, and after three times for each worker and three
// more where processes die before they take a task, or cannot be started.
//
// A pool that nobody closes does not keep the program from ending: its workers
// end with it. A worker may have children, and pools, of its own.
type Pool struct {
	options PoolOptions
	cpus    []int // to pin workers to

	mu       sync.Mutex
	state    poolState
	broken   error // why no worker can be started any more
	returned []job // the first one is the last
	queue    []job
	idle     []*worker // the one that was busy last is the last
	workers  map[*worker]struct{}
	release  func() bool // lets go of the context, and of the list of pools

	unsettled int // processes that have ended, and whose output is not in

	failedEnds []error // of finalizers, the first few
	moreFailed int     // those that are not among them

	failures atomic.Int64 // starts that came to nothing since the last task was done

	stopping chan struct{} // closed when nothing more is to be begun
	over     chan struct{} // closed when all workers have ended, and their output is in
}

type poolState int

const (
	poolOpen poolState = iota
	poolClosed
	poolTerminated
)

// NewPool starts a pool. When ctx ends, the pool is terminated.
func NewPool(ctx context.Context, o PoolOptions) (*Pool, error) {
	p, err := newPoolOf(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("new pool: %w", err)
	}
	return p, nil
}

func newPoolOf(ctx context.Context, o PoolOptions) (*Pool, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := o.complete(); err != nil {
		return nil, err
	}
	p := &Pool{
		options: o, workers: map[*worker]struct{}{},
		stopping: make(chan struct{}), over: make(chan struct{}),
	}
	if o.PinCPUs {
		cpus, err := usableCPUs()
		if err != nil {
			return nil, err
		}
		p.cpus = cpus
	}
	pools.add(p)
	// All or none: a start that fails ends those before it.
	p.mu.Lock()
	hired := p.enlist(o.Workers)
	p.mu.Unlock()
	if err := p.startAll(hired); err != nil {
		p.Terminate()
		err = errors.Join(err, p.Join(context.WithoutCancel(ctx)))
		pools.remove(p)
		return nil, err
	}
	forget := context.AfterFunc(ctx, p.Terminate)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release = func() bool { pools.remove(p); return forget() }
	p.endIfDeserted()
	return p, nil
}

// enlist adds n workers, which count from then on, whatever their start takes.
// p.mu is held.
func (p *Pool) enlist(n int) []*worker {
	hired := make([]*worker, n)
	for i := range hired {
		w := &worker{pool: p, number: p.freeNumber(), inbox: make(chan job, 1)}
		p.workers[w] = struct{}{}
		hired[i] = w
	}
	return hired
}

// shut says why the pool takes no workers, and no tasks; nil if it does. p.mu is
// held.
func (p *Pool) shut() error {
	switch {
	case p.workers == nil:
		return errZeroPool
	case p.broken != nil:
		return fmt.Errorf("%w: %w", ErrPoolClosed, p.broken)
	case p.state != poolOpen:
		return ErrPoolClosed
	}
	return nil
}

// startIfOpen starts a worker of a pool that still takes tasks.
func (w *worker) startIfOpen() error {
	w.pool.mu.Lock()
	err := w.pool.shut()
	w.pool.mu.Unlock()
	if err != nil {
		return err
	}
	return w.start()
}

// startAll starts workers that were enlisted. With the first that cannot be
// started, those after it leave as well.
func (p *Pool) startAll(hired []*worker) error {
	for i, w := range hired {
		err := w.startIfOpen()
		if err != nil {
			for _, w := range hired[i:] {
				p.left(w)
			}
			return err
		}
		go w.run()
	}
	return nil
}

// freeNumber is the smallest number that no worker has, so that a pool that is
// resized keeps its workers on CPUs of their own. p.mu is held.
func (p *Pool) freeNumber() int {
	taken := make(map[int]bool, len(p.workers))
	for w := range p.workers {
		taken[w.number] = true
	}
	n := 0
	for taken[n] {
		n++
	}
	return n
}

// Close ends the taking of tasks. What was submitted is still done.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == poolOpen && p.workers != nil {
		p.state = poolClosed
		p.dismissIfDone()
		p.endIfDeserted()
	}
}

// Terminate ends the pool at once: its processes are killed, and tasks that are
// not finished end with [ErrTerminated].
func (p *Pool) Terminate() {
	p.mu.Lock()
	if p.workers == nil { // the zero value has nothing to end
		p.mu.Unlock()
		return
	}
	// Whoever comes second does it again: when it returns, no process is left
	// that the first has not come to yet.
	p.state = poolTerminated
	queue := p.clear()
	workers := make([]*worker, 0, len(p.workers))
	for w := range p.workers {
		workers = append(workers, w)
	}
	p.mu.Unlock()
	for _, w := range workers {
		w.starting.Lock()
		w.kill()
		w.starting.Unlock()
	}
	for _, j := range queue {
		j.fail(ErrTerminated)
	}
}

// breakDown ends a pool that cannot start workers. Those that it has finish
// what they have in hand.
func (p *Pool) breakDown(err error) {
	p.mu.Lock()
	if p.state == poolTerminated || p.broken != nil {
		p.mu.Unlock()
		return
	}
	p.state = poolClosed
	p.broken = fmt.Errorf("the pool has no workers: %w", err)
	queue := p.clear()
	p.mu.Unlock()
	for _, j := range queue {
		j.fail(p.broken) // which is set once
	}
}

// clear ends the handing out of jobs and returns those that wait. p.mu is held.
func (p *Pool) clear() []job {
	queue := append(p.returned, p.queue...)
	p.returned, p.queue = nil, nil
	select {
	case <-p.stopping: // a pool that is broken can still be terminated
	default:
		close(p.stopping)
	}
	p.dismissIdle(len(p.idle))
	p.endIfDeserted()
	return queue
}

// Join waits, after Close or Terminate, until all workers have ended and are
// reaped, and what they wrote is in. The error is that of ctx, or those of
// finalizers: of workers that ended in peace, the first few and the number of
// the others. A worker that died before its finalizer was done counts, too.
func (p *Pool) Join(ctx context.Context) error {
	p.mu.Lock()
	zero, open := p.workers == nil, p.state == poolOpen
	p.mu.Unlock()
	if zero {
		return errZeroPool
	}
	if open {
		return errors.New("join a pool that is open: close or terminate it first")
	}
	select { // an end that has come counts, whatever became of ctx
	case <-p.over:
		return p.endError()
	default:
	}
	select {
	case <-p.over:
		return p.endError()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ended takes note of how a worker has ended that was told to.
func (p *Pool) ended(w *worker, err error) {
	const most = 8 // a pool may live for long, and replace its workers
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err == nil, p.options.Initializer == nil, p.state == poolTerminated:
	case len(p.failedEnds) == most:
		p.moreFailed++
	default:
		p.failedEnds = append(p.failedEnds, fmt.Errorf("worker-%d: the finalizer of %s: %w", w.number, p.options.Initializer.name, err))
	}
}

// endError is what finalizers had to say.
func (p *Pool) endError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	errs := p.failedEnds
	if p.moreFailed > 0 {
		errs = append(slices.Clip(errs), fmt.Errorf("%d more finalizers have failed", p.moreFailed))
	}
	return errors.Join(errs...)
}

// Resize sets the number of workers. Those that are too many end with the tasks
// that they have in hand. If some of those to come cannot be started, the error
// says so, and the pool goes on with the others.
func (p *Pool) Resize(n int) error {
	if n < 1 || n > mostWorkers {
		return fmt.Errorf("resize the pool to %d workers: want at least 1, and at most %d", n, mostWorkers)
	}
	p.mu.Lock()
	if err := p.shut(); err != nil {
		p.mu.Unlock()
		return fmt.Errorf("resize the pool: %w", err)
	}
	more := n - p.size()
	for ; more < 0 && len(p.idle) > 0; more++ {
		p.dismissIdle(1)
	}
	for w := range p.workers {
		if more < 0 && !w.leaving {
			w.leaving = true // as it will see when it asks for the next job
			more++
		}
	}
	hired := p.enlist(max(more, 0)) // at once, so that another Resize counts them
	p.mu.Unlock()
	if err := p.startAll(hired); err != nil {
		return fmt.Errorf("resize the pool: %w", err)
	}
	return nil
}

// size is the number of workers without those that are about to end. p.mu is
// held.
func (p *Pool) size() int {
	n := 0
	for w := range p.workers {
		if !w.leaving {
			n++
		}
	}
	return n
}

// Workers returns the number of workers. Those that wait for a task may have no
// process, after [PoolOptions].IdleTimeout.
func (p *Pool) Workers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size()
}

// PIDs returns the process ids of the living workers, in ascending order.
func (p *Pool) PIDs() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var pids []int
	for w := range p.workers {
		if c := w.process(); c != nil && c.Alive() {
			pids = append(pids, c.PID())
		}
	}
	slices.Sort(pids)
	return pids
}
