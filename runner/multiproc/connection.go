package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A Stream is what a [Connection] can be made of: a socket, for example.
type Stream interface {
	io.ReadWriteCloser
	SetWriteDeadline(time.Time) error
}

// A Connection carries messages, byte slices with their boundaries kept, to
// and from another process. Its methods may be called by several goroutines at
// once: each message is sent and received whole.
type Connection struct {
	in    inlet  // nil if this end only sends
	out   outlet // nil if it only receives
	limit int

	sending   chan struct{} // holds one token while a message is sent
	receiving chan struct{} // holds one token while somebody waits for a message, or takes it
	kept      []byte        // what Recv has last returned of messages that are not its own

	mu       sync.Mutex
	ready    chan struct{} // of the goroutine that waits for a message; nil if none does
	fetching bool          // it has the token of receiving
	pause    *pause        // of it; nil if there is none
	closed   bool
	leaving  bool // a child is about to get the files, or not: who hands them over has both tokens
	moved    bool // the files have gone to a child
}

// An inlet is where messages come in. Whoever has the token of receiving uses it.
type inlet interface {
	io.Closer

	// next waits until the next message is here, whole, or what is wrong with
	// it, and returns that without taking it: the next call returns the same.
	next(limit int) arrival

	// here tells whether next would not wait. Soon does so after a moment of
	// looking, where the processor is better spent on that than on going to sleep.
	here() bool
	soon() bool

	// give returns the message that next has returned, if that has memory of its
	// own, to be kept after take; nil if not.
	give() []byte

	// take makes way for the message after the one that next has returned,
	// whose memory is good no longer.
	take()

	// interrupt has a call of next return, by any goroutine, and reports
	// whether it can. What has come of a message stays. So it is until resume.
	interrupt() bool
	resume()

	// empty tells whether nothing was taken in that a new reader of the same
	// files, in another process, would miss.
	empty() bool
}

// An arrival is what can be received.
type arrival struct {
	message []byte
	file    bool  // it is an open file instead
	err     error // or something is wrong
}

// An outlet is where messages go out. Whoever has the token of sending uses it.
type outlet interface {
	io.Closer

	// send sends a message, or gives up when ctx ends.
	send(ctx context.Context, msg []byte) error

	// cut returns an error if nothing can be sent any more because a message
	// was cut short.
	cut() error
}

// A placer is an outlet that has messages written where the other side will read
// them.
type placer interface {
	// longest is the size in bytes of the longest such message.
	longest() int

	// place returns room for a message of n bytes, when there is some, or gives up
	// when ctx ends. It is sent by sendPlaced.
	place(ctx context.Context, n int) ([]byte, error)
	sendPlaced(n int)
}

// ErrMoved is wrapped by errors about a connection that was handed to a child.
var ErrMoved = errors.New("the connection was handed to another process")

// BytePipe returns the two ends of a new duplex connection. An end that is
// handed to a child, in the argument that it starts with, moves there: it is
// closed here when the child has started.
func BytePipe() (*Connection, *Connection, error) {
	a, b, err := ringPipe()
	if errors.Is(err, errors.ErrUnsupported) {
		return streamPipe()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	return a, b, nil
}

// streamPipe is BytePipe where there are no rings.
func streamPipe() (*Connection, *Connection, error) {
	r1, w1, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	r2, w2, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("make a pipe: %w", err), r1.Close(), w1.Close())
	}
	return newConnection(r1, w2), newConnection(r2, w1), nil
}

// NewConnection returns a connection over a stream, which it owns from then on.
func NewConnection(s Stream) *Connection { return newConnection(s, s) }

// newConnection takes nil for a direction that there is not.
func newConnection(in io.ReadCloser, out io.WriteCloser) *Connection {
	var i inlet
	var o outlet
	if in != nil {
		i = newStreamInlet(in)
	}
	if out != nil {
		o = &streamOutlet{out: out, shared: any(out) == any(in)}
	}
	return joined(i, o)
}

