package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"time"
)

// PoolOptions are those of a pool. The zero value is ready to use.
type PoolOptions struct {
	// Workers is the number of worker processes; 0 means one for each CPU that
	// this process may use.
	Workers int

	// Initializer is run by each worker before its first task: the result of
	// [Initializer.With].
	Initializer *Initialization

	// MaxTasks is after how many tasks a worker is replaced by a new process;
	// 0 means never.
	MaxTasks int

	// TaskTimeout is how long a task may take; 0 means any time. One that takes
	// longer ends with [ErrTaskTimeout], and its worker is killed.
	TaskTimeout time.Duration

	// IdleTimeout is after how long without a task the process of a worker is
	// ended; 0 means never. The next task that it gets starts a new one.
	IdleTimeout time.Duration

	// PinCPUs has each worker run on a CPU of its own, as long as there are
	// enough. Linux only.
	PinCPUs bool

	// Env, Stdout and Stderr are those of the workers, as in [Options].
	Env            []string
	Stdout, Stderr io.Writer
}

// Errors of tasks and pools.
var (
	// ErrTaskTimeout is that of a task that took longer than it may.
	ErrTaskTimeout = errors.New("the task took too long, and its worker was killed")

	// ErrTerminated is that of tasks that a pool had not finished when it was
	// terminated.
	ErrTerminated = errors.New("the pool was terminated")

	// ErrPoolClosed is that of tasks for a pool that takes no more.
	ErrPoolClosed = errors.New("the pool is closed")
)

// A Pool is worker processes that do tasks. The parent alone decides who does
// what, over a connection of its own to each worker: no lock is shared that a
// killed worker could take along. Of a worker that dies, the task in hand ends
// with an error; the others go to another worker, and none is run twice.
type Pool struct {
	options PoolOptions
	cpus    []int // to pin workers to

	mu       sync.Mutex
	state    poolState
	broken   error     // why no worker can be started any more
	queue    []*job    // waits for a worker
	idle     []*worker // the one that was busy last is the last
	workers  map[*worker]struct{}
	surplus  int // workers that are to end
	failures int // starts in a row that came to nothing
	made     int // workers, ever

	all     sync.WaitGroup // the goroutines of workers
	release func() bool    // lets go of the context
}

type poolState int

const (
	poolOpen poolState = iota
	poolClosed
	poolTerminated
)

// NewPool starts a pool. When ctx ends, the pool is terminated.
func NewPool(ctx context.Context, o PoolOptions) (*Pool, error) {
	if o.Workers < 0 || o.MaxTasks < 0 || o.TaskTimeout < 0 || o.IdleTimeout < 0 {
		return nil, errors.New("new pool: a negative option")
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("new pool: %w", err)
	}
	p := &Pool{options: o, workers: map[*worker]struct{}{}}
	if o.PinCPUs {
		cpus, err := usableCPUs()
		if err != nil {
			return nil, fmt.Errorf("new pool: %w", err)
		}
		p.cpus = cpus
	}
	// All or none: a start that fails ends those before it.
	for range o.Workers {
		w := p.newWorker()
		if err := w.start(); err != nil {
			p.Terminate()
			return nil, errors.Join(fmt.Errorf("new pool: %w", err), p.Join(context.WithoutCancel(ctx)))
		}
		p.employ(w)
	}
	p.release = context.AfterFunc(ctx, p.Terminate)
	return p, nil
}

// newWorker makes a worker whose process is not started yet.
func (p *Pool) newWorker() *worker {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &worker{pool: p, number: p.made, inbox: make(chan *job, 1)}
	p.made++
	return w
}

// employ has the worker take tasks.
func (p *Pool) employ(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers[w] = struct{}{}
	p.all.Go(w.run)
}

// submit queues a job.
func (p *Pool) submit(j *job) {
	p.mu.Lock()
	err := p.broken
	if err == nil && p.state != poolOpen {
		err = ErrPoolClosed
		if p.state == poolTerminated {
			err = ErrTerminated
		}
	}
	if err == nil {
		p.enqueue(j, false)
	}
	p.mu.Unlock()
	if err != nil {
		j.fail(err)
	}
}

// enqueue gives j to an idle worker, or queues it. p.mu is held.
func (p *Pool) enqueue(j *job, front bool) {
	switch n := len(p.idle); {
	case n > 0:
		w := p.idle[n-1] // its caches are warm, and the others can time out
		p.idle = p.idle[:n-1]
		w.inbox <- j
	case front:
		p.queue = slices.Insert(p.queue, 0, j)
	default:
		p.queue = append(p.queue, j)
	}
}

