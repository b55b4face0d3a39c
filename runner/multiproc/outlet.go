package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A streamOutlet puts messages on a stream, each with its length in front.
type streamOutlet struct {
	out     io.WriteCloser
	shared  bool   // with the inlet, which closes it
	buf     []byte // of the message being sent
	broken  error  // why nothing more can be sent
	stopped bool   // out takes nothing more because a ctx ended
}

// send sends a message. A large one is not copied into one buffer with its
// header.
func (s *streamOutlet) send(ctx context.Context, msg []byte) error {
	first, rest := msg, []byte(nil)
	if len(msg) > largeMessage {
		first, rest = msg[:largeMessage], msg[largeMessage:]
	}
	return s.deliver(ctx, s.out, uint32(len(msg)), first, rest)
}

// deliver writes a header for n, and what follows it.
func (s *streamOutlet) deliver(ctx context.Context, to io.Writer, n uint32, first, rest []byte) error {
	if s.broken != nil {
		return s.broken
	}
	s.buf = append(wire.Append(s.buf[:0], int(n)), first...)
	written, err := s.write(ctx, to, s.buf, rest)
	if err != nil && (written > 0 || s.stopped) {
		err, s.broken = halfSent(err)
	}
	return err
}

// halfSent returns the errors of a message that was cut short, and of those
// after it.
func halfSent(err error) (now, later error) {
	return fmt.Errorf("the message was cut short, and nothing more can be sent: %w", err),
		fmt.Errorf("an earlier message was cut short: %w", err)
}

// write writes head and rest, until ctx ends, and returns how many bytes.
func (s *streamOutlet) write(ctx context.Context, to io.Writer, head, rest []byte) (n int, err error) {
	if ctx.Done() != nil {
		fired := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(fired)
			s.stopWriting()
		})
		defer func() {
			if stop() {
				return
			}
			<-fired
			if d, ok := s.out.(interface{ SetWriteDeadline(time.Time) error }); ok {
				_ = d.SetWriteDeadline(time.Time{})
			}
			if err != nil {
				s.stopped = s.stopped || isLasting(err)
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

// recordGrace is how long a write may go on after its context has ended on a
// stream that does not survive one which is broken off. Most need no time at all.
const recordGrace = time.Second

// stopWriting has a write that is under way return. Where writes know no
// deadline, only closing does that.
func (s *streamOutlet) stopWriting() {
	at := time.Unix(1, 0)
	if _, ok := s.out.(interface {
		HandshakeContext(ctx context.Context) error
	}); ok { // TLS, which is too much to be linked for its name
		at = time.Now().Add(recordGrace)
	}
	if d, ok := s.out.(interface{ SetWriteDeadline(time.Time) error }); ok && d.SetWriteDeadline(at) == nil {
		return
	}
	s.stopped = true // read after the function of the ctx has returned
	_ = s.out.Close()
}

// isLasting tells whether a write that has met its deadline was the last one, as
// it is for a stream that cannot go on amid a record of its own: so it is for TLS,
// which says that nothing was written.
func isLasting(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && isTimeout(err) && !t.Temporary()
}

// cut returns why nothing can be sent any more.
func (s *streamOutlet) cut() error { return s.broken }

// Close closes the stream.
func (s *streamOutlet) Close() error {
	if s.shared {
		return nil
	}
	return s.out.Close()
}
