package multiproc

import (
	"context"
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
// the process, starts it anew when it has died, and has one job in hand at a
// time; only the process itself is touched by others, who may kill it.
type worker struct {
	pool   *Pool
	number int
	inbox  chan *job // gets one when the worker is idle; closed when it is to end

	conn   *Connection
	ready  bool // the process has said so
	done   int  // tasks of this process
	orders orders

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

// start starts the process.
func (w *worker) start() error {
	here, there, err := BytePipe()
	if err != nil {
		return err
	}
	o := w.pool.options
	opts := Options{
		Name: "worker-" + strconv.Itoa(w.number), Env: o.Env, Stdout: o.Stdout, Stderr: o.Stderr,
	}
	if len(w.pool.cpus) > 0 {
		opts.CPUs = []int{w.pool.cpus[w.number%len(w.pool.cpus)]}
	}
	spec := workerOrder{Conn: there}
	if o.Initializer != nil {
		spec.Init, spec.Arg = o.Initializer.name, o.Initializer.arg
		if o.Initializer.err != nil {
			return errors.Join(o.Initializer.err, here.Close(), there.Close())
		}
	}
	child, err := serveTasks.Start(spec, opts)
	if err != nil {
		return errors.Join(err, here.Close(), there.Close())
	}
	w.conn, w.ready, w.done = here, false, 0
	w.mu.Lock()
	w.child = child
	w.mu.Unlock()
	// Terminate may have passed by before the process could be seen.
	if w.pool.isOver() {
		w.kill()
	}
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
	_ = w.conn.Close() // nobody is at its other end
	w.mu.Lock()
	w.child = nil
	w.mu.Unlock()
	return child.err
}

// retire ends the process in peace: it sees that there is no more to come.
func (w *worker) retire() {
	if w.process() != nil {
		_ = w.conn.Close()
		_ = w.bury() // what its finalizer had to say, it has written to stderr
	}
}

// run is the life of a worker.
func (w *worker) run() {
	defer w.pool.left(w)
	defer w.retire()
	for {
		j, more := w.pool.next(w)
		if !more {
			return
		}
		if j == nil {
			if j, more = w.await(); !more {
				return
			}
		}
		if j != nil {
			w.do(j)
		}
		// One that died is replaced at once, so that the next task need not
		// wait. A start that fails now is tried again then.
		if w.process() == nil && w.pool.isOpen() {
			_ = w.start()
		}
	}
}

// await waits for a job. Meanwhile the process is replaced if it dies, and ended
// if it is idle for too long.
func (w *worker) await() (j *job, more bool) {
	var tired <-chan time.Time
	if d := w.pool.options.IdleTimeout; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		tired = timer.C
	}
	for {
		var died <-chan struct{}
		if c := w.process(); c != nil {
			died = c.Ended()
		}
		select {
		case j, more = <-w.inbox:
			return j, more
		case <-tired:
			w.retire()
		case <-died:
			// A start that fails now is tried again when there is a task.
			if w.mourn() && !w.pool.isOver() {
				_ = w.start()
			}
		}
	}
}

// mourn takes leave of a process that has died while it was idle. It reports
// whether starting another one is worth it.
func (w *worker) mourn() bool {
	if !w.ready {
		if err := w.greet(); err != nil { // which takes leave as well
			return w.failedToStart(err)
		}
	}
	_ = w.bury()
	return true
}

// failedToStart counts starts that came to nothing. It reports whether another
// one is worth it; if not, the pool is broken.
func (w *worker) failedToStart(err error) bool {
	p := w.pool
	p.mu.Lock()
	p.failures++
	enough := p.failures >= failedStarts
	p.mu.Unlock()
	if enough {
		go p.breakDown(err) // not here: it ends this worker, too
	}
	return !enough
}

// do does a job, or as much of it as comes to an end in one process, and gives
// back the rest.
func (w *worker) do(j *job) {
	if j.dropped != nil {
		if err := j.dropped(); err != nil {
			j.fail(err)
			return
		}
	}
	if w.process() == nil {
		if err := w.start(); err != nil {
			w.failedToStart(err)
			w.pool.giveBack(j)
			return
		}
	}
	if !w.ready {
		if err := w.greet(); err != nil {
			w.failedToStart(err)
			w.pool.giveBack(j)
			return
		}
	}
	most := j.hi - j.lo
	if m := w.pool.options.MaxTasks; m > 0 {
		most = min(most, m-w.done)
	}
	rest := w.orders.take(j, most)
	w.pool.giveBack(rest)
	if len(w.orders.tasks) == 0 {
		return
	}
	w.obey(j)
	if m := w.pool.options.MaxTasks; m > 0 && w.done >= m {
		w.retire()
	}
}

// greet waits until the process is ready for tasks.
func (w *worker) greet() error {
	b, err := w.conn.Recv(context.Background())
	switch {
	case err != nil:
		w.kill() // it closed its end, if it is not dead already
		return errors.Join(errors.New("a worker ended before its first task"), w.bury())
	case len(b) > 0 && b[0] == saysBroken:
		err := fmt.Errorf("the initializer failed: %s", b[1:])
		_ = w.bury()
		return err
	}
	w.ready = true
	w.pool.mu.Lock()
	w.pool.failures = 0
	w.pool.mu.Unlock()
	return nil
}

// obey sends the orders and takes in the results. If the process dies, the
// first task without a result is the one that it had in hand; those after it
// are given back.
func (w *worker) obey(j *job) {
	tasks := w.orders.tasks
	if err := w.conn.Send(context.Background(), w.orders.msg); err != nil {
		if errors.Is(err, wire.ErrTooLarge) { // then it is alone in the message
			j.done(tasks[0], nil, err)
			return
		}
		// It died before it had the whole message, and so has begun nothing.
		w.kill()
		_ = w.bury()
		w.requeue(j, tasks)
		return
	}
	var late lateness
	for i, task := range tasks {
		stop := late.watch(w.pool.options.TaskTimeout, w.kill)
		b, err := w.conn.Recv(context.Background())
		stop()
		if err != nil || len(b) == 0 {
			w.kill() // a worker that talks nonsense is as good as dead
			j.done(task, nil, w.epitaph(w.bury(), late.fired()))
			w.requeue(j, tasks[i+1:])
			return
		}
		w.done++
		if b[0] == saysResult {
			j.done(task, b[1:], nil)
			continue
		}
		text, stack := parseError(b[1:])
		j.done(task, nil, &Error{PID: w.process().PID(), Func: j.fn, Message: text, Stack: stack})
	}
}

// requeue gives back tasks that were not begun, as jobs of tasks in a row.
func (w *worker) requeue(j *job, tasks []int) {
	for i := len(tasks); i > 0; {
		lo := i - 1
		for lo > 0 && tasks[lo-1] == tasks[lo]-1 {
			lo--
		}
		again := *j
		again.lo, again.hi = tasks[lo], tasks[i-1]+1
		w.pool.giveBack(&again)
		i = lo
	}
}

// epitaph is the error of the task that a process had in hand when it ended.
func (w *worker) epitaph(err error, late bool) error {
	w.pool.mu.Lock()
	terminated := w.pool.state == poolTerminated
	w.pool.mu.Unlock()
	switch {
	case late:
		return ErrTaskTimeout
	case terminated:
		return ErrTerminated
	case err == nil:
		return errors.New("the worker left without a word")
	}
	return fmt.Errorf("the worker died with the task in hand: %w", err)
}

// lateness is whether a task took too long.
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
