package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// A Child is a process that this one has started, or is about to: what there is
// to a [Process] whatever its result. Its methods may be called by several
// goroutines at once.
type Child struct {
	name   string
	fn     string
	daemon bool
	opts   Options
	encode func(*luggage) ([]byte, error) // the argument

	mu     sync.Mutex
	closed bool
	proc   *process // nil before Start
	link   *downlink
	warm   bool

	late    time.Duration // lateOutput
	ended   chan struct{} // closed when the child is reaped and the rest is set
	settled chan struct{} // closed after that, when its output is in; ended if that goes by nobody

	state  *os.ProcessState
	result []byte
	err    error // of the function, or of the missing answer
}

// started numbers the children that got no name.
var started atomic.Int64

func newChild(fn string, encode func(*luggage) ([]byte, error), o Options) *Child {
	name := o.Name
	if name == "" {
		name = fn + "-" + strconv.FormatInt(started.Add(1), 10)
	}
	return &Child{
		name: name, fn: fn, daemon: o.Daemon, opts: o, encode: encode,
		late: lateOutput, ended: make(chan struct{}), settled: make(chan struct{}),
	}
}

// Start starts the process. It can be called once.
func (c *Child) Start() error {
	if c == nil {
		return errZeroProcess
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	err := c.start()
	if err != nil {
		return fmt.Errorf("start %s in a process: %w", c.fn, err)
	}
	return nil
}

func (c *Child) start() (err error) {
	switch {
	case c.closed:
		return ErrProcClosed
	case c.proc != nil:
		return ErrStarted
	case current.daemon:
		return ErrDaemon
	}
	if err := c.opts.check(); err != nil {
		return err
	}
	if err := functions.runs(c.fn); err != nil {
		return err
	}
	var bags luggage
	defer func() { err = errors.Join(err, bags.settle(err == nil)) }()
	shared, err := common()
	if err != nil {
		return err
	}
	g := greeting{
		fn: c.fn, name: c.name, daemon: c.daemon,
		parent: current.name, parentPID: os.Getpid(), hub: home.ID, common: shared.segment.Size(), key: AuthKey(),
	}
	if g.arg, err = c.encode(&bags); err != nil {
		return fmt.Errorf("encode the argument: %w", err)
	}
	if taken, err := c.opts.Spares.take(c, g, bags.files); taken || err != nil {
		return err
	}
	o, around := c.opts, currentSurroundings()
	if o.Spares != nil {
		o, around = o.Spares.options, o.Spares.around
	}
	hello, err := g.frame(o.most())
	if err != nil {
		return err
	}
	v, err := launch(c.fn, o, around, bags.files)
	if err != nil {
		return err
	}
	v.adopt(c)
	go v.attend()
	v.link.send(hello)
	return nil
}

// wait waits for the end of the child and its output, or for that of ctx.
func (c *Child) wait(ctx context.Context) ([]byte, error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	select { // an end that has come counts, whatever became of ctx
	case <-c.settled:
		return c.result, c.err
	default:
	}
	select {
	case <-c.settled:
		return c.result, c.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// usable returns an error if the process was not started, or is closed.
func (c *Child) usable() error {
	if c == nil {
		return errZeroProcess
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return fmt.Errorf("process %s: %w", c.name, ErrProcClosed)
	case c.proc == nil:
		return fmt.Errorf("process %s: %w", c.name, ErrNotStarted)
	}
	return nil
}

// Wait waits for the child's end, and for its output, without asking for its
// result: the error is that of ctx, or of a process that was not started.
func (c *Child) Wait(ctx context.Context) error {
	if err := c.usable(); err != nil {
		return err
	}
	_, err := c.wait(ctx)
	select {
	case <-c.settled:
		return nil
	default:
		return err
	}
}

// Name returns the child's name.
func (c *Child) Name() string {
	if c == nil {
		return ""
	}
	return c.name
}

// Daemon tells whether the child is a daemon.
func (c *Child) Daemon() bool { return c != nil && c.daemon }

// PID returns the child's process id; 0 before Start.
func (c *Child) PID() int {
	if c == nil {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return 0
	}
	return c.proc.Pid
}

// Warm tells whether the child was started from a spare that was ready.
func (c *Child) Warm() bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.warm
}

// Ended is closed when the child has ended and is reaped, which happens at
// once, whether or not anybody joins it. Some of what it wrote may still be on
// its way to a writer of [Options]: Join and Wait wait for that.
func (c *Child) Ended() <-chan struct{} {
	if c == nil {
		return nil // never
	}
	return c.ended
}

// Alive tells whether the child was started and has not ended.
func (c *Child) Alive() bool {
	select {
	case <-c.Ended():
		return false
	default:
		return c.PID() != 0
	}
}

// State returns how the child ended and what it used; nil before that.
func (c *Child) State() *os.ProcessState {
	select {
	case <-c.Ended():
		return c.state
	default:
		return nil
	}
}

// ExitCode returns the child's exit status, or the negative number of the
// signal that ended it. It reports false before the end.
func (c *Child) ExitCode() (int, bool) {
	s := c.State()
	if s == nil {
		return 0, false
	}
	return exitCode(s), true
}

// Interrupt asks the child to end: the context of its function ends, with
// [ErrInterrupted] as its cause. It is up to the function what comes of that.
func (c *Child) Interrupt() error {
	return c.signal("interrupt", func() error {
		c.link.send([]byte{frameInterrupt})
		return nil
	})
}

// Terminate ends the child by SIGTERM, which it may handle; on Windows, which
// has no such signal, it is [Child.Kill].
func (c *Child) Terminate() error {
	return c.signal("terminate", func() error { return c.proc.terminate() })
}

// Kill ends the child at once.
func (c *Child) Kill() error {
	return c.signal("kill", func() error { return c.proc.Kill() })
}

// signal does something to the living child. It is no error if it has ended.
func (c *Child) signal(what string, do func() error) error {
	if err := c.usable(); err != nil {
		return err
	}
	if !c.Alive() {
		return nil
	}
	if err := do(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("%s process %d (%s): %w", what, c.proc.Pid, c.name, err)
	}
	return nil
}

// Close forgets the child: what else is asked of it is an error. A living
// child cannot be forgotten. Nothing of an ended child is held by the system,
// closed or not.
func (c *Child) Close() error {
	if c == nil {
		return errZeroProcess
	}
	if c.Alive() {
		return fmt.Errorf("close process %d (%s): %w", c.PID(), c.name, ErrAlive)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}
