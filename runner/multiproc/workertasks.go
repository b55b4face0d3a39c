package multiproc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// do does a job, or as much of it as comes to an end in one process, and gives
// back the rest.
func (w *worker) do(j *job) {
	if j.dropped != nil {
		if err := j.dropped(); err != nil {
			j.fail(err)
			return
		}
	}
	if err := w.bringUp(); err != nil {
		w.pool.giveBack(j)
		w.cameToNothing(err)
		return
	}
	w.resting = false
	most := j.hi - j.lo
	if m := w.pool.options.MaxTasksPerChild; m > 0 {
		most = min(most, m-w.done)
	}
	rest := w.orders.take(j, most, messageLimit(w.pool.options.MaxMessage))
	w.pool.giveBack(rest)
	if len(w.orders.tasks) == 0 {
		return
	}
	w.obey(j)
	w.orders.shrink()
	if m := w.pool.options.MaxTasksPerChild; m > 0 && w.done >= m {
		w.retire()
	}
}

// obey sends the orders and takes in the results. If the process dies, the
// first task without a result is the one that it had in hand; those after it
// are given back.
func (w *worker) obey(j *job) {
	tasks := w.orders.tasks
	var late lateness
	stop := late.watch(w.pool.options.TaskTimeout, w.kill) // also a worker that does not read
	err := w.link.Send(context.Background(), w.orders.msg)
	switch {
	case err != nil && errors.Is(err, wire.ErrTooLarge): // then it is alone in the message
		stop()
		j.done(tasks[0], nil, fmt.Errorf("send the argument: %w", err))
		return
	case err != nil && !late.fired():
		stop()
		// It died before it had the whole message, and so has begun nothing.
		w.kill()
		how := w.bury()
		w.requeue(j, tasks)
		w.cameToNothing(fmt.Errorf("a worker ended before its task: %w", how))
		return
	}
	for i, task := range tasks {
		if i > 0 {
			stop = late.watch(w.pool.options.TaskTimeout, w.kill)
		}
		b, err := w.link.Recv(context.Background())
		stop()
		w.failed = 0
		w.pool.progress()
		if err != nil || len(b) == 0 {
			w.kill() // a worker that talks nonsense is as good as dead
			j.done(task, nil, w.epitaph(j, w.bury(), late.fired()))
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
func (w *worker) epitaph(j *job, err error, late bool) error {
	switch {
	case late:
		return fmt.Errorf("%s: %w", j.fn, ErrTaskTimeout)
	case w.pool.isTerminated():
		return ErrTerminated
	case err == nil:
		return fmt.Errorf("%s: the worker left without a word", j.fn)
	}
	return fmt.Errorf("%s: the worker died with the task in hand: %w", j.fn, err)
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
