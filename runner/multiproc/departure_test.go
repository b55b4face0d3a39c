package multiproc

import (
	"context"
	"errors"
	"os"
	"runtime"
	"testing"
)

// A fragile argument can be encoded or not, after its connections.
type fragile struct {
	A, B *Connection
	T    touchy
}

var takeFragile = Func("takeFragile", func(context.Context, fragile) (int, error) { return 0, nil })

// spoilt is an argument with a connection that cannot be encoded.
func spoilt(c *Connection) fragile { return fragile{A: c, T: touchy{Always: true}} }

// passes tells that a message goes from a to b.
func passes(t *testing.T, a, b *Connection, text string) {
	t.Helper()
	if err := a.Send(soon(t), []byte(text)); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Recv(soon(t)); string(got) != text || err != nil {
		t.Fatalf("%q, %v; want %q", got, err, text)
	}
}

// movesAndEchoes tells that there can be handed to a child, and works there.
func movesAndEchoes(t *testing.T, here, there *Connection) {
	t.Helper()
	p := mustStart(t, echo, there, Options{})
	thereAndBack(t, here, []byte("hello"))
	if err := here.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Join(soon(t)); n != 1 || err != nil {
		t.Errorf("%d messages, %v", n, err)
	}
}

func TestAConnectionStaysWhileSomebodySends(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		sent := make(chan error)
		go func() { sent <- a.Send(soon(t), make([]byte, longMessage)) }()
		partArrives(t, b)
		_, err := echo.Start(a, Options{})
		says(t, "Start", err, "somebody sends over it")
		if got, err := b.Recv(soon(t)); len(got) != longMessage || err != nil {
			t.Errorf("%d bytes, %v", len(got), err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		movesAndEchoes(t, b, a)
	})
}

// A child would write behind half a message.
func TestAConnectionStaysAfterHalfAMessage(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		ctx, cancel := context.WithCancel(t.Context())
		sent := make(chan error)
		go func() { sent <- a.Send(ctx, make([]byte, longMessage)) }()
		partArrives(t, b)
		cancel()
		if err := <-sent; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		_, err := echo.Start(a, Options{})
		says(t, "Start", err, "cut short")
	})
}

// Nobody sends between the encoding of a connection and the start of the child.
func TestNobodySendsDuringAHandover(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		during := make(chan error, 1)
		argument := carried{a, reporting{func() error {
			during <- a.Send(brief(t), []byte("behind the child's back"))
			return nil
		}}}
		p, err := echoCarried.Start(argument, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = p.Kill(); <-p.Ended() }()
		if err := <-during; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("sent during the hand-over: %v", err)
		}
		thereAndBack(t, b, []byte("hello"))
	})
}

type carried struct {
	C *Connection
	R reporting
}

var echoCarried = Func("echoCarried", func(ctx context.Context, a carried) (int, error) {
	msg, err := a.C.Recv(ctx)
	if err != nil {
		return 0, err
	}
	return 1, a.C.Send(ctx, msg)
})

// mishaps are the ways in which a connection does not get to a child.
var mishaps = map[string]func(c *Connection) error{
	"a later field": func(c *Connection) error { _, err := takeFragile.Start(spoilt(c), Options{}); return err },
	"twice":         func(c *Connection) error { _, err := takeFragile.Start(fragile{A: c, B: c}, Options{}); return err },
	"too large": func(c *Connection) error {
		_, err := sendTexts.Start(textsTo{c, make([]string, 1<<17)}, Options{MaxMessage: 1 << 16})
		return err
	},
	"no process": func(c *Connection) error { _, err := echo.Start(c, Options{CPUs: []int{-1}}); return err },
	"a message":  func(c *Connection) error { return TypedConn[*Connection](c).Send(context.Background(), c) },
	"by itself":  func(c *Connection) error { _, err := c.MarshalCBOR(); return err },
}

