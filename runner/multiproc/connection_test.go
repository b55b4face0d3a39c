package multiproc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// kinds are the ways to make a connection: a pipe, and a pair of sockets where
// there is one.
func kinds(t *testing.T, test func(t *testing.T, a, b *Connection)) {
	t.Helper()
	for name, open := range map[string]func() (*Connection, *Connection, error){"pipe": BytePipe, "streams": streamPipe, "sockets": SocketPair} {
		t.Run(name, func(t *testing.T) {
			a, b, err := open()
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _, _ = a.Close(), b.Close() })
			test(t, a, b)
		})
	}
}

// withEcho gives a test a connection whose other end a child has, which sends
// back what it receives. When the test is through, the child says how many
// messages that were.
func withEcho(t *testing.T, want int, test func(t *testing.T, c *Connection)) {
	t.Helper()
	kinds(t, func(t *testing.T, here, there *Connection) {
		p := mustStart(t, echo, there, Options{})
		test(t, here)
		if err := here.Close(); err != nil {
			t.Error(err)
		}
		if n, err := p.Join(soon(t)); n != want || err != nil {
			t.Errorf("the child saw %d messages, %v; want %d", n, err, want)
		}
	})
}

// thereAndBack sends a message and wants the same again. What is more than a
// pipe holds is received while it is sent.
func thereAndBack(t *testing.T, c *Connection, msg []byte) {
	t.Helper()
	sent := make(chan error, 1)
	go func() { sent <- c.Send(soon(t), msg) }()
	if got, err := c.Recv(soon(t)); !bytes.Equal(got, msg) || err != nil {
		t.Fatalf("%d bytes came back as %d, %v", len(msg), len(got), err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// Python's test_sendbytes: what it does with offset and size is a slice here,
// whose bounds are Go's.
func TestPySendbytes(t *testing.T) {
	msg := []byte("abcdefghijklmnopqrstuvwxyz")
	withEcho(t, 3*len(msg), func(t *testing.T, c *Connection) {
		for from := range msg {
			for _, to := range []int{from, from + 1, len(msg)} {
				thereAndBack(t, c, msg[from:to])
			}
		}
	})
}

// Python's test_strings, at the lengths at which the reading and writing change
// their ways.
func TestPyBoundaries(t *testing.T) {
	var sizes []int
	for _, n := range []int{0, 4096 - wire.Header, 4096, largeMessage, 2 * largeMessage, 1 << 20} {
		sizes = append(sizes, max(0, n-1), n, n+1)
	}
	withEcho(t, len(sizes), func(t *testing.T, c *Connection) {
		for i, n := range sizes {
			thereAndBack(t, c, bytes.Repeat([]byte{byte(i)}, n))
		}
	})
	kinds(t, func(t *testing.T, a, b *Connection) {
		sent := make(chan error, 1)
		go func() {
			for i, n := range sizes {
				if err := a.Send(soon(t), bytes.Repeat([]byte{byte(i)}, n)); err != nil {
					sent <- err
					return
				}
			}
			sent <- a.Close()
		}()
		for i, n := range sizes { // one right behind the other
			got, err := b.Recv(soon(t))
			if err != nil || !bytes.Equal(got, bytes.Repeat([]byte{byte(i)}, n)) {
				t.Fatalf("message %d of %d bytes came as %d, %v", i, n, len(got), err)
			}
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		for range 2 {
			if _, err := b.Recv(soon(t)); !errors.Is(err, io.EOF) {
				t.Errorf("at the end: %v", err)
			}
		}
		if _, err := b.Recv(context.Background()); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	})
}

// Messages of which many are in the pipe at once, sent by a child that has ended
// by the time they are read, are as many when they arrive.
func TestPyDontMerge(t *testing.T) {
	texts := []string{"a", "b", "cd", "", "e", "", "fgh"}
	kinds(t, func(t *testing.T, here, there *Connection) {
		p := mustStart(t, sendTexts, textsTo{there, texts}, Options{})
		if _, err := p.Join(soon(t)); err != nil {
			t.Fatal(err)
		}
		for _, want := range texts {
			if got, err := here.Recv(soon(t)); string(got) != want || err != nil {
				t.Errorf("%q, %v; want %q", got, err, want)
			}
		}
		if got, err := here.Recv(soon(t)); !errors.Is(err, io.EOF) {
			t.Errorf("one more: %q, %v", got, err)
		}
	})
}

// textsTo is the argument of sendTexts.
type textsTo struct {
	Conn  *Connection
	Texts []string
}

var sendTexts = Func("sendTexts", func(ctx context.Context, a textsTo) (int, error) {
	for _, text := range a.Texts {
		if err := a.Conn.Send(ctx, []byte(text)); err != nil {
			return 0, err
		}
	}
	return len(a.Texts), nil
})

func TestPyEmptyString(t *testing.T) {
	withEcho(t, 4, func(t *testing.T, c *Connection) {
		for _, msg := range [][]byte{nil, {}, []byte("x"), nil} {
			thereAndBack(t, c, msg)
		}
	})
}

// Python's test_spawn_close: the parent may close its copy of the child's end
// at once. Here that happens by itself, and closing it again is no error.
func TestPySpawnClose(t *testing.T) {
	kinds(t, func(t *testing.T, here, there *Connection) {
		p := mustStart(t, echo, there, Options{})
		if err := there.Close(); err != nil {
			t.Errorf("close what has moved: %v", err)
		}
		if err := there.Send(soon(t), nil); err == nil {
			t.Error("what has moved can be used")
		}
		if _, err := echo.Start(there, Options{}); !errors.Is(err, ErrMoved) {
			t.Errorf("moved twice: %v", err)
		}
		if err := here.Send(soon(t), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if got, err := here.Recv(soon(t)); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if err := here.Close(); err != nil {
			t.Fatal(err)
		}
		if n, err := p.Join(soon(t)); n != 1 || err != nil {
			t.Errorf("%d messages, %v", n, err)
		}
	})
}

// A connection that messages have arrived at does not move where they would be
// lost, and takes them along where not.
func TestWhatHasMessagesStays(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		if err := a.Send(soon(t), []byte("x")); err != nil {
			t.Fatal(err)
		}
		<-b.Ready()
		if _, ok := b.in.(*streamInlet); !ok { // it is in memory that both have
			mustStart(t, echo, b, Options{})
			if got, err := a.Recv(soon(t)); string(got) != "x" || err != nil {
				t.Errorf("%q, %v", got, err)
			}
			return
		}
		if _, err := echo.Start(b, Options{}); err == nil {
			t.Error("it was handed on")
		}
		if got, err := b.Recv(soon(t)); string(got) != "x" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestRecvIntoABufferThatIsTooShort(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		if err := a.Send(soon(t), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 5)
		for range 2 {
			if n, err := b.RecvInto(soon(t), buf[:4]); n != 5 || !errors.Is(err, io.ErrShortBuffer) {
				t.Errorf("%d, %v", n, err)
			}
		}
		if n, err := b.RecvInto(soon(t), buf); n != 5 || string(buf) != "hello" || err != nil {
			t.Errorf("%d, %q, %v", n, buf, err)
		}
	})
}

func TestReadyTellsOfMessagesAndOfTheEnd(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		ready := b.Ready()
		select {
		case <-ready:
			t.Error("ready without a message")
		default:
		}
		for _, text := range []string{"one", "two"} {
			if err := a.Send(soon(t), []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		<-ready
		for _, text := range []string{"one", "two"} {
			<-b.Ready()
			if got, err := b.Recv(soon(t)); string(got) != text || err != nil {
				t.Errorf("%q, %v", got, err)
			}
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		<-b.Ready()
		if _, err := b.Recv(soon(t)); !errors.Is(err, io.EOF) {
			t.Errorf("%v, want the end", err)
		}
		if err := errors.Join(a.Close(), b.Close(), b.Close()); err != nil {
			t.Errorf("closed again: %v", err)
		}
	})
}

func TestRecvGivesUpWithItsContext(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := b.Recv(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if _, err := b.RecvInto(over(t), nil); err == nil {
			t.Error("received with a context that had ended")
		}
		if err := a.Send(soon(t), []byte("later")); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Recv(soon(t)); string(got) != "later" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// A message that is cut short when its context ends breaks the connection, and
// the other side is told that what it has got is no message.
func TestSendGivesUpWithItsContext(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		if err := a.Send(over(t), []byte("never")); err == nil {
			t.Error("sent with a context that had ended")
		}
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan error)
		go func() { sent <- a.Send(ctx, make([]byte, longMessage)) }()
		partArrives(t, b)
		cancel()
		if err := <-sent; !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		} else {
			says(t, "Send", err, "the message was cut short")
		}
		says(t, "the next Send", a.Send(soon(t), nil), "an earlier message was cut short")
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Recv(soon(t)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("half a message: %v", err)
		}
	})
}

// longMessage is the size of one that no connection takes in while nobody
// receives it.
const longMessage = roomBytes + 16<<20

// partArrives waits until the beginning of a message has come, and leaves it.
func partArrives(t *testing.T, c *Connection) {
	t.Helper()
	in, ok := c.in.(*streamInlet)
	if !ok {
		awaitRecord(t, c)
		return
	}
	if _, err := in.r.Peek(1); err != nil {
		t.Fatal(err)
	}
}

// writeRaw writes bytes that need not be a message.
func writeRaw(c *Connection, b []byte) (int, error) { return c.out.(*streamOutlet).out.Write(b) }

// A context ends the waiting for a message also when a part of it is here, and
// nothing of it is lost.
func TestRecvGivesUpAmidAMessage(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		if _, ok := a.out.(*streamOutlet); !ok {
			t.Skip("TestRecvGivesUpAmidALongMessage is for these")
		}
		for _, part := range []string{"\x05\x00", "\x00\x00he", "l"} {
			if _, err := writeRaw(a, []byte(part)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			if _, err := b.Recv(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
			cancel()
		}
		if _, err := writeRaw(a, []byte("lo")); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Recv(soon(t)); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// Who has waited for a message in vain can hand the connection on.
func TestAConnectionMovesAfterAWaitInVain(t *testing.T) {
	kinds(t, func(t *testing.T, here, there *Connection) {
		if runtime.GOOS == "windows" {
			t.Skip("a wait for a pipe cannot be broken off on Windows")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if _, err := there.Recv(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		p := mustStart(t, echo, there, Options{})
		if err := here.Send(soon(t), []byte("hello")); err != nil {
			t.Fatal(err)
		}
		if got, err := here.Recv(soon(t)); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if err := here.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
	})
}

// A Send that waits for its turn gives up without harm.
func TestWaitingToSendGivesUpWithItsContext(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		sent := make(chan error)
		go func() { sent <- a.Send(soon(t), make([]byte, longMessage)) }()
		partArrives(t, b)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := a.Send(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if got, err := b.Recv(soon(t)); len(got) != longMessage || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		if err := a.Send(soon(t), nil); err != nil {
			t.Errorf("the next message: %v", err)
		}
	})
}

func TestTheLimitCanBeSet(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		b.SetLimit(3)
		if err := a.Send(soon(t), []byte("abc")); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Recv(soon(t)); string(got) != "abc" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if err := b.Send(soon(t), []byte("abcd")); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("sent: %v", err)
		}
		// What is too large is an error of that message.
		sent := make(chan error)
		go func() {
			var errs []error
			for _, text := range []string{"abcd", strings.Repeat("x", 100_000), "x"} {
				errs = append(errs, a.Send(soon(t), []byte(text)))
			}
			sent <- errors.Join(errs...)
		}()
		for range 2 {
			if _, err := b.Recv(soon(t)); !errors.Is(err, wire.ErrTooLarge) {
				t.Errorf("received: %v", err)
			}
		}
		if got, err := b.Recv(soon(t)); string(got) != "x" || err != nil {
			t.Errorf("after them: %q, %v", got, err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		a.SetLimit(-1)
		if err := a.Send(soon(t), []byte{1}); !errors.Is(err, wire.ErrTooLarge) {
			t.Errorf("a negative limit lets all through: %v", err)
		}
	})
}

func TestAnEndHasItsDirection(t *testing.T) {
	r, s, err := OneWayPipe[int]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer s.Close()
	if err := r.Connection().Send(soon(t), nil); !errors.Is(err, ErrReceiveOnly) {
		t.Errorf("sent by the receiver: %v", err)
	}
	if _, err := s.Connection().Recv(soon(t)); !errors.Is(err, ErrSendOnly) {
		t.Errorf("received by the sender: %v", err)
	}
	if err := r.Connection().SendFile(soon(t), nil); !errors.Is(err, ErrNoFiles) {
		t.Errorf("file sent by the receiver: %v", err)
	}
}

// A message that is not of the receiver's type is an error of that message.
func TestAWrongTypeIsAnErrorOfItsMessage(t *testing.T) {
	a, b := mustBytePipe(t)
	numbers, texts := TypedConn[int](a), TypedConn[string](a)
	if err := errors.Join(texts.Send(soon(t), "seven"), numbers.Send(soon(t), 7)); err != nil {
		t.Fatal(err)
	}
	typed := TypedConn[int](b)
	if _, err := typed.Recv(soon(t)); err == nil {
		t.Error("a text is a number")
	}
	if n, err := typed.Recv(soon(t)); n != 7 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Values come whole as well, to whichever goroutine.
func TestSeveralReceiversOfValues(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		const each, receivers = 200, 4
		sender, receiver := TypedConn[[]byte](a), TypedConn[[]byte](b)
		received := make(chan error, each*receivers)
		for range receivers {
			go func() {
				for range each {
					v, err := receiver.Recv(soon(t))
					if err == nil && (len(v) != 3000 || bytes.Count(v, v[:1]) != len(v)) {
						err = errors.New("a value is mixed up")
					}
					received <- err
				}
			}()
		}
		for i := range each * receivers {
			if err := sender.Send(soon(t), bytes.Repeat([]byte{byte(i)}, 3000)); err != nil {
				t.Fatal(err)
			}
		}
		for range each * receivers {
			if err := <-received; err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Messages of several senders arrive whole, whoever receives them.
func TestSeveralSendersAndReceivers(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		const each, senders = 50, 4
		sent := make(chan error, senders)
		for i := range senders {
			go func() {
				var err error
				for range each {
					err = errors.Join(err, a.Send(soon(t), bytes.Repeat([]byte{byte('a' + i)}, 1000*i)))
				}
				sent <- err
			}()
		}
		received := make(chan error, each*senders)
		for range senders {
			go func() {
				buf := make([]byte, 1000*senders)
				for range each {
					n, err := b.RecvInto(soon(t), buf)
					if err == nil && n > 0 && (n%1000 != 0 || strings.Count(string(buf[:n]), string(buf[0])) != n) {
						err = errors.New("a message is mixed up")
					}
					received <- err
				}
			}()
		}
		for range each * senders {
			if err := <-received; err != nil {
				t.Fatal(err)
			}
		}
		for range senders {
			if err := <-sent; err != nil {
				t.Error(err)
			}
		}
	})
}

// A long message is received where it was put together, and that memory is used
// for no other.
func TestALongMessageIsNotCopied(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		var before []byte
		for range 2 {
			sent := make(chan error, 1)
			go func() { sent <- a.Send(soon(t), make([]byte, longMessage)) }()
			<-b.Ready()
			lies := b.in.next(b.limit).message
			got, err := b.Recv(soon(t))
			if len(got) != longMessage || err != nil || &got[0] != &lies[0] {
				t.Fatalf("%d bytes, %v, or a copy", len(got), err)
			}
			if before != nil && &got[0] == &before[0] {
				t.Error("the memory of the first message has become that of the second")
			}
			before = got
			if err := <-sent; err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range []string{"one", "two"} { // these have memory for all
			passes(t, a, b, text)
		}
	})
}

// Close ends also a wait that is only about to begin.
func TestCloseAsAWaitBegins(t *testing.T) {
	for range 200 {
		a, b := mustBytePipe(t)
		ready := a.Ready()
		if err := errors.Join(a.Close(), b.Close()); err != nil {
			t.Fatal(err)
		}
		<-ready
	}
}
