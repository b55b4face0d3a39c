package multiproc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// A Sender is the end of a pipe that takes values of type T.
type Sender[T any] struct{ c *Connection }

// A Receiver is the end of a pipe that gives values of type T.
type Receiver[T any] struct{ c *Connection }

// A Conn is an end of a duplex pipe: it sends and receives values of type T.
type Conn[T any] struct {
	Sender[T]
	Receiver[T]
}

// Pipe returns the two ends of a new duplex pipe. An end that is handed to a
// child, in the argument that it starts with, moves there: it is closed here
// when the child has started.
func Pipe[T any]() (*Conn[T], *Conn[T], error) {
	a, b, err := BytePipe()
	if err != nil {
		return nil, nil, err
	}
	return TypedConn[T](a), TypedConn[T](b), nil
}

// TypedConn returns a Conn that sends and receives its values over c.
func TypedConn[T any](c *Connection) *Conn[T] { return &Conn[T]{Sender[T]{c}, Receiver[T]{c}} }

// OneWayPipe returns the two ends of a new pipe that goes in one direction.
// They move to children as those of [Pipe] do.
func OneWayPipe[T any]() (*Receiver[T], *Sender[T], error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	return &Receiver[T]{newConnection(r, nil)}, &Sender[T]{newConnection(nil, w)}, nil
}

var errZeroPipe = errors.New("zero value is not usable: make one with Pipe, OneWayPipe or TypedConn")

// Send sends one value, as [Connection.Send] does.
func (s *Sender[T]) Send(ctx context.Context, v T) error {
	if s.c == nil {
		return errZeroPipe
	}
	c, err := codec.For[T]()
	if err != nil {
		return err
	}
	if n, ok := c.Size(&v); ok {
		room, err := s.c.place(ctx, n)
		if err != nil {
			return err
		}
		if room != nil {
			_, err = c.Append(room[:0], v)
			s.c.sendPlaced(n)
			return err
		}
	}
	b, err := c.Append(nil, v)
	if err != nil {
		return err
	}
	return s.c.Send(ctx, b)
}

// Connection returns the connection under s.
func (s *Sender[T]) Connection() *Connection { return cmp.Or(s.c, &Connection{}) }

// Close closes this end.
func (s *Sender[T]) Close() error {
	if s.c == nil {
		return errZeroPipe
	}
	return s.c.Close()
}

// Recv receives one value. A message that is not one of type T is an error of
// that message: the next one may be.
func (r *Receiver[T]) Recv(ctx context.Context) (T, error) {
	var v T
	if r.c == nil {
		return v, errZeroPipe
	}
	err := r.c.receive(ctx, func(b []byte) (err error) {
		v, err = unmarshal[T](b, nil)
		return err
	})
	return v, err
}

// RecvFunc receives one value and calls use with it, where it lies, as
// [Queue.GetFunc] does. Nobody else receives until use returns.
func (r *Receiver[T]) RecvFunc(ctx context.Context, use func(v T) error) error {
	if r.c == nil {
		return errZeroPipe
	}
	c, err := codec.For[T]()
	if err != nil {
		return err
	}
	return r.c.RecvFunc(ctx, func(b []byte) error {
		v, err := c.View(b)
		if err != nil {
			return err
		}
		return use(v)
	})
}

// Ready tells when Recv need not wait, as [Connection.Ready] does.
func (r *Receiver[T]) Ready() <-chan struct{} {
	if r.c == nil { // which Recv says at once
		ready := make(chan struct{})
		close(ready)
		return ready
	}
	return r.c.Ready()
}

// Connection returns the connection under r.
func (r *Receiver[T]) Connection() *Connection { return cmp.Or(r.c, &Connection{}) }

// Close closes this end.
func (r *Receiver[T]) Close() error {
	if r.c == nil {
		return errZeroPipe
	}
	return r.c.Close()
}

// Connection returns the connection under c.
func (c *Conn[T]) Connection() *Connection { return c.Sender.Connection() }

// Close closes this end.
func (c *Conn[T]) Close() error { return c.Sender.Close() }

// The ends of pipes travel as their files do.

// BoundToFiles marks the type for the codec.
func (*Connection) BoundToFiles() {}

// BoundToFiles marks the type for the codec.
func (Sender[T]) BoundToFiles() {}

// BoundToFiles marks the type for the codec.
func (Receiver[T]) BoundToFiles() {}

// BoundToFiles marks the type for the codec.
func (Conn[T]) BoundToFiles() {}

// Directions of a connection on its way to a child.
const (
	travelIn = 1 << iota
	travelOut
	travelBoth   // in one file, a socket
	travelRings  // in memory, with two files for the bell
	travelSecond // of the ends of rings, the second
)

