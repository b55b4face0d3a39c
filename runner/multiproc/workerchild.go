package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A workerOrder is what a worker process is told when it starts.
type workerOrder struct {
	Conn  *Connection
	Limit int    // size in bytes of the largest message
	Init  string // name of the initializer; empty if there is none
	Arg   []byte // its argument
}

// serveTasks is the life of a worker process.
var serveTasks = Func("multiproc.worker", func(ctx context.Context, o workerOrder) (struct{}, error) {
	// The parent does not wait for a worker at its own end: that is what makes
	// it a daemon. It is none in that its tasks may have children.
	current.daemon = false
	o.Conn.SetLimit(o.Limit)
	ctx, leave, err := initialize(ctx, o.Init, o.Arg)
	if err != nil {
		said := appendError(nil, saysBroken, err.Error(), stackOf(err))
		return struct{}{}, o.Conn.Send(ctx, said)
	}
	if err := o.Conn.Send(ctx, []byte{saysReady}); err != nil {
		return struct{}{}, err
	}
	err = serve(context.WithoutCancel(ctx), o.Conn)
	return struct{}{}, errors.Join(err, leave())
})

// serve does tasks until the parent has no more.
func serve(ctx context.Context, link transport) error {
	var said []byte
	for {
		msg, err := link.Recv(context.Background())
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		// The message is good until the next one, which comes when all of its
		// tasks are done; a task may keep what it decodes.
		name, args, err := parseOrders(msg)
		if err != nil {
			return err
		}
		f, ok := functions.find(name)
		for _, arg := range args {
			if ok {
				said = doTask(ctx, said[:0], f, arg)
			} else {
				said = appendError(said[:0], saysError, fmt.Sprintf("no function %q is registered: call multiproc.Main after every multiproc.Func", name), "")
			}
			// Each result goes before the next task begins, so that the parent
			// knows which one is in hand.
			err := link.Send(context.Background(), said)
			if errors.Is(err, wire.ErrTooLarge) { // nothing of it was sent
				err = link.Send(context.Background(), appendError(nil, saysError, "send the result: "+err.Error(), ""))
			}
			if err != nil {
				return err
			}
			if cap(said) > largeMessage {
				said = nil // one large result is not to cost memory for ever
			}
		}
	}
}

// stackOf is the stack of a panic; empty for other errors.
func stackOf(err error) string {
	if p, ok := errors.AsType[*panicError](err); ok {
		return p.stack
	}
	return ""
}

// doTask does one task and returns the message about what came of it.
func doTask(ctx context.Context, said []byte, f body, arg []byte) (msg []byte) {
	defer func() {
		if p := recover(); p != nil {
			msg = appendError(said[:0], saysError, fmt.Sprintf("panic: %v", p), string(debug.Stack()))
		}
	}()
	r, err := f(ctx, arg, nil)
	if err != nil {
		return appendError(said, saysError, err.Error(), "")
	}
	return append(append(said, saysResult), r...)
}
