package multiproc

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// failedStarts is how many starts of workers in a row may come to nothing
// before the pool gives up.
const failedStarts = 3

// A worker is the parent's side of one worker of a pool. Its goroutine starts
// the process, starts it anew when it has died, and gives it work. Others may
// kill the process, and take back what it has not begun with.
type worker struct {
	pool   *Pool
	number int
	inbox  chan job // gets one when the worker is idle; closed when it is to end

	leaving bool // it is to end; guarded by the pool's lock
	lent    bool // somebody has borrowed it, and its goroutine has not missed it; guarded likewise

	lane    lane
	shared  sharedLane // the same; nil if it is none
	ready   bool       // the process has said so
	done    int        // tasks of this process
	failed  int        // starts in a row that came to nothing
	resting bool       // it starts no process before there is a task
	hand    hand
	orders  orders // the last that were sent
	pace    int    // bytes of results for an order, if they come many at a time
	spin    spinner

	starting sync.Mutex // held from the decision to start a process until it can be seen, and killed

	mu    sync.Mutex
	child *Process[struct{}] // nil if there is no process
}

// process returns the worker's process; nil if it has none.
func (w *worker) process() *Child {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.child == nil {
		return nil
	}
	return w.child.Child
}

// start starts the process, unless the pool was terminated.
func (w *worker) start() error {
	w.starting.Lock()
	defer w.starting.Unlock()
	if w.pool.isTerminated() {
		return ErrTerminated
	}
	here, there, err := BytePipe()
	if err != nil {
		return err
	}
	o := w.pool.options
	// A daemon to this process, which does not wait for it at its end; what it
	// is to itself, serveTasks says.
	opts := Options{
		Name: "worker-" + strconv.Itoa(w.number), Env: o.Env, Stdout: o.Stdout, Stderr: o.Stderr, Daemon: true,
		MaxMessage: max(o.MaxMessage, wire.Limit), // that of tasks does not go this way; values of queues do
	}
	if len(w.pool.cpus) > 0 {
		opts.CPUs = []int{w.pool.cpus[w.number%len(w.pool.cpus)]}
	}
	spec := workerOrder{Conn: there, Limit: messageLimit(o.MaxMessage), Init: initOrder{from: o.Initializer}}
	child := serveTasks.New(spec, opts)
	if err := child.Start(); err != nil {
		return errors.Join(err, here.Close(), there.Close())
	}
	w.lane, w.ready, w.done = laneOf(here, spec.Limit), false, 0
	w.hand.begin(nil)
	if w.shared, _ = w.lane.(sharedLane); w.shared != nil {
		w.hand.begin(w.shared.isReleased)
	}
	w.mu.Lock()
	w.child = child
	w.mu.Unlock()
	return nil
}

func (w *worker) kill() {
	if c := w.process(); c != nil {
		_ = c.Kill() // it may have ended by itself
	}
}

// bury takes leave of a process that has ended, or is about to, and returns how
// it ended.
func (w *worker) bury() error {
	child := w.process()
	<-child.Ended()
	_ = w.lane.close() // nobody is at its other end
	w.mu.Lock()
	w.child = nil
	w.mu.Unlock()
	w.pool.await(child.settled)
	return child.err
}

// retire ends the process in peace: it sees that there is no more to come.
func (w *worker) retire() {
	if w.process() == nil {
		return
	}
	_ = w.lane.close()
	var late lateness
	stop := late.watch(w.pool.options.SetupTimeout, w.kill)
	err := w.bury()
	stop()
	if late.fired() {
		err = fmt.Errorf("took longer than %s: %w", w.pool.options.SetupTimeout, err)
	}
	w.pool.ended(w, err)
}

// run is the life of a worker.
func (w *worker) run() {
	defer w.pool.left(w)
	defer w.retire()
	for {
		w.prepare()
		j, more := w.pool.next(w)
		if j.poolCall == nil && more {
			j, more = w.await()
		}
		if !more {
			return
		}
		if j.poolCall != nil {
			w.do(j)
		} else if w.process() != nil {
			var late lateness
			w.finish(&late) // what somebody has begun who had borrowed it
		}
	}
}

