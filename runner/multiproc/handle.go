package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
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

	late    time.Duration // lateOutput
	ended   chan struct{} // closed when the child is reaped and the rest is set
	settled chan struct{} // closed after that, when its output is in

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
	case c.opts.MaxMessage != 0 && c.opts.MaxMessage < smallestMessage, uint64(c.opts.MaxMessage) > largestMessage:
		return fmt.Errorf("messages of up to %d bytes: want at least %d, less than 4 GiB, or 0 for %d", c.opts.MaxMessage, smallestMessage, wire.Limit)
	}
	if err := functions.runs(c.fn); err != nil {
		return err
	}
	var bags luggage
	defer func() { err = errors.Join(err, bags.settle(err == nil)) }()
	hello, err := c.greeting(&bags)
	if err != nil {
		return err
	}
	return c.launch(hello, bags.files)
}

// most is the size in bytes of the largest message.
func (c *Child) most() int {
	if c.opts.MaxMessage != 0 {
		return c.opts.MaxMessage
	}
	return wire.Limit
}

// greeting encodes what the child is told first.
func (c *Child) greeting(bags *luggage) (hello []byte, err error) {
	g := greeting{Name: c.name, Daemon: c.daemon, Parent: current.name, ParentPID: os.Getpid(), Key: AuthKey()}
	if g.Arg, err = c.encode(bags); err != nil {
		return nil, fmt.Errorf("encode the argument: %w", err)
	}
	if err := wire.Check(uint64(len(g.Arg)), c.most()); err != nil {
		return nil, fmt.Errorf("encode the argument: %w", err)
	}
	return marshal([]byte{frameHello}, g, nil)
}

// launch starts the process with its trunk, its output and the files that its
// argument refers to.
func (c *Child) launch(hello []byte, files []*os.File) error {
	if err := wire.Check(uint64(len(hello)), frameLimit(c.most())); err != nil {
		return fmt.Errorf("encode the names and the argument: %w", err)
	}
	var mine, theirs []*os.File // ends of pipes; theirs are closed here in any case
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	fail := func(err error) error {
		for _, f := range mine {
			err = errors.Join(err, f.Close())
		}
		return err
	}
	down, lifeline, err := os.Pipe()
	if err != nil {
		return err
	}
	mine, theirs = append(mine, lifeline), append(theirs, down)
	up, answers, err := os.Pipe()
	if err != nil {
		return fail(err)
	}
	mine, theirs = append(mine, up), append(theirs, answers)

	out, err := openOutput(c.opts.Stdout, c.opts.Stderr)
	if err != nil {
		return fail(err)
	}
	for _, cp := range out.copies {
		mine, theirs = append(mine, cp.from), append(theirs, cp.written)
	}
	stdio := []*os.File{os.Stdin, out.stdout, out.stderr}
	env := append(os.Environ(), c.opts.Env...)
	if c.opts.MaxMessage != 0 {
		env = append(env, limitEnv+"="+strconv.Itoa(c.opts.MaxMessage))
	}
	proc, err := startProcess(env, c.fn, stdio, append([]*os.File{down, answers}, files...), c.opts.CPUs)
	if err != nil {
		return fail(err)
	}
	c.proc, c.link = proc, newDownlink(lifeline, c.most())
	children.add(c)
	c.link.send(hello)
	go c.attend(up, out.copies)
	return nil
}

// lateOutput is for how long after a child's end there may be more output, of
// descendants that it left behind and that hold the pipe. What the child itself
// wrote is in the pipe by then, and is read whatever time its writer takes.
const lateOutput = 10 * time.Second

// attend serves the child until its end, reaps it and settles what came of it.
func (c *Child) attend(up *os.File, copies []outputCopy) {
	var copied sync.WaitGroup
	for _, cp := range copies {
		copied.Go(func() { _, _ = io.Copy(cp.to, lastWords(cp.from)); _ = cp.from.Close() })
	}
	ans, end, readErr := c.seeOut(up)
	c.link.close()
	c.state = end.state
	switch {
	case end.err != nil:
		c.err = fmt.Errorf("wait for process %d (%s): %w", c.proc.Pid, c.fn, end.err)
	case readErr != nil && !errors.Is(readErr, io.EOF) && !errors.Is(readErr, io.ErrUnexpectedEOF): // which is an end in the middle of a frame
		c.err = fmt.Errorf("read the answer of process %d (%s): %w", c.proc.Pid, c.fn, readErr)
	case readErr != nil:
		c.err = &ExitError{PID: c.proc.Pid, Func: c.fn, Code: exitCode(end.state), How: end.state.String()}
	case ans.Failed:
		c.err = &Error{PID: c.proc.Pid, Func: c.fn, Message: ans.Error, Stack: ans.Stack}
	default:
		c.result = ans.Result
	}
	close(c.ended)
	for _, cp := range copies {
		_ = cp.from.SetReadDeadline(time.Now().Add(c.late)) // it may be closed already
	}
	copied.Wait()
	children.remove(c)
	close(c.settled)
}

// A death is how a process ended.
type death struct {
	state *os.ProcessState
	err   error
}

// seeOut serves the child until its end and reaps it. What it has said before
// that counts, and nobody else who holds its pipe.
func (c *Child) seeOut(up *os.File) (answer, death, error) {
	if !c.proc.parks() { // its end is seen when it has nothing more to say
		ans, err := c.listen(up)
		_ = up.Close() // it was only read
		return ans, c.reap(), err
	}
	reaped := make(chan death, 1)
	go func() {
		reaped <- c.reap()
		_ = up.SetReadDeadline(time.Unix(1, 0)) // it may be closed already
	}()
	ans, err := c.listen(lastWords(up))
	_ = up.Close() // it was only read
	return ans, <-reaped, err
}

func (c *Child) reap() death {
	state, err := c.proc.wait()
	return death{state, err}
}

// listen serves what comes up the trunk, until the answer or the child's end.
// A child that has answered has nothing left to say.
func (c *Child) listen(up io.Reader) (ans answer, err error) {
	for {
		frame, err := wire.Read(up, frameLimit(c.most()))
		if err != nil {
			return ans, err
		}
		if len(frame) == 0 {
			return ans, errors.New("empty frame")
		}
		if frame[0] == frameAnswer {
			return unmarshal[answer](frame[1:], nil)
		}
		if err := c.link.take(frame); err != nil {
			return ans, err
		}
	}
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