// After a hand-over that has failed, a connection is as it was, and who waits
// there goes on waiting.
func TestAFailedHandoverLeavesNoTrace(t *testing.T) {
	for name, fail := range mishaps {
		t.Run(name, func(t *testing.T) {
			kinds(t, func(t *testing.T, a, b *Connection) {
				passes(t, a, b, "before")
				var waiting <-chan struct{}
				if runtime.GOOS != "windows" { // where a wait for a pipe cannot be broken off
					waiting = b.Ready()
				}
				for range 3 {
					if err := fail(b); err == nil {
						t.Fatal("it did not fail")
					}
				}
				select {
				case <-waiting:
					t.Error("the waiting has ended")
				default:
				}
				passes(t, a, b, "after")
				passes(t, b, a, "back")
				movesAndEchoes(t, a, b)
			})
		})
	}
}

func TestARefusedHandoverLeavesReceiversAlone(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		type received struct {
			msg []byte
			err error
		}
		got := make(chan received)
		go func() {
			msg, err := b.Recv(context.Background())
			got <- received{append([]byte(nil), msg...), err}
		}()
		eventually(t, "received from", func() bool { return len(b.receiving) > 0 })
		ready := b.Ready() // has to wait for the other's turn to end
		for range 3 {
			_, err := echo.Start(b, Options{})
			says(t, "Start", err, "somebody receives from it")
		}
		if err := errors.Join(a.Send(soon(t), []byte("one")), a.Send(soon(t), []byte("two"))); err != nil {
			t.Fatal(err)
		}
		if r := <-got; string(r.msg) != "one" || r.err != nil {
			t.Errorf("%q, %v", r.msg, r.err)
		}
		<-ready
		if msg, err := b.Recv(soon(t)); string(msg) != "two" || err != nil {
			t.Errorf("%q, %v", msg, err)
		}
	})
}

func TestAConnectionIsInOneArgumentOnce(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		_, err := takeFragile.Start(fragile{A: b, B: b}, Options{})
		says(t, "Start", err, "only once")
		movesAndEchoes(t, a, b)
	})
}

// What is done with a connection that has moved says so; also what has begun
// before.
func TestAConnectionThatHasMovedSaysSo(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		begun := make(chan error, 1)
		if runtime.GOOS == "windows" { // where a wait for a pipe cannot be broken off
			begun <- ErrMoved
		} else {
			waiting := b.Ready()
			go func() {
				_, err := b.Recv(soon(t))
				begun <- err
			}()
			defer func() { <-waiting }()
		}
		mustStart(t, echo, b, Options{})
		moved := func(what string, err error) {
			if !errors.Is(err, ErrMoved) {
				t.Errorf("%s: %v", what, err)
			}
		}
		moved("a Recv before", <-begun)
		moved("Send", b.Send(soon(t), nil))
		moved("Send", b.Send(context.Background(), nil))
		_, err := b.Recv(soon(t))
		moved("Recv", err)
		_, err = b.Recv(context.Background())
		moved("Recv", err)
		if err := b.SendFile(soon(t), os.Stdin); !errors.Is(err, ErrNoFiles) {
			moved("SendFile", err)
			_, err = b.RecvFile(soon(t))
			moved("RecvFile", err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		passes(t, a, a, "") // by the child
	})
}

// What the user has closed has not moved.
func TestAClosedConnectionDoesNotMove(t *testing.T) {
	kinds(t, func(t *testing.T, a, _ *Connection) {
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := echo.Start(a, Options{})
		_, received := a.Recv(soon(t))
		for what, err := range map[string]error{"Start": err, "Send": a.Send(soon(t), nil), "Recv": received} {
			if err == nil || errors.Is(err, ErrMoved) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("Start: %v", err)
		}
	})
}

// Close is for this side: if the connection is on its way to a child, the child
// gets it; if it stays, it is closed.
func TestCloseDuringAHandover(t *testing.T) {
	kinds(t, func(t *testing.T, a, b *Connection) {
		p, err := echoCarried.Start(carried{b, reporting{b.Close}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = p.Kill(); <-p.Ended() }()
		thereAndBack(t, a, []byte("hello"))
	})
	kinds(t, func(t *testing.T, a, b *Connection) {
		_, err := echoCarried.Start(carried{b, reporting{func() error {
			return errors.Join(b.Close(), errors.New("cannot be encoded"))
		}}}, Options{})
		says(t, "Start", err, "cannot be encoded")
		if err := a.Send(soon(t), nil); err == nil {
			t.Error("the other side is still there")
		}
	})
}
