package managers

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// lastWord is how long a server may take to say what became of an operation
// whose context has ended. It is generous, since the connection is given up
// after it.
const lastWord = 10 * time.Second

// A client is this process's end of a connection to a server.
type client struct {
	conn     *multiproc.Connection
	place    place
	lastWord time.Duration // lastWord, except in tests

	mu    sync.Mutex
	last  uint64
	calls map[uint64]chan reply
	gone  error // why there is no connection any more
}

// A reply is what became of an operation.
type reply struct {
	result []byte
	err    error
}

// errTakenBack is the outcome of an operation that was cancelled in time.
var errTakenBack = errors.New("taken back")

// newClient takes over a connection to a server, which greets first.
func newClient(ctx context.Context, conn *multiproc.Connection, at place) (*client, error) {
	greeting, err := conn.Recv(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w at %s: %w", ErrDisconnected, at.Address, err), conn.Close())
	}
	if at.Hub, err = parseHello(greeting); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to %s: %w", at.Address, err), conn.Close())
	}
	c := &client{conn: conn, place: at, lastWord: lastWord, calls: map[uint64]chan reply{}}
	connected.add(c)
	go c.read()
	return c, nil
}

// call does an operation and waits for its end.
func (c *client) call(ctx context.Context, object uint64, op byte, arg []byte) ([]byte, error) {
	ended := make(chan reply, 1)
	call, err := c.begin(ended)
	if err != nil {
		return nil, err
	}
	frame := request{call, object, op, arg}.append(make([]byte, 0, requestSize+len(arg)))
	if err := c.conn.Send(ctx, frame); err != nil {
		return nil, c.unsent(call, ctx.Err(), err)
	}
	select {
	case r := <-ended:
		return r.result, r.err
	case <-ctx.Done():
	}
	return c.takeBack(call, ctx.Err(), ended)
}

// begin enters an operation.
func (c *client) begin(ended chan reply) (call uint64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.gone != nil:
		return 0, c.gone
	case len(c.calls) >= maxCalls:
		return 0, ErrTooMany
	}
	c.last++
	c.calls[c.last] = ended
	return c.last, nil
}

// unsent gives up an operation that could not be sent, for err. given is the
// error of a context that has ended, or nil.
func (c *client) unsent(call uint64, given, err error) error {
	c.mu.Lock()
	delete(c.calls, call)
	c.mu.Unlock()
	if errors.Is(err, wire.ErrTooLarge) {
		return err
	}
	if given == nil {
		return c.fail(err)
	}
	// Part of the request may have been sent. Then the connection is broken,
	// which the next message finds out; the server ignores this one.
	if err := c.cancel(call); err != nil {
		return c.fail(err)
	}
	return given
}

// cancel asks the server to take an operation back.
func (c *client) cancel(call uint64) error {
	ctx, done := context.WithTimeout(context.Background(), c.lastWord)
	defer done()
	return c.conn.Send(ctx, number([]byte{frameCancel}, call))
}

// takeBack takes an operation back, if it has not ended: only the server's word
// says that, so that nothing that was got is lost.
func (c *client) takeBack(call uint64, given error, ended chan reply) ([]byte, error) {
	if err := c.cancel(call); err != nil {
		_ = c.fail(err) // which ends the operation as well
	}
	late := time.NewTimer(c.lastWord)
	defer late.Stop()
	var r reply
	select {
	case r = <-ended:
	case <-late.C:
		_ = c.fail(errors.New("it does not answer"))
		r = <-ended
	}
	switch {
	case errors.Is(r.err, errTakenBack):
		return nil, given
	case errors.Is(r.err, ErrDisconnected):
		return nil, errors.Join(given, r.err)
	}
	return r.result, r.err
}

// read passes outcomes on until the server is gone.
func (c *client) read() {
	for {
		frame, err := c.conn.Recv(context.Background())
		if err == nil {
			err = c.settle(frame)
		}
		if err != nil {
			_ = c.fail(err)
			return
		}
	}
}

// settle passes an outcome on to whoever began the operation.
func (c *client) settle(frame []byte) error {
	if len(frame) < 9 || frame[0] != frameOutcome {
		return ErrProtocol
	}
	call := binary.LittleEndian.Uint64(frame[1:])
	c.mu.Lock()
	ended := c.calls[call]
	delete(c.calls, call)
	c.mu.Unlock()
	switch {
	case ended == nil: // nobody waits any more
	case len(frame) == 9:
		ended <- reply{nil, errTakenBack}
	default:
		result, err := hub.Outcome(bytes.Clone(frame[9:]))
		ended <- reply{result, err}
	}
	return nil
}

// fail ends the connection and all operations, and returns their error.
func (c *client) fail(err error) error {
	c.mu.Lock()
	if c.gone != nil {
		defer c.mu.Unlock()
		return c.gone
	}
	c.gone = fmt.Errorf("%w at %s: %w", ErrDisconnected, c.place.Address, err)
	for call, ended := range c.calls {
		delete(c.calls, call)
		ended <- reply{nil, c.gone}
	}
	c.mu.Unlock()
	connected.remove(c)
	_ = c.conn.Close() // it has failed, or is to end
	return c.gone
}
