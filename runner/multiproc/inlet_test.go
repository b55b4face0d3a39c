package multiproc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A haltingReader gives its bytes in parts of the given sizes, again and again;
// for a part of 0 bytes, it meets a deadline.
type haltingReader struct {
	rest  []byte
	parts []byte
	at    int
}

func (r *haltingReader) Read(b []byte) (int, error) {
	n := len(b)
	if len(r.parts) > 0 {
		part := int(r.parts[r.at%len(r.parts)])
		if r.at++; part == 0 {
			return 0, os.ErrDeadlineExceeded
		}
		n = min(n, part)
	}
	n = copy(b[:n], r.rest)
	if r.rest = r.rest[n:]; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (*haltingReader) Close() error { return nil }

// told is what came of reading a message.
func told(msg []byte, err error) string {
	for _, known := range []error{wire.ErrTooLarge, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return fmt.Sprintf("%q, %v", msg, err)
}

// modelOfFill is what is read of a stream, up to its end, by wire.Read, which
// leaves a message that is too large to the caller.
func modelOfFill(in []byte, limit int) (said []string) {
	r := bytes.NewReader(in)
	for {
		header := in[len(in)-r.Len():]
		msg, err := wire.Read(r, limit)
		said = append(said, told(msg, err))
		if errors.Is(err, wire.ErrTooLarge) {
			n := int64(wire.Length(header))
			if skipped, _ := io.CopyN(io.Discard, r, n); skipped < n {
				return append(said, told(nil, io.ErrUnexpectedEOF))
			}
			continue
		}
		if err != nil {
			return said
		}
	}
}

// However a stream comes, and wherever the reading of it is interrupted, its
// messages and its end are the same.
func FuzzFill(f *testing.F) {
	message := func(texts ...string) (b []byte) {
		for _, text := range texts {
			b = append(wire.Append(b, len(text)), text...)
		}
		return b
	}
	long := strings.Repeat("x", 5000) // more than is buffered
	f.Add([]byte{}, []byte{}, uint16(0))
	f.Add([]byte{0}, []byte{1}, uint16(9))
	f.Add(message("", "a", "", "bc"), []byte{}, uint16(9))
	f.Add(message("hello", "world"), []byte{1}, uint16(9))
	f.Add(message("hello", "world"), []byte{0, 3, 0}, uint16(5))
	f.Add(message("hello", "too large", "world"), []byte{2, 0}, uint16(5))
	f.Add(message("hello", "too large")[:20], []byte{2, 0}, uint16(5))
	f.Add(message("hello", "cut short")[:20], []byte{7}, uint16(9))
	f.Add(message("hello", "cut")[:11], []byte{0, 1}, uint16(9))
	f.Add(message(long, "a", long), []byte{255, 0, 255}, uint16(5000))
	f.Add(message(long, "a", long), []byte{}, uint16(4999))
	f.Add([]byte{255, 255, 255, 255, 'a'}, []byte{1}, uint16(9))
	f.Fuzz(func(t *testing.T, in, parts []byte, most uint16) {
		if len(parts) > 0 && len(bytes.Trim(parts, "\x00")) == 0 {
			t.Skip("nothing would come")
		}
		limit := int(most)
		s := newStreamInlet(&haltingReader{rest: in, parts: parts})
		for i, want := range modelOfFill(in, limit) {
			here := s.here()
			a := s.next(limit)
			for isTimeout(a.err) {
				if here || s.whole {
					t.Fatal("it was here, and is waited for")
				}
				here = s.here()
				a = s.next(limit)
			}
			if got := told(a.message, a.err); got != want {
				t.Fatalf("message %d is %s, want %s", i, got, want)
			}
			if again := s.next(limit); told(again.message, again.err) != want {
				t.Errorf("message %d is another one when asked for again", i)
			}
			if s.empty() {
				t.Errorf("message %d was not taken, and nothing is there", i)
			}
			s.take()
		}
		if a := s.next(limit); a.err == nil {
			t.Errorf("%q after the end", a.message)
		}
	})
}
