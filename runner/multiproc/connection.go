package multiproc

import (
	"bufio"
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
	in    io.ReadCloser
	out   io.WriteCloser
	limit int

	sending chan struct{} // holds one token while a message is sent
	buf     []byte        // of the message being sent
	broken  error         // why nothing more can be sent
	stopped bool          // out was closed because a ctx ended

	receiving chan struct{} // holds one token while somebody reads
	r         *bufio.Reader
	ended     bool   // reading has met an error, and will meet it again
	recv      []byte // of the message last received

	mu    sync.Mutex
	ready chan struct{} // of the goroutine that reads ahead; nil if none does
	moved bool          // the files have gone to a child
}

// ErrMoved is wrapped by errors about a connection that was handed to a child.
var ErrMoved = errors.New("the connection was handed to another process")

// BytePipe returns the two ends of a new duplex connection. An end that is
// handed to a child, in the argument that it starts with, moves there: it is
// closed here when the child has started.
func BytePipe() (*Connection, *Connection, error) {
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
	c := &Connection{in: in, out: out, limit: wire.Limit, sending: make(chan struct{}, 1), receiving: make(chan struct{}, 1)}
	if in != nil {
		c.r = bufio.NewReaderSize(in, 4096)
	}
	return c
}

// SetLimit sets the size in bytes of the largest message that is sent or
// received; 64 MiB if it was never called. Call it before the first message.
// No limit is beyond what a header can tell, 4 GiB.
func (c *Connection) SetLimit(n int) { c.limit = int(min(max(int64(n), 0), math.MaxInt, fileMark-1)) }

// Errors about a direction that a connection does not have.
var (
	ErrReceiveOnly = errors.New("this end of the pipe only receives")
	ErrSendOnly    = errors.New("this end of the pipe only sends")
)

// largeMessage is the size in bytes from which on a message is not copied into
// one buffer with its header any more.
const largeMessage = 64 << 10

// Send sends one message. It waits while the other side is behind by more than
// the system buffers, 64 KiB for a pipe on Linux. A ctx that ends when part of
// the message is on its way breaks the connection; before that, nothing was
// sent.
func (c *Connection) Send(ctx context.Context, msg []byte) error {
	if c.out == nil {
		return ErrReceiveOnly
	}
	if err := wire.Check(uint64(len(msg)), c.limit); err != nil {
		return err
	}
	first, rest := msg, []byte(nil)
	if len(msg) > largeMessage {
		first, rest = msg[:largeMessage], msg[largeMessage:]
	}
	return c.deliver(ctx, c.out, uint32(len(msg)), first, rest)
}

// deliver writes a header for n, and what follows it, when it is the turn of
// the message.
func (c *Connection) deliver(ctx context.Context, to io.Writer, n uint32, first, rest []byte) error {
	if err := take(ctx, c.sending); err != nil {
		return err
	}
	defer func() { <-c.sending }()
	if c.broken != nil {
		return c.broken
	}
	c.buf = append(wire.Append(c.buf[:0], int(n)), first...)
	written, err := c.write(ctx, to, c.buf, rest)
	if err != nil && (written > 0 || c.stopped) {
		c.broken = fmt.Errorf("an earlier message was cut short: %w", err)
	}
	return err
}

// write writes head and rest, until ctx ends, and returns how many bytes.
func (c *Connection) write(ctx context.Context, to io.Writer, head, rest []byte) (n int, err error) {
	if ctx.Done() != nil {
		fired := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(fired)
			c.stopWriting()
		})
		defer func() {
			if stop() {
				return
			}
			<-fired
			if d, ok := c.out.(interface{ SetWriteDeadline(time.Time) error }); ok {
				_ = d.SetWriteDeadline(time.Time{})
			}
			if err != nil {
				err = ctx.Err()
			}
		}()
	}
	n, err = to.Write(head)
	if err == nil && len(rest) > 0 {
		m, err := to.Write(rest)
		return n + m, err
	}
	return n, err
}

// stopWriting has a write that is under way return. Where writes know no
// deadline, only closing does that.
func (c *Connection) stopWriting() {
	if d, ok := c.out.(interface{ SetWriteDeadline(time.Time) error }); ok && d.SetWriteDeadline(time.Unix(1, 0)) == nil {
		return
	}
	c.stopped = true // read after the function of the ctx has returned
	_ = c.out.Close()
}

