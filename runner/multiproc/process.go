package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// Options are those of starting a child. The zero value is ready to use.
type Options struct {
	// Name is what messages to people call the child. Without it, that is the
	// name of its function and a number.
	Name string

	// Env is added to the child's environment, KEY=value each; the last value
	// of a key counts.
	Env []string

	// Stdout and Stderr receive what the child writes there; nil means that it
	// goes where this process's own goes. An *os.File is handed to the child
	// as it is. Any other writer is written to by one goroutine at a time, also
	// where it is both of them, which costs a pipe.
	//
	// [Process.Join] returns when the writer has taken everything that the child
	// wrote, whatever time it takes. What descendants write that live on and hold
	// the pipe is waited for until ten seconds after the child's end, and lost
	// after that. On Windows there is no such limit: there, descendants end with
	// the child.
	Stdout, Stderr io.Writer

	// MaxMessage is the size in bytes, as encoded, of the largest argument, of
	// the largest result, and of the largest value that the child or one of its
	// descendants puts into a queue of this process or its ancestors, or gets
	// from one; 0 means 64 MiB. A larger one is an error of its own, and nothing
	// else suffers. It is less than 4 GiB in any case.
	MaxMessage int

	// CPUs are the numbers of those that the child may run on; nil means those
	// that this process may. Linux only: elsewhere it is an error.
	CPUs []int

	// Daemon marks a child that may not start children of its own, and that
	// [JoinChildren] kills instead of waiting for it. The child of a daemon
	// would be one as well, as in Python, if it could have any.
	Daemon bool

	// Spares has the child take over one of the processes that they hold ready,
	// if there is one. Env, Stdout, Stderr, MaxMessage and CPUs are theirs then,
	// also for a child that finds none: to set them here as well is an error.
	Spares *Spares
}

// check says what is wrong with the options.
func (o Options) check() error {
	switch {
	case o.MaxMessage != 0 && o.MaxMessage < smallestMessage, uint64(o.MaxMessage) > largestMessage:
		return fmt.Errorf("messages of up to %d bytes: want at least %d, less than 4 GiB, or 0 for %d", o.MaxMessage, smallestMessage, wire.Limit)
	case o.Spares != nil && (len(o.Env) > 0 || o.Stdout != nil || o.Stderr != nil || o.MaxMessage != 0 || len(o.CPUs) > 0):
		return errors.New("spares come with their own Env, Stdout, Stderr, MaxMessage and CPUs: give those to NewSpares")
	}
	return nil
}

// most is the size in bytes of the largest message.
func (o Options) most() int {
	if o.MaxMessage != 0 {
		return o.MaxMessage
	}
	return wire.Limit
}

// A Process is a child that runs a function with a result of type R.
type Process[R any] struct{ *Child }

// New prepares a process that will run f(arg). Nothing is started yet.
func (f Function[A, R]) New(arg A, o Options) *Process[R] {
	encode := func(l *luggage) ([]byte, error) {
		if err := f.check(); err != nil {
			return nil, err
		}
		return marshal(nil, arg, l)
	}
	return &Process[R]{newChild(f.name, encode, o)}
}

// Start runs f(arg) in a new process.
//
// What the argument holds of connections moves to the child: the child's end
// is closed here when it has started. Until then nobody sends or receives
// through it, and where the child does not start, it stays, as it was: whoever
// waited for a message goes on waiting. A connection is refused while somebody
// sends over it or receives from it, other than with a context that can end, and
// if it is in the argument twice. All else is shared.
func (f Function[A, R]) Start(arg A, o Options) (*Process[R], error) {
	p := f.New(arg, o)
	if err := p.Start(); err != nil {
		return nil, err
	}
	return p, nil
}

// Join waits for the child's end and returns its function's result. The error
// is that of ctx, an [*Error] of the function, or an [*ExitError] that says
// how the process ended without an answer. A ctx that has already ended makes
// Join a question: it returns at once, with the result if the child has ended.
func (p *Process[R]) Join(ctx context.Context) (R, error) {
	var none R
	if p.Child == nil {
		return none, errZeroProcess
	}
	b, err := p.wait(ctx)
	if err != nil {
		return none, err
	}
	r, err := unmarshal[R](b, nil)
	if err != nil {
		return none, fmt.Errorf("decode the result of %s: %w", p.Name(), err)
	}
	return r, nil
}

// An Error is what a function returned in its child, or its panic. Of what the
// function returned it keeps the text alone: errors.Is does not see through it. A
// panic in a goroutine that the function has started is none: it ends the process,
// which is an [*ExitError], and its stack is on the child's standard error only.
type Error struct {
	PID     int
	Func    string
	Message string
	Stack   string // of a panic, in the child; empty otherwise
}

func (e *Error) Error() string {
	return fmt.Sprintf("process %d (%s): %s", e.PID, e.Func, strings.TrimSpace(e.Message))
}

// An ExitError says that a child ended before its function had returned.
type ExitError struct {
	PID  int
	Func string
	Code int    // as [Child.ExitCode] gives it
	How  string // such as "signal: killed" or "exit status 3"
}

func (e *ExitError) Error() string {
	return fmt.Sprintf("process %d (%s) ended without an answer: %s", e.PID, e.Func, e.How)
}

var errZeroProcess = fmt.Errorf("zero value is not usable: get a process from Function.Start: %w", ErrNotStarted)

// Errors about a process that is not in the state for what was asked of it.
var (
	ErrNotStarted = errors.New("not started")
	ErrStarted    = errors.New("already started")
	ErrAlive      = errors.New("still alive: join or kill it first")
	ErrProcClosed = errors.New("process is closed")
	ErrNotOwner   = errors.New("only the process that made it can do this")
	ErrDaemon     = errors.New("a daemon may not have children: start this process without Daemon")
)
