package multiproc

import (
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// PoolOptions are those of a pool. The zero value is ready to use.
type PoolOptions struct {
	// Workers is the number of worker processes; 0 means one for each CPU that
	// this process may use. There may be 65536 at most.
	Workers int

	// Initializer is run by each worker before its first task: the result of
	// [Initializer.With], whose argument may hold shared memory: each worker
	// gets it, also one that replaces another. What its finalizer returns,
	// [Pool.Join] does.
	Initializer *Initialization

	// MaxTasksPerChild is after how many tasks a worker is replaced by a new
	// process; 0 means never.
	MaxTasksPerChild int

	// TaskTimeout is how long a task may take; 0 means any time. One that takes
	// longer ends with [ErrTaskTimeout], and its worker is killed. A worker
	// that does not take in the task's argument takes too long as well. The
	// context of a task does not end with it, nor with [Child.Interrupt], which
	// is for functions that have a process each: a worker is killed or goes on.
	TaskTimeout time.Duration

	// SetupTimeout is how long a worker may take from its start until its
	// initializer has returned, and at its end for the finalizer; 0 means any
	// time. One that takes longer is killed.
	SetupTimeout time.Duration

	// IdleTimeout is after how long without a task the process of a worker is
	// ended; 0 means never. The next task that it gets starts a new one.
	IdleTimeout time.Duration

	// PinCPUs has each worker run on one CPU of those that this process may use,
	// as long as there are enough on one of its own. Linux only: elsewhere it is
	// an error.
	PinCPUs bool

	// MaxMessage is the size in bytes of the largest argument and of the largest
	// result, as encoded; 0 means 64 MiB. A larger one is an error of its task.
	// More than 64 MiB holds for values of queues as well, as in [Options].
	MaxMessage int

	// Env, Stdout and Stderr are those of the workers, as in [Options]. A
	// writer is written to by one worker at a time, a piece of what it wrote
	// each.
	Env            []string
	Stdout, Stderr io.Writer
}

const (
	// mostWorkers is more than a machine has processes for; what is more is a
	// mistake, which memory would end.
	mostWorkers = 1 << 16

	// smallestMessage is the least that MaxMessage may be: enough to say that
	// something else was too large.
	smallestMessage = 1 << 10

	// largestMessage is the most: the header of a frame tells no more.
	largestMessage = min(math.MaxInt, math.MaxUint32) - trunkOverhead
)

// complete checks the options and sets those that are to be found out.
func (o *PoolOptions) complete() error {
	switch {
	case o.Workers < 0 || o.Workers > mostWorkers:
		return fmt.Errorf("%d workers: want at least 1, and at most %d, or 0 for one for each CPU", o.Workers, mostWorkers)
	case o.MaxTasksPerChild < 0, o.TaskTimeout < 0, o.SetupTimeout < 0, o.IdleTimeout < 0:
		return errors.New("a limit is negative: want 0 for none")
	case o.MaxMessage != 0 && o.MaxMessage < smallestMessage, uint64(o.MaxMessage) > largestMessage:
		return fmt.Errorf("messages of up to %d bytes: want at least %d, less than 4 GiB, or 0 for %d", o.MaxMessage, smallestMessage, wire.Limit)
	case o.Initializer != nil && o.Initializer.err != nil:
		return o.Initializer.err
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxMessage == 0 {
		o.MaxMessage = wire.Limit
	}
	shareWriters(&o.Stdout, &o.Stderr)
	return nil
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

	errZeroPool = errors.New("zero value is not usable: make a pool with NewPool")
)