// Recv receives one message, which is good until the next call. It returns
// io.EOF when the other side has closed its end. A message that is over the
// limit is an error, and so is every Recv after it.
func (c *Connection) Recv(ctx context.Context) ([]byte, error) {
	n, err := c.await(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { <-c.receiving }()
	if n <= cap(c.recv) {
		c.recv = c.recv[:n]
		return c.recv, c.body(c.recv)
	}
	if n <= largeMessage {
		c.recv = make([]byte, n)
		return c.recv, c.body(c.recv)
	}
	c.recv, err = wire.Read(c.r, c.limit) // takes memory as bytes arrive
	return c.recv, cutShort(err)
}

// RecvInto receives one message into buf and returns its size. If buf is too
// small, the error is io.ErrShortBuffer, the size is what it takes, and the
// message is there for the next call.
func (c *Connection) RecvInto(ctx context.Context, buf []byte) (int, error) {
	n, err := c.await(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { <-c.receiving }()
	if n > len(buf) {
		return n, io.ErrShortBuffer
	}
	return n, c.body(buf[:n])
}

// body reads the frame whose header has been looked at into b, which is as long.
func (c *Connection) body(b []byte) error {
	if _, err := c.r.Discard(wire.Header); err != nil {
		return err
	}
	_, err := io.ReadFull(c.r, b)
	return cutShort(err)
}

// cutShort is the error of a stream that ends inside a message.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// await returns the length of the next message when its header is there. If
// there is no error, the caller has the token of receiving.
func (c *Connection) await(ctx context.Context) (int, error) {
	n, err := c.header(ctx)
	if err != nil {
		return 0, err
	}
	if _, carries := c.in.(fileCarrier); carries && n == fileMark {
		err = ErrFileNext
	} else {
		err = wire.Check(n, c.limit)
	}
	if err != nil {
		<-c.receiving
		return 0, err
	}
	return int(n), nil
}

// header returns the header of the next message, which stays in the buffer. If
// there is no error, the caller has the token of receiving.
func (c *Connection) header(ctx context.Context) (uint64, error) {
	if c.in == nil {
		return 0, ErrSendOnly
	}
	if err := c.awaitTurn(ctx); err != nil {
		return 0, err
	}
	h, err := c.r.Peek(wire.Header)
	if err == nil {
		return wire.Length(h), nil
	}
	if len(h) > 0 {
		err = cutShort(err)
	}
	<-c.receiving
	return 0, err
}

// awaitTurn takes the token of receiving: at once if ctx never ends, otherwise
// when there is something to receive, so that the wait for it can be given up.
func (c *Connection) awaitTurn(ctx context.Context) error {
	if ctx.Done() == nil {
		c.receiving <- struct{}{}
		return nil
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		select {
		case <-c.Ready():
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := take(ctx, c.receiving); err != nil {
			return err
		}
		if c.r.Buffered() > 0 || c.ended {
			return nil
		}
		<-c.receiving // another goroutine was quicker
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
		if c.r.Buffered() > 0 || c.ended {
			<-c.receiving
			return closedChannel
		}
		ready := make(chan struct{})
		c.ready = ready
		go c.readAhead(ready)
		return ready
	default: // somebody receives: wait for a turn in the background
		ready := make(chan struct{})
		c.ready = ready
		go func() {
			c.receiving <- struct{}{}
			c.readAhead(ready)
		}()
		return ready
	}
}

// readAhead waits for the first byte of a message, or an error, which then is
// in the buffer. It has the token of receiving, and gives it back. The reader
// of a file parks in the runtime's poller, where it holds no thread.
func (c *Connection) readAhead(ready chan struct{}) {
	if _, err := c.r.Peek(1); err != nil {
		c.ended = true
	}
	c.mu.Lock()
	c.ready = nil
	c.mu.Unlock()
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
	moved := c.moved
	c.mu.Unlock()
	if moved {
		return nil // that was done when it went to the child
	}
	var errs []error
	if c.in != nil {
		errs = append(errs, unlessClosed(c.in.Close()))
	}
	if c.out != nil && any(c.out) != any(c.in) {
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