// packed is a connection on its way to a child.
type packed struct {
	_          struct{} `cbor:",toarray"`
	Directions int
	Limit      int
	Places     cbor.RawMessage
}

// MarshalCBOR puts the connection's files into the luggage of the argument,
// and has it closed here when the child has them. Until that is settled, nobody
// uses it.
func (c *Connection) MarshalCBOR() ([]byte, error) {
	if c == nil {
		return cbor.Marshal(nil)
	}
	directions, files, err := c.travels()
	if err != nil {
		return nil, err
	}
	if err := c.hold(); err != nil {
		return nil, fmt.Errorf("hand a connection to a child: %w", err)
	}
	places, err := codec.Pack(codec.Parcel{What: "connection", Files: files, Then: c.leave, Back: c.stay})
	if err != nil {
		c.stay()
		return nil, err
	}
	return cbor.Marshal(packed{Directions: directions, Limit: c.limit, Places: places})
}

// travels returns what a connection travels as.
func (c *Connection) travels() (directions int, files []*os.File, err error) {
	if c.in == nil && c.out == nil {
		return 0, nil, errZeroPipe
	}
	if directions, files := c.packRing(); files != nil {
		return directions, files, nil
	}
	notPipe := errors.New("only a connection over a pipe can be handed to a child: give it the address of this one")
	if in, ok := c.in.(*streamInlet); ok {
		if s, ok := in.in.(fileCarrier); ok {
			return travelBoth, []*os.File{s.handle()}, nil
		}
		f, ok := in.in.(*os.File)
		if !ok {
			return 0, nil, notPipe
		}
		directions |= travelIn
		files = append(files, f)
	}
	if out, ok := c.out.(*streamOutlet); ok {
		f, ok := out.out.(*os.File)
		if !ok {
			return 0, nil, notPipe
		}
		directions |= travelOut
		files = append(files, f)
	}
	return directions, files, nil
}

// UnmarshalCBOR takes the connection's files out of the luggage of the argument.
func (c *Connection) UnmarshalCBOR(b []byte) error {
	var p packed
	if err := cbor.Unmarshal(b, &p); err != nil {
		return err
	}
	n := 1
	switch {
	case p.Directions&travelRings != 0:
		n = 3
	case p.Directions == travelIn|travelOut:
		n = 2
	}
	files, err := unpack("connection", p.Places, n)
	if err != nil {
		return err
	}
	fresh, err := arrived(p.Directions, files)
	if err != nil {
		return err
	}
	c.in, c.out, c.limit = fresh.in, fresh.out, p.Limit
	c.sending, c.receiving = fresh.sending, fresh.receiving
	return nil
}

// arrived makes a connection of the files that have come for one.
func arrived(directions int, files []*os.File) (*Connection, error) {
	if directions&travelRings != 0 {
		c, err := unpackRing(directions, files)
		if err != nil {
			return nil, fmt.Errorf("a connection through memory: %w", err)
		}
		return c, nil
	}
	switch directions {
	case travelIn:
		return newConnection(files[0], nil), nil
	case travelOut:
		return newConnection(nil, files[0]), nil
	case travelIn | travelOut:
		return newConnection(files[0], files[1]), nil
	case travelBoth:
		s, err := carrierOf(files[0])
		if err != nil {
			return nil, fmt.Errorf("a connection over a socket: %w", err)
		}
		return newConnection(s, s), nil
	default:
		return nil, fmt.Errorf("a connection of directions %d", directions)
	}
}

// unpackConnection takes a connection that may be nil.
func unpackConnection(b []byte, to **Connection) error {
	if isNull(b) {
		*to = nil
		return nil
	}
	*to = new(Connection)
	return (*to).UnmarshalCBOR(b)
}

// MarshalCBOR is that of the connection.
func (s Sender[T]) MarshalCBOR() ([]byte, error) { return s.c.MarshalCBOR() }

// UnmarshalCBOR is that of the connection.
func (s *Sender[T]) UnmarshalCBOR(b []byte) error {
	return unpackConnection(b, &s.c)
}

// MarshalCBOR is that of the connection.
func (r Receiver[T]) MarshalCBOR() ([]byte, error) { return r.c.MarshalCBOR() }

// UnmarshalCBOR is that of the connection.
func (r *Receiver[T]) UnmarshalCBOR(b []byte) error {
	return unpackConnection(b, &r.c)
}

// MarshalCBOR is that of the connection.
func (c Conn[T]) MarshalCBOR() ([]byte, error) { return c.Sender.c.MarshalCBOR() }

// UnmarshalCBOR is that of the connection.
func (c *Conn[T]) UnmarshalCBOR(b []byte) error {
	err := unpackConnection(b, &c.Sender.c)
	c.Receiver.c = c.Sender.c
	return err
}