// prepare sees to it that there is a process which is ready, before a job is
// taken that another worker could do meanwhile. After some starts that fail, the
// next one is when there is a task.
func (w *worker) prepare() {
	for !w.resting && (w.process() != nil || w.pool.isOpen()) {
		err := w.bringUp()
		if err == nil {
			return
		}
		w.cameToNothing(err)
		w.resting = w.failed >= failedStarts
	}
}

// bringUp starts the process, if there is none, and waits until it is ready.
func (w *worker) bringUp() error {
	if w.process() == nil {
		if err := w.start(); err != nil {
			return &cannotStartError{err}
		}
	}
	if w.ready {
		return nil
	}
	return w.greet()
}

// await waits for a job; there may be none when it returns. Meanwhile the
// process is replaced if it dies, and ended if it is idle for too long.
func (w *worker) await() (j job, more bool) {
	var died <-chan struct{}
	var tired <-chan time.Time
	if c := w.process(); c != nil {
		died = c.Ended()
		if d := w.pool.options.IdleTimeout; d > 0 {
			timer := time.NewTimer(d)
			defer timer.Stop()
			tired = timer.C
		}
	}
	select {
	case j, more = <-w.inbox:
		return j, more
	case <-tired:
	case <-died:
	}
	if !w.pool.leaveIdle(w) {
		j, more = <-w.inbox
		return j, more
	}
	select {
	case <-died:
		// One that dies again and again with nothing done is not worth its
		// start before there is a task.
		if w.done == 0 {
			w.failed++
		}
		w.resting = w.failed >= failedStarts
		_ = w.bury()
	default:
		w.resting = true
		w.retire()
	}
	return job{}, true
}

// A cannotStartError is that of a process that this one could not start.
type cannotStartError struct{ error }

func (e *cannotStartError) Unwrap() error { return e.error }

// An initError is what an initializer has returned.
type initError struct{ error }

func (e *initError) Unwrap() error { return e.error }

// cameToNothing counts a start that came to nothing. If there were too many, the
// pool is broken; otherwise it waits for a moment, longer each time, so that
// what is wrong may pass.
func (w *worker) cameToNothing(err error) {
	const longest = time.Second
	p := w.pool
	n := int(p.failures.Add(1))
	p.mu.Lock()
	limit := failedStarts * (1 + len(p.workers))
	p.mu.Unlock()
	var ours *cannotStartError
	var theirs *initError
	switch {
	case errors.As(err, &theirs):
		limit = failedStarts
	case errors.As(err, &ours) && len(p.PIDs()) > 0:
		limit = n + 1 // the others go on, and this is for want of something that they may free
	}
	if n >= limit {
		p.breakDown(err)
		return
	}
	pause := time.NewTimer(min(time.Millisecond<<min(w.failed, 10), longest))
	defer pause.Stop()
	w.failed++
	select {
	case <-pause.C:
	case <-p.stopping:
	}
}

// greet waits until the process is ready for tasks. After an error there is no
// process any more.
func (w *worker) greet() error {
	var late lateness
	stop := late.watch(w.pool.options.SetupTimeout, w.kill)
	b, err := w.lane.recv()
	stop()
	switch {
	case late.fired():
		w.kill()
		_ = w.bury()
		return &initError{fmt.Errorf("a worker took longer than %s to start", w.pool.options.SetupTimeout)}
	case err != nil || len(b) == 0:
		w.kill() // it closed its end, if it is not dead already
		return fmt.Errorf("a worker ended before its first task: %w", w.bury())
	case b[0] == saysBroken:
		text, stack := parseError(b[1:])
		err := &initError{fmt.Errorf("the initializer failed: %w", &Error{
			PID: w.process().PID(), Func: w.pool.options.Initializer.name, Message: text, Stack: stack,
		})}
		_ = w.bury()
		return err
	}
	w.ready = true
	return nil
}
