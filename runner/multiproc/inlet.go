package multiproc

import (
	"bufio"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// largeMessage is the size in bytes from which on memory of a message is not
// kept for the next one.
const largeMessage = 64 << 10

// A streamInlet takes messages off a stream, where each has its length in front.
type streamInlet struct {
	in io.ReadCloser
	r  *bufio.Reader

	skip  uint64  // bytes to come of a message that was too large
	begun bool    // the header of the next message was read
	size  int     // of the next message
	body  []byte  // of it, as far as it has come
	whole bool    // next has something to return
	found arrival // what it is

	closing, reading atomic.Bool
}

func newStreamInlet(in io.ReadCloser) *streamInlet {
	return &streamInlet{in: in, r: bufio.NewReaderSize(in, 4096)}
}

// here tells whether next would not wait.
func (s *streamInlet) here() bool {
	if s.whole {
		return true
	}
	if s.begun || s.skip > 0 || s.r.Buffered() < wire.Header {
		return false
	}
	h, _ := s.r.Peek(wire.Header) // which is buffered
	return wire.Length(h) <= uint64(s.r.Buffered()-wire.Header)
}

// soon is here: it takes the system to look again.
func (s *streamInlet) soon() bool { return s.here() }

// empty tells whether nothing has come that was not taken.
func (s *streamInlet) empty() bool {
	return !s.whole && !s.begun && s.skip == 0 && s.r.Buffered() == 0
}

// interrupt has reads return from now on.
func (s *streamInlet) interrupt() bool { return s.readUntil(time.Unix(1, 0)) }

// resume has them wait again.
func (s *streamInlet) resume() { s.readUntil(time.Time{}) }

// readUntil sets when reads return, and reports whether it can.
func (s *streamInlet) readUntil(t time.Time) bool {
	d, ok := s.in.(interface{ SetReadDeadline(time.Time) error })
	return ok && d.SetReadDeadline(t) == nil
}

// next brings the next message in.
func (s *streamInlet) next(limit int) arrival {
	if s.whole {
		return s.found
	}
	a := s.fillOpen(limit)
	if isTimeout(a.err) {
		return a // it was interrupted
	}
	s.found, s.whole = a, true
	return a
}

// fillOpen is fill while the stream is not being closed.
func (s *streamInlet) fillOpen(limit int) arrival {
	s.reading.Store(true)
	defer s.reading.Store(false)
	if s.closing.Load() {
		return arrival{err: os.ErrClosed}
	}
	a := s.fill(limit)
	if a.err != nil && s.closing.Load() {
		a.err = os.ErrClosed // whatever the system calls it
	}
	return a
}

// fill goes on where it was interrupted.
func (s *streamInlet) fill(limit int) arrival {
	for s.skip > 0 {
		n, err := s.r.Discard(int(min(s.skip, 1<<30)))
		if s.skip -= uint64(n); err != nil {
			return arrival{err: cutShort(err)}
		}
	}
	if !s.begun {
		h, err := s.r.Peek(wire.Header)
		if err != nil {
			if len(h) > 0 {
				err = cutShort(err)
			}
			return arrival{err: err}
		}
		n := wire.Length(h)
		if _, carries := s.in.(fileCarrier); carries && n == fileMark {
			return arrival{file: true}
		}
		_, _ = s.r.Discard(wire.Header) // which is buffered
		if err := wire.Check(n, limit); err != nil {
			s.skip = n
			return arrival{err: err}
		}
		s.begun, s.size, s.body = true, int(n), s.body[:0]
	}
	var err error
	if s.body, err = wire.ReadBody(s.r, s.body, s.size); err != nil {
		return arrival{err: err}
	}
	s.begun = false
	return arrival{message: s.body}
}

// give returns a message that the next one does not overwrite.
func (s *streamInlet) give() []byte {
	if cap(s.body) <= largeMessage {
		return nil
	}
	return s.body
}

// take makes way for the next message. The end of the stream stays.
func (s *streamInlet) take() {
	if cap(s.body) > largeMessage {
		s.body = nil
	}
	if s.found.err == nil || errors.Is(s.found.err, wire.ErrTooLarge) {
		s.whole, s.found = false, arrival{}
	}
}

// takeFile makes way for what is next after an open file.
func (s *streamInlet) takeFile() {
	_, _ = s.r.Discard(wire.Header) // which is buffered
	s.take()
}

// Close closes the stream. Who reads returns.
func (s *streamInlet) Close() error {
	s.closing.Store(true)
	endRead(s.in, s.reading.Load)
	return s.in.Close()
}

// isTimeout tells whether a read has met its deadline.
func isTimeout(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}

// cutShort is the error of a stream that ends inside a message.
func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
