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
	Limit int // size in bytes of the largest message
	Init  initOrder
}

// serveTasks is the life of a worker process.
var serveTasks = Func("multiproc.worker", func(ctx context.Context, o workerOrder) (struct{}, error) {
	// The parent does not wait for a worker at its own end: that is what makes
	// it a daemon. It is none in that its tasks may have children.
	current.daemon = false
	leaveInterrupts()
	l := laneOf(o.Conn, o.Limit)
	ctx, leave, err := o.Init.initialize(ctx)
	if err != nil {
		said := appendError(nil, saysBroken, err.Error(), stackOf(err))
		return struct{}{}, l.send(said)
	}
	if err := l.send([]byte{saysReady}); err != nil {
		return struct{}{}, err
	}
	err = serve(context.WithoutCancel(ctx), l)
	return struct{}{}, errors.Join(err, leave())
})

// serve does tasks until the parent has no more.
func serve(ctx context.Context, l lane) error {
	var s server
	shared, _ := l.(sharedLane)
	for {
		msg, err := l.recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(msg) < claimSize {
			return errOrders
		}
		// The message is good until the next one, which comes when all of its
		// tasks are done; a task may keep what it decodes.
		tasks, unit := blockIn(msg)
		switch {
		case shared != nil && tasks > 0:
			err = s.obeyBlock(ctx, shared, msg, &blockRun{claim: claimOf(msg, 0), unit: max(1, unit), tasks: tasks})
		case shared == nil || claimOf(msg, 0).take():
			err = s.obey(ctx, l, msg[claimSize:])
		}
		if err != nil {
			return err
		}
	}
}

// A server does tasks in a worker process.
type server struct {
	name string // of the function that the last order was for
	function
	said []byte // what was said last, whose memory is used again
}

// look finds the function of an order. There may be none of that name.
func (s *server) look(name []byte) {
	if s.one == nil || s.name != string(name) {
		s.name = string(name)
		s.function, _ = functions.find(s.name)
	}
}

// sayError sends what came of a task that has failed.
func (s *server) sayError(l lane, err error) error {
	s.said = appendError(s.said[:0], saysError, err.Error(), stackOf(err))
	err = l.send(s.said)
	if errors.Is(err, wire.ErrTooLarge) { // nothing of it was sent
		err = l.send(appendError(nil, saysError, "send the error: "+err.Error(), ""))
	}
	return err
}

// errNoFunction is that of a task whose function this process does not have.
func (s *server) errNoFunction() error {
	return fmt.Errorf("no function %q is registered: call multiproc.Main after every multiproc.Func", s.name)
}

// obeyBlock does the tasks of an order whose arguments are a block, as far as
// they are not taken back.
func (s *server) obeyBlock(ctx context.Context, l sharedLane, order []byte, run *blockRun) error {
	name, args, ok := cutPart(order[claimSize:])
	if !ok {
		return errOrders
	}
	s.look(name)
	run.show = func(length int) { l.show(1 + length) }
	for run.begin() {
		if s.many == nil {
			if err := s.sayError(l, s.errNoFunction()); err != nil {
				return err
			}
			run.end()
			continue
		}
		room, err := l.room(blockBytes)
		if err != nil {
			return err
		}
		room[0] = saysBlock
		length, failure := s.many(ctx, args, room[1:], run)
		if length > 0 {
			l.commit(1 + length)
		}
		if failure != nil {
			if err := s.sayError(l, failure); err != nil {
				return err
			}
			run.end()
		}
	}
	return nil
}

// obey does the tasks of an order in which each argument is a message.
func (s *server) obey(ctx context.Context, l lane, msg []byte) error {
	name, msg, ok := cutPart(msg)
	if ok {
		s.look(name)
	}
	for ok && len(msg) > 0 {
		var arg []byte
		if arg, msg, ok = cutPart(msg); !ok {
			break
		}
		if s.one == nil {
			if err := s.sayError(l, s.errNoFunction()); err != nil {
				return err
			}
			continue
		}
		s.said = doTask(ctx, s.said[:0], s.one, arg)
		// Each result goes before the next task begins, so that the parent
		// knows which one is in hand.
		err := l.send(s.said)
		if errors.Is(err, wire.ErrTooLarge) { // nothing of it was sent
			err = l.send(appendError(nil, saysError, "send the result: "+err.Error(), ""))
		}
		if err != nil {
			return err
		}
		if cap(s.said) > largeMessage {
			s.said = nil // one large result is not to cost memory for ever
		}
	}
	if !ok {
		return errOrders
	}
	return nil
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
	b, err := f(ctx, append(said, saysResult), arg, nil)
	if err != nil {
		return appendError(said, saysError, err.Error(), "")
	}
	return b
}
