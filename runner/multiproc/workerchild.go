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
	s := newServer(l)
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
		// tasks are done; a task may keep what it decodes, unless that is a view.
		tasks, unit := blockIn(msg)
		switch {
		case s.shared != nil && tasks > 0:
			err = s.obeyBlock(ctx, msg, &blockRun{claim: claimOf(msg, 0), unit: max(1, unit), tasks: tasks})
		case s.shared == nil || claimOf(msg, 0).take():
			err = s.obey(ctx, msg)
		}
		if err != nil {
			return err
		}
	}
}

// A server does tasks in a worker process.
type server struct {
	lane   lane
	shared sharedLane // the same; nil if it is none

	name string // of the function that the last order was for
	function
	said []byte // what was said last, whose memory is used again

	answer func(n int) []byte // answerRoom
	room   []byte             // where the parent will read it, for a large result
}

func newServer(l lane) *server {
	s := &server{lane: l}
	s.shared, _ = l.(sharedLane)
	s.answer = s.answerRoom // made once
	return s
}

// look finds the function of an order. There may be none of that name.
func (s *server) look(name []byte) {
	if s.one == nil || s.name != string(name) {
		s.name = string(name)
		s.function, _ = functions.find(s.name)
	}
}

// sayError sends what came of a task that has failed.
func (s *server) sayError(err error) error {
	s.said = appendError(s.said[:0], saysError, err.Error(), stackOf(err))
	err = s.lane.send(s.said)
	if errors.Is(err, wire.ErrTooLarge) { // nothing of it was sent
		err = s.lane.send(appendError(nil, saysError, "send the error: "+err.Error(), ""))
	}
	return err
}

// errNoFunction is that of a task whose function this process does not have.
func (s *server) errNoFunction() error {
	return fmt.Errorf("no function %q is registered: call multiproc.Main after every multiproc.Func", s.name)
}

// obeyBlock does the tasks of an order whose arguments are a block, as far as
// they are not taken back.
func (s *server) obeyBlock(ctx context.Context, order []byte, run *blockRun) error {
	name, args, ok := cutPart(order[claimSize:])
	if !ok {
		return errOrders
	}
	s.look(name)
	run.show = func(length int) { s.shared.show(1 + length) }
	for run.begin() {
		if s.many == nil {
			if err := s.sayError(s.errNoFunction()); err != nil {
				return err
			}
			run.end()
			continue
		}
		room, err := s.shared.room(blockBytes)
		if err != nil {
			return err
		}
		room[0] = saysBlock
		length, failure := s.many(ctx, args, room[1:], run)
		if length > 0 {
			s.shared.commit(1 + length)
		}
		if failure != nil {
			if err := s.sayError(failure); err != nil {
				return err
			}
			run.end()
		}
	}
	return nil
}

// obey does the tasks of an order in which each argument is a message.
func (s *server) obey(ctx context.Context, order []byte) error {
	name, msg, ok := cutPart(order[claimSize:])
	skip := skipIn(order)
	if !ok || skip > uint64(len(msg)) {
		return errOrders
	}
	s.look(name)
	for msg = msg[skip:]; len(msg) > 0; {
		var arg []byte
		if arg, msg, ok = cutPart(msg); !ok {
			return errOrders
		}
		if s.one == nil {
			if err := s.sayError(s.errNoFunction()); err != nil {
				return err
			}
			continue
		}
		// Each result goes before the next task begins, so that the parent
		// knows which one is in hand.
		if err := s.say(s.doTask(ctx, arg)); err != nil {
			return err
		}
	}
	return nil
}

// say sends what came of a task, which may be where the parent will read it.
func (s *server) say(msg []byte) error {
	if len(s.room) > 0 && len(msg) == len(s.room) && &msg[0] == &s.room[0] {
		s.shared.commit(len(msg))
		return nil
	}
	err := s.lane.send(msg)
	if errors.Is(err, wire.ErrTooLarge) { // nothing of it was sent
		err = s.lane.send(appendError(nil, saysError, "send the result: "+err.Error(), ""))
	}
	s.said = nil
	if cap(msg) <= largeMessage { // one large result is not to cost memory for ever
		s.said = msg
	}
	return err
}

// answerRoom returns the beginning of what is said about a task that has a result of
// n bytes; 0 if that is not known. A large one is written where the parent will
// read it.
func (s *server) answerRoom(n int) []byte {
	if s.shared != nil && n >= blockBytes && largeLetter+n <= roomBytes {
		// If there will be none, sending says so.
		if room, err := s.shared.room(largeLetter + n); err == nil {
			room[0] = saysLarge
			s.room = room
			return room[:largeLetter]
		}
	}
	return append(s.said[:0], saysResult)
}

// stackOf is the stack of a panic; empty for other errors.
func stackOf(err error) string {
	if p, ok := errors.AsType[*panicError](err); ok {
		return p.stack
	}
	return ""
}

// doTask does one task and returns the message about what came of it.
func (s *server) doTask(ctx context.Context, arg []byte) (msg []byte) {
	s.room = nil
	defer func() {
		if p := recover(); p != nil {
			msg = appendError(s.said[:0], saysError, fmt.Sprintf("panic: %v", p), string(debug.Stack()))
		}
	}()
	b, err := s.one(ctx, s.answer, arg, nil)
	if err != nil {
		return appendError(s.said[:0], saysError, err.Error(), "")
	}
	return b
}