// joined makes a connection of its two directions.
func joined(in inlet, out outlet) *Connection {
	return &Connection{
		in: in, out: out, limit: wire.Limit,
		sending: make(chan struct{}, 1), receiving: make(chan struct{}, 1),
	}
}

// SetLimit sets the size in bytes of the largest message that is sent or
// received; 64 MiB if it was never called. Call it before the first message. A
// connection that is handed to a child has its limit there as well. No limit is
// beyond what a header can tell, 4 GiB.
func (c *Connection) SetLimit(n int) { c.limit = int(min(max(int64(n), 0), math.MaxInt, fileMark-1)) }

// Errors about a direction that a connection does not have.
var (
	ErrReceiveOnly = errors.New("this end of the pipe only receives")
	ErrSendOnly    = errors.New("this end of the pipe only sends")
)

// Send sends one message. It waits while the other side is behind by more than
// lies between the two. On Linux, a [BytePipe] or [Pipe] goes through shared
// memory, which holds 64 KiB of small messages, and beside them 8 MiB of those
// over 8 KiB, or one that is longer than 4 MiB; what else a connection is made of has the buffers of the system,
// such as 64 KiB for a [OneWayPipe] on Linux.
//
// A ctx that ends when part of the message is on its way breaks the connection:
// this Send and those after it say that a message was cut short. Before that,
// nothing was sent.
func (c *Connection) Send(ctx context.Context, msg []byte) error {
	if c.out == nil {
		return ErrReceiveOnly
	}
	if err := wire.Check(uint64(len(msg)), c.limit); err != nil {
		return err
	}
	if err := take(ctx, c.sending); err != nil {
		return err
	}
	defer func() { <-c.sending }()
	return c.unlessMoved(c.out.send(ctx, msg))
}

// place returns room for a message of n bytes where the other side will read it,
// which sendPlaced then sends: nobody else sends until it does. There is none in a
// stream, and none for a message that is too long for it.
func (c *Connection) place(ctx context.Context, n int) ([]byte, error) {
	p, ok := c.out.(placer)
	if !ok || n > p.longest() {
		return nil, nil
	}
	if err := wire.Check(uint64(n), c.limit); err != nil {
		return nil, err
	}
	if err := take(ctx, c.sending); err != nil {
		return nil, err
	}
	room, err := p.place(ctx, n)
	if err != nil {
		<-c.sending
		return nil, c.unlessMoved(err)
	}
	return room, nil
}

func (c *Connection) sendPlaced(n int) {
	c.out.(placer).sendPlaced(n)
	<-c.sending
}

// Recv receives one message, which is good until the next Recv, by whatever
// goroutine: where several receive, they use RecvInto or RecvFunc. It returns
// io.EOF when the other side has closed its end. A message that is over the
// limit is an error; the next one may be good.
func (c *Connection) Recv(ctx context.Context) (msg []byte, err error) {
	err = c.receive(ctx, func(b []byte) error {
		if msg = c.in.give(); msg != nil {
			return nil
		}
		if cap(c.kept) > largeMessage && len(b) <= largeMessage {
			c.kept = nil // one large message is not to cost memory for ever
		}
		c.kept = append(c.kept[:0], b...)
		msg = c.kept
		return nil
	})
	return msg, err
}

// RecvFunc receives one message and calls use with it, where it lies: in memory
// that the other side has written to, if both share some. It is good until use
// returns, and must not be changed. Nobody else receives until then.
func (c *Connection) RecvFunc(ctx context.Context, use func(msg []byte) error) error {
	return c.receive(ctx, use)
}

// RecvInto receives one message into buf and returns its size. If buf is too
// small, the error is io.ErrShortBuffer, the size is what it takes, and the
// message is there for the next call.
func (c *Connection) RecvInto(ctx context.Context, buf []byte) (n int, err error) {
	err = c.receive(ctx, func(b []byte) error {
		if n = len(b); n > len(buf) {
			return errStays
		}
		copy(buf, b)
		return nil
	})
	if errors.Is(err, errStays) {
		err = io.ErrShortBuffer
	}
	return n, err
}

