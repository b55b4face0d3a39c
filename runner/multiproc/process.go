package multiproc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// Options are those of starting a child. The zero value is ready to use.
type Options struct {
	// Env is added to the child's environment, KEY=value each; the last value
	// of a key counts.
	Env []string

	// Connections are handed to the child, which finds them by [Inherited].
	// Start closes them on this side, also when it fails.
	Connections []*Connection
}

// A Process is a child running a function with a result of type R.
type Process[R any] struct {
	proc     *os.Process
	name     string
	lifeline *os.File

	ended  chan struct{} // closed when the child is reaped and the rest is set
	state  *os.ProcessState
	answer answer
	err    error // of waiting, or of the missing answer
}

// Start runs f(arg) in a new process.
func (f Function[A, R]) Start(arg A, o Options) (*Process[R], error) {
	p, err := start[R](f.name, arg, o)
	for _, c := range o.Connections {
		err = errors.Join(err, c.Close())
	}
	if err != nil {
		return nil, fmt.Errorf("start %s in a process: %w", f.name, err)
	}
	return p, nil
}

func start[R any](name string, arg any, o Options) (*Process[R], error) {
	if err := functions.ready(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(arg)
	if err != nil {
		return nil, fmt.Errorf("encode the argument: %w", err)
	}
	lifeR, lifeW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer lifeR.Close()
	outR, outW, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, lifeW.Close())
	}
	defer outW.Close()

	files := []*os.File{lifeR, outW}
	for _, c := range o.Connections {
		files = append(files, c.in, c.out)
	}
	proc, err := startProcess(append(os.Environ(), o.Env...), name, files)
	if err != nil {
		return nil, errors.Join(err, lifeW.Close(), outR.Close())
	}
	p := &Process[R]{proc: proc, name: name, lifeline: lifeW, ended: make(chan struct{})}
	children.add(proc, p.ended)
	go p.reap(outR)
	if err := writeFrame(lifeW, b); err != nil {
		// The child is already gone; its exit status tells more than this.
		<-p.ended
		return nil, p.failure()
	}
	return p, nil
}

// reap takes the child's answer and waits for its end.
func (p *Process[R]) reap(out *os.File) {
	b, readErr := readFrame(out, maxFrame)
	if readErr == nil {
		readErr = json.Unmarshal(b, &p.answer)
	}
	_ = out.Close() // it was only read
	state, err := p.proc.Wait()
	children.remove(p.proc)
	_ = p.lifeline.Close()
	p.state = state
	switch {
	case err != nil:
		p.err = fmt.Errorf("wait for the process: %w", err)
	case readErr != nil && !errors.Is(readErr, io.EOF):
		p.err = fmt.Errorf("read the answer: %w", readErr)
	case readErr != nil:
		p.err = fmt.Errorf("it ended without an answer: %s", state)
	}
	close(p.ended)
}

// PID returns the child's process id.
func (p *Process[R]) PID() int { return p.proc.Pid }

// Ended is closed when the child has ended and is reaped.
func (p *Process[R]) Ended() <-chan struct{} { return p.ended }

// Join waits for the child's end and returns its function's result. The error
// is that of ctx, an [*Error] of the function, or says how the process ended.
func (p *Process[R]) Join(ctx context.Context) (R, error) {
	var r R
	select {
	case <-p.ended:
	case <-ctx.Done():
		return r, ctx.Err()
	}
	if err := p.failure(); err != nil {
		return r, err
	}
	if err := json.Unmarshal(p.answer.Result, &r); err != nil {
		return r, fmt.Errorf("decode the result of %s: %w", p.name, err)
	}
	return r, nil
}

// failure returns the error of an ended child, nil if it has a result.
func (p *Process[R]) failure() error {
	switch {
	case p.err != nil:
		return fmt.Errorf("process %d (%s): %w", p.proc.Pid, p.name, p.err)
	case p.answer.Error != "":
		return &Error{PID: p.proc.Pid, Func: p.name, Message: p.answer.Error, Stack: p.answer.Stack}
	}
	return nil
}

// State returns how the child ended and what it used; nil before it is reaped.
func (p *Process[R]) State() *os.ProcessState {
	select {
	case <-p.ended:
		return p.state
	default:
		return nil
	}
}

// Kill ends the child at once. It is no error if it has already ended.
func (p *Process[R]) Kill() error {
	if err := p.proc.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill process %d (%s): %w", p.proc.Pid, p.name, err)
	}
	return nil
}

// An Error is what a function returned in its child, or its panic.
type Error struct {
	PID     int
	Func    string
	Message string
	Stack   string // of a panic, in the child; empty otherwise
}

func (e *Error) Error() string {
	return fmt.Sprintf("process %d (%s): %s", e.PID, e.Func, strings.TrimSpace(e.Message))
}

// family is the living children of this process, each with the channel that
// closes when it is reaped.
type family struct {
	mu   sync.Mutex
	live map[*os.Process]<-chan struct{}
}

var children = family{live: map[*os.Process]<-chan struct{}{}}

func (f *family) add(p *os.Process, ended <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.live[p] = ended
}

func (f *family) remove(p *os.Process) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.live, p)
}

// KillChildren ends every living child of this process at once and returns when
// they are reaped: for the last moment of a process that is about to exit.
func KillChildren() {
	children.mu.Lock()
	var all []<-chan struct{}
	for p, ended := range children.live {
		_ = p.Kill() // it may have ended by itself
		all = append(all, ended)
	}
	children.mu.Unlock()
	for _, ended := range all {
		<-ended
	}
}