// giveBack queues a job again of which nothing was done, before all others.
func (p *Pool) giveBack(j *job) {
	if j.empty() {
		return
	}
	p.mu.Lock()
	err := p.broken
	if p.state == poolTerminated {
		err = ErrTerminated
	}
	if err == nil {
		p.enqueue(j, true)
	}
	p.mu.Unlock()
	if err != nil {
		j.fail(err)
	}
}

// next returns the job that w is to do next. If there is none, w counts as idle
// and gets one by its inbox; false if w is to end.
func (p *Pool) next(w *worker) (j *job, more bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.state == poolTerminated || p.broken != nil:
		return nil, false
	case p.surplus > 0:
		p.surplus--
		return nil, false
	case len(p.queue) > 0:
		j = p.queue[0]
		p.queue[0] = nil
		p.queue = p.queue[1:]
		return j, true
	case p.state == poolClosed && !p.busyElsewhere(w):
		return nil, false
	}
	p.idle = append(p.idle, w)
	return nil, true
}

// busyElsewhere tells whether another worker has a job, part of which may come
// back if it dies. p.mu is held.
func (p *Pool) busyElsewhere(w *worker) bool {
	for other := range p.workers {
		if other != w && !slices.Contains(p.idle, other) {
			return true
		}
	}
	return false
}

// left takes note of a worker that has ended. When the last busy one of a
// closed pool ends, so do those that waited for what might come back from it.
func (p *Pool) left(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.workers, w)
	if p.state == poolClosed && len(p.queue) == 0 && len(p.idle) == len(p.workers) {
		p.dismissIdle(len(p.idle))
	}
}

// dismissIdle ends n idle workers. p.mu is held.
func (p *Pool) dismissIdle(n int) {
	for range n {
		last := len(p.idle) - 1
		close(p.idle[last].inbox)
		p.idle = p.idle[:last]
	}
}

// Close ends the taking of tasks. What was submitted is still done.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != poolOpen {
		return
	}
	p.state = poolClosed
	if len(p.queue) == 0 && len(p.idle) == len(p.workers) {
		p.dismissIdle(len(p.idle))
	}
}

// Terminate ends the pool at once: its processes are killed, and tasks that are
// not finished end with [ErrTerminated].
func (p *Pool) Terminate() { p.stop(poolTerminated, nil, ErrTerminated) }

// breakDown ends a pool that cannot start workers. Those that it has finish
// what they have in hand.
func (p *Pool) breakDown(err error) {
	p.stop(poolClosed, fmt.Errorf("the pool has no workers: %w", err), nil)
}

func (p *Pool) stop(state poolState, broken, failure error) {
	p.mu.Lock()
	if p.state == poolTerminated || p.broken != nil {
		p.mu.Unlock()
		return
	}
	p.state, p.broken = state, broken
	if failure == nil {
		failure = broken
	}
	queue := p.queue
	p.queue = nil
	p.dismissIdle(len(p.idle))
	var workers []*worker
	for w := range p.workers {
		workers = append(workers, w)
	}
	p.mu.Unlock()
	if state == poolTerminated {
		for _, w := range workers {
			w.kill()
		}
	}
	for _, j := range queue {
		j.fail(failure)
	}
}

// Join waits, after Close or Terminate, until all workers have ended and are
// reaped.
func (p *Pool) Join(ctx context.Context) error {
	p.mu.Lock()
	open := p.state == poolOpen
	p.mu.Unlock()
	if open {
		return errors.New("join a pool that is open: close or terminate it first")
	}
	ended := make(chan struct{})
	go func() {
		p.all.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		if p.release != nil {
			p.release()
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Resize sets the number of workers. Those that are too many end with the task
// that they have in hand.
func (p *Pool) Resize(n int) error {
	if n < 1 {
		return fmt.Errorf("resize the pool to %d workers: want at least 1", n)
	}
	p.mu.Lock()
	if p.state != poolOpen {
		p.mu.Unlock()
		return ErrPoolClosed
	}
	more := n - (len(p.workers) - p.surplus)
	reprieved := min(max(more, 0), p.surplus)
	p.surplus -= reprieved
	more -= reprieved
	if more < 0 {
		dismissed := min(-more, len(p.idle))
		p.dismissIdle(dismissed)
		p.surplus += -more - dismissed
	}
	p.mu.Unlock()
	for range more {
		w := p.newWorker()
		if err := w.start(); err != nil {
			return fmt.Errorf("resize the pool: %w", err)
		}
		p.employ(w)
	}
	return nil
}

func (p *Pool) isOpen() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == poolOpen
}

// isOver tells whether nothing is done any more.
func (p *Pool) isOver() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state == poolTerminated || p.broken != nil
}

// PIDs returns the process ids of the living workers.
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