// errStays is returned by who leaves a message there for the next receiver.
var errStays = errors.New("the message stays")

// receive is RecvFunc. With errStays, use leaves the message there; whatever else
// comes of it, a panic included, it is taken.
func (c *Connection) receive(ctx context.Context, use func([]byte) error) error {
	a, err := c.await(ctx)
	if err != nil {
		return err
	}
	stays := a.file
	defer func() {
		if !stays {
			c.in.take()
		}
		<-c.receiving
	}()
	switch {
	case a.file:
		return ErrFileNext
	case a.err != nil:
		return c.unlessMoved(a.err)
	}
	err = use(a.message)
	stays = errors.Is(err, errStays)
	return err
}

// await returns what is next. If there is no error, the caller has the token of
// receiving.
func (c *Connection) await(ctx context.Context) (arrival, error) {
	if c.in == nil {
		return arrival{}, ErrSendOnly
	}
	if ctx.Done() == nil {
		c.receiving <- struct{}{}
		c.in.soon()
		return c.in.next(c.limit), nil
	}
	for {
		if err := take(ctx, c.receiving); err != nil {
			return arrival{}, err
		}
		if c.in.here() || c.in.soon() {
			return c.in.next(c.limit), nil
		}
		<-c.receiving
		// A wait that can be given up is one for a goroutine that waits: it
		// stays, with what has come of a message, until that is whole.
		select {
		case <-c.Ready():
		case <-ctx.Done():
			return arrival{}, ctx.Err()
		}
	}
}

// closedChannel is one that was always closed.
var closedChannel = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// Ready returns a channel that is closed when a message, or the end of the
// connection, can be received without waiting. It is for select, and for
// [Wait]. Each message needs a call of its own.
func (c *Connection) Ready() <-chan struct{} {
	if c.in == nil {
		return nil // never
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready != nil {
		return c.ready
	}
	select {
	case c.receiving <- struct{}{}:
		if c.in.here() {
			<-c.receiving
			return closedChannel
		}
		ready := make(chan struct{})
		c.ready, c.fetching = ready, true
		go c.fetch(ready)
		return ready
	default: // somebody receives: wait for a turn in the background
		ready := make(chan struct{})
		c.ready = ready
		go func() {
			c.receiving <- struct{}{}
			c.mu.Lock()
			c.fetching = true
			c.mu.Unlock()
			c.fetch(ready)
		}()
		return ready
	}
}

// fetch waits for the next message. It has the token of receiving, and gives it
// back. Who reads a file parks in the runtime's poller, where it holds no thread.
func (c *Connection) fetch(ready chan struct{}) {
	for {
		c.in.next(c.limit)
		c.mu.Lock()
		p := c.pause
		if p == nil {
			c.ready, c.fetching = nil, false
		}
		c.mu.Unlock()
		if p == nil {
			break
		}
		close(p.begun)
		<-p.over
	}
	<-c.receiving
	close(ready)
}

// take puts a token into c, or gives up when ctx ends.
func take(ctx context.Context, c chan struct{}) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case c <- struct{}{}:
		return nil
	default:
	}
	select {
	case c <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close closes this end. It can be called more than once.
func (c *Connection) Close() error {
	c.mu.Lock()
	// What goes to a child is closed here by that; what stays, when it does.
	closed := c.closed || c.moved || c.leaving
	c.closed = true
	c.mu.Unlock()
	if closed {
		return nil
	}
	return c.end(false)
}

// end closes this end, or what is left of it here when it has moved.
func (c *Connection) end(moved bool) error {
	if handled, err := c.endRing(moved); handled {
		return err
	}
	var errs []error
	if c.in != nil {
		errs = append(errs, unlessClosed(c.in.Close()))
	}
	if c.out != nil {
		errs = append(errs, unlessClosed(c.out.Close()))
	}
	return errors.Join(errs...)
}

// unlessClosed is the error of closing what may have been closed before.
func unlessClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}
