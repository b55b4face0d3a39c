package multiproc

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"
)

func mustBytePipe(t *testing.T) (*Connection, *Connection) {
	t.Helper()
	a, b, err := BytePipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = a.Close(), b.Close() })
	return a, b
}

// Python's test_wait_integer: connections and sentinels of processes, mixed.
func TestPyWaitInteger(t *testing.T) {
	a, b := mustBytePipe(t)
	here, there := mustBytePipe(t)
	p := mustStart(t, echo, there, Options{})
	items := []Waitable{a, p, b}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if ready, err := Wait(ctx, items...); len(ready) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%v are ready, %v", ready, err)
	}
	if err := here.Close(); err != nil { // ends the child
		t.Fatal(err)
	}
	if ready, err := Wait(soon(t), items...); !slices.Equal(ready, []Waitable{p}) || err != nil {
		t.Errorf("%v are ready, %v; want the process", ready, err)
	}
	if err := b.Send(soon(t), []byte("x")); err != nil {
		t.Fatal(err)
	}
	<-a.Ready()
	if ready, err := Wait(over(t), items...); !slices.Equal(ready, []Waitable{a, p}) || err != nil {
		t.Errorf("%v are ready, %v; want the connection and the process", ready, err)
	}
	if _, err := a.Recv(soon(t)); err != nil {
		t.Fatal(err)
	}
	if ready, err := Wait(soon(t), items...); !slices.Equal(ready, []Waitable{p}) || err != nil {
		t.Errorf("%v are ready after the message was received, %v", ready, err)
	}
}

// Python's test_wait: the messages of several processes, until all have ended.
func TestPyWait(t *testing.T) {
	var waiting []Waitable
	for i := range 4 {
		r, s, err := OneWayPipe[int]()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		mustStart(t, sendNumbers, numberedSender{i, s}, Options{})
		waiting = append(waiting, r)
	}
	got := map[[2]int]bool{}
	for len(waiting) > 0 {
		ready, err := Wait(soon(t), waiting...)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range ready {
			n, err := w.(*Receiver[int]).Recv(soon(t))
			switch {
			case errors.Is(err, io.EOF):
				waiting = slices.DeleteFunc(waiting, func(other Waitable) bool { return other == w })
			case err != nil:
				t.Fatal(err)
			default:
				got[[2]int{n / 100, n % 100}] = true
			}
		}
	}
	if len(got) != 40 {
		t.Errorf("%d messages, want 40", len(got))
	}
}

type numberedSender struct {
	Which int
	Up    *Sender[int]
}

// sendNumbers sends ten numbers.
var sendNumbers = Func("sendNumbers", func(ctx context.Context, a numberedSender) (int, error) {
	for i := range 10 {
		if err := a.Up.Send(ctx, 100*a.Which+i); err != nil {
			return i, err
		}
	}
	return 10, nil
})

func TestWaitForNothing(t *testing.T) {
	if ready, err := Wait(t.Context()); ready != nil || err != nil {
		t.Errorf("%v, %v", ready, err)
	}
	r, s, err := OneWayPipe[int]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer s.Close()
	if _, err := Wait(over(t), s.Connection()); err == nil {
		t.Error("an end that only sends is ready")
	}
}

// Waiting in vain leaves one reader a connection, however often, and none when
// it is closed.
func TestWaitLeavesNoGoroutines(t *testing.T) {
	before := runtime.NumGoroutine()
	a, b := mustBytePipe(t)
	for range 100 {
		if _, err := Wait(over(t), a, b); err == nil {
			t.Fatal("something came")
		}
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines, there were %d", n, before)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "without readers", func() bool { return runtime.NumGoroutine() <= before })
}
