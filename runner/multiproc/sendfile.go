package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// A fileCarrier is a stream that takes open files along.
type fileCarrier interface {
	Stream

	// withFile returns a writer that sends f beside the first byte it writes.
	withFile(f *os.File) io.Writer

	// nextFile returns the files that have come, in their order; nil for one
	// that this process had no descriptor for, false if none has come.
	nextFile() (*os.File, bool)

	// handle returns the file of the stream itself.
	handle() *os.File
}

// fileMark stands where the length of a message would, and says that a file
// comes beside it. No message is so long.
const fileMark = math.MaxUint32

// Errors about open files on a connection.
var (
	// ErrNoFiles is returned by a connection that carries no files: only those
	// of [SocketPair] do.
	ErrNoFiles = errors.New("this connection carries no open files: make it with SocketPair")

	// ErrFileNext is returned by Recv where a file is next. It stays there.
	ErrFileNext = errors.New("the next message is an open file: receive it with RecvFile")

	// ErrNoFile is returned by RecvFile where a message is next, which stays
	// there, or for a file that was sent and did not arrive.
	ErrNoFile = errors.New("no open file has come")
)

// SendFile sends an open file, in its order among the messages. The file here
// stays open, and may be closed at once. Only a connection of [SocketPair]
// carries files.
func (c *Connection) SendFile(ctx context.Context, f *os.File) error {
	out, ok := c.out.(*streamOutlet)
	if !ok {
		return ErrNoFiles
	}
	carrier, ok := out.out.(fileCarrier)
	if !ok {
		return ErrNoFiles
	}
	if f == nil {
		return fmt.Errorf("send a file: %w", os.ErrInvalid)
	}
	if err := take(ctx, c.sending); err != nil {
		return err
	}
	defer func() { <-c.sending }()
	return c.unlessMoved(out.deliver(ctx, carrier.withFile(f), fileMark, nil, nil))
}

// RecvFile receives an open file, which is the caller's to close. Where a
// message is next, the error is [ErrNoFile], and the message stays.
func (c *Connection) RecvFile(ctx context.Context) (*os.File, error) {
	in, ok := c.in.(*streamInlet)
	if !ok {
		return nil, ErrNoFiles
	}
	carrier, ok := in.in.(fileCarrier)
	if !ok {
		return nil, ErrNoFiles
	}
	a, err := c.await(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { <-c.receiving }()
	switch {
	case a.err != nil:
		c.in.take()
		return nil, c.unlessMoved(a.err)
	case !a.file:
		return nil, fmt.Errorf("%w: a message is next, receive it with Recv", ErrNoFile)
	}
	in.takeFile()
	switch f, ok := carrier.nextFile(); {
	case !ok:
		return nil, fmt.Errorf("%w: one was announced, and came without", ErrNoFile)
	case f == nil:
		return nil, fmt.Errorf("%w: this process has no descriptor left for it", ErrNoFile)
	default:
		return f, nil
	}
}
