package multiproc

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// A Connection carries messages, byte slices with their boundaries kept, to
// and from another process. One goroutine may receive while others send.
type Connection struct {
	r   *bufio.Reader
	in  *os.File
	out *os.File

	mu  sync.Mutex // held while sending
	buf []byte     // of the message being sent

	recv []byte // of the message last received
}

// Pipe returns the two ends of a new duplex connection. An end that goes to a
// child by [Options].Connections is closed here when the child has started.
func Pipe() (*Connection, *Connection, error) {
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

func newConnection(in, out *os.File) *Connection {
	return &Connection{r: bufio.NewReaderSize(in, 4096), in: in, out: out}
}

// connections makes connections of inherited files, two each.
func connections(files []*os.File) []*Connection {
	var conns []*Connection
	for ; len(files) >= 2; files = files[2:] {
		conns = append(conns, newConnection(files[0], files[1]))
	}
	return conns
}

// Send sends one message. It waits while the other side is behind by more than
// the system buffers.
func (c *Connection) Send(msg []byte) error {
	if len(msg) > maxFrame {
		return fmt.Errorf("message of %d bytes is over the limit of %d", len(msg), maxFrame)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = binary.LittleEndian.AppendUint32(c.buf[:0], uint32(len(msg)))
	c.buf = append(c.buf, msg...)
	_, err := c.out.Write(c.buf)
	return err
}

// Recv receives one message, which is good until the next Recv. It returns
// io.EOF when the other side has closed its end.
func (c *Connection) Recv() ([]byte, error) {
	h, err := c.r.Peek(frameHeader)
	if err != nil {
		if errors.Is(err, io.EOF) && len(h) > 0 {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	n := int(binary.LittleEndian.Uint32(h))
	if n > maxFrame {
		return nil, fmt.Errorf("message of %d bytes is over the limit of %d", n, maxFrame)
	}
	if _, err := c.r.Discard(frameHeader); err != nil {
		return nil, err
	}
	if n > cap(c.recv) {
		c.recv = make([]byte, n)
	}
	c.recv = c.recv[:n]
	if _, err := io.ReadFull(c.r, c.recv); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return c.recv, nil
}

// Close closes this end.
func (c *Connection) Close() error { return errors.Join(c.in.Close(), c.out.Close()) }
