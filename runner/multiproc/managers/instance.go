package managers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// instanceCall is the one operation of an instance. Argument: the method's name
// as a field, and its argument. Result: [yes] and the method's; or [no], and as
// fields the message and the stack of an [Error].
const instanceCall = 'm'

// An instance is an object of a user's type.
type instance struct {
	value      any
	concurrent bool
	ctx        context.Context // of all calls; ends with the instance
	end        context.CancelFunc
	closers    *sync.WaitGroup // of the server, which waits for those who close

	mu      sync.Mutex
	closed  bool
	queue   []*invocation // not begun; only if not concurrent
	busy    bool          // a goroutine works through the queue
	running sync.WaitGroup
}

// An invocation is a call of a method.
type invocation struct {
	run userMethod
	arg []byte

	ctx    context.Context
	cancel context.CancelFunc

	mu      sync.Mutex
	settled bool // done has been called, or is not to be
	done    hub.Done
}

func newInstance(value any, concurrent bool, closers *sync.WaitGroup) *instance {
	o := &instance{value: value, concurrent: concurrent, closers: closers}
	o.ctx, o.end = context.WithCancel(context.Background())
	return o
}

// Do begins a call.
func (o *instance) Do(_ *hub.Session, op byte, arg []byte, done hub.Done) func() bool {
	name, rest, err := cut(arg)
	if op != instanceCall || err != nil {
		done(nil, hub.ErrRequest)
		return nil
	}
	run, err := registered.findMethod(string(name))
	if err != nil {
		done(nil, err)
		return nil
	}
	v := &invocation{run: run, arg: rest, done: done}
	v.ctx, v.cancel = context.WithCancel(o.ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		v.cancel()
		done(nil, hub.ErrClosed)
		return nil
	}
	o.running.Add(1)
	switch {
	case o.concurrent:
		go v.do(o)
	case o.busy:
		o.queue = append(o.queue, v)
	default:
		o.busy = true
		o.queue = append(o.queue, v)
		go o.work()
	}
	return v.takeBack
}

// work does the calls in the queue, one after another. A method that ends its
// goroutine ends only that call.
func (o *instance) work() {
	all := false
	defer func() {
		if !all {
			go o.work()
		}
	}()
	for {
		o.mu.Lock()
		if len(o.queue) == 0 {
			o.busy, all = false, true
			o.mu.Unlock()
			return
		}
		v := o.queue[0]
		o.queue[0] = nil
		o.queue = o.queue[1:]
		o.mu.Unlock()
		v.do(o)
	}
}

// do runs the method, unless the call was taken back.
func (v *invocation) do(o *instance) {
	defer o.running.Done()
	defer v.cancel()
	if v.ctx.Err() != nil {
		v.settle(nil, hub.ErrClosed) // if it was not taken back, the instance has ended
		return
	}
	failure := &Error{Message: "the method called runtime.Goexit, as t.FailNow does: return an error"}
	var result []byte
	defer func() {
		if p := recover(); p != nil {
			failure = &Error{Message: fmt.Sprintf("panic: %v", p), Stack: string(debug.Stack())}
		}
		v.settle(outcome(result, failure), nil)
	}()
	r, err := v.run(v.ctx, o.value, v.arg)
	result, failure = r, failed(err)
}

// failed is an error as it travels; nil if there is none.
func failed(err error) *Error {
	if err == nil {
		return nil
	}
	if remote, ok := errors.AsType[*Error](err); ok { // of a manager in turn
		return &Error{Message: err.Error(), Stack: remote.Stack}
	}
	return &Error{Message: err.Error()}
}

// outcome encodes a method's result, or its failure.
func outcome(result []byte, failure *Error) []byte {
	if failure == nil {
		return append([]byte{yes}, result...)
	}
	return field(field([]byte{no}, []byte(failure.Message)), []byte(failure.Stack))
}

// parseOutcome reads what outcome has written.
func parseOutcome(name string, b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, hub.ErrRequest
	}
	if b[0] == yes {
		return b[1:], nil
	}
	message, rest, err := cut(b[1:])
	if err != nil {
		return nil, err
	}
	stack, _, err := cut(rest)
	if err != nil {
		return nil, err
	}
	return nil, &Error{Func: name, Message: string(message), Stack: string(stack)}
}

func (v *invocation) settle(result []byte, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.settled {
		v.settled = true
		v.done(result, err)
	}
}

// takeBack has the client not wait any longer. A method that runs already is
// told by its context; what it did or will do stays.
func (v *invocation) takeBack() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.settled {
		return false
	}
	v.settled = true
	v.cancel()
	return true
}

// Leave does nothing: calls of s were taken back.
func (o *instance) Leave(*hub.Session) {}

// Close ends the instance. Calls end with their contexts, and then the value is
// closed, if it can be.
func (o *instance) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	o.closed = true
	o.end()
	o.closers.Go(func() {
		o.running.Wait()
		if c, ok := o.value.(io.Closer); ok {
			_ = c.Close() // nobody is there to be told
		}
	})
}
