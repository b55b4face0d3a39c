package multiproc

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
)

// What others suffer: blocking behaviour undocumented. Each of these is what the
// documentation of a function says. That something waits is shown without a
// clock: it has not returned while what it waits for cannot have come.

// Send waits while the other side is behind by more than the system buffers, and
// goes on when it reads.
func TestSendWaitsWhileThePipeIsFull(t *testing.T) {
	kinds(t, func(t *testing.T, here, there *Connection) {
		const size, messages = 1 << 10, 4 << 10 // 4 MiB, more than any pipe holds
		talk, its, err := Pipe[bool]()
		if err != nil {
			t.Fatal(err)
		}
		defer talk.Close()
		var sent atomic.Int64
		done := make(chan error, 1)
		go func() {
			for range messages {
				if err := here.Send(soon(t), make([]byte, size)); err != nil {
					done <- err
					return
				}
				sent.Add(1)
			}
			done <- here.Close()
		}()
		// Until the child is up there is time for much more than a pipe holds.
		p := mustStart(t, readWhenTold, lateReader{its, there}, Options{})
		if _, err := talk.Recv(soon(t)); err != nil {
			t.Fatal(err)
		}
		if n := sent.Load(); n == messages {
			t.Errorf("all %d messages were sent before anybody has read", n)
		}
		if err := talk.Send(soon(t), true); err != nil {
			t.Fatal(err)
		}
		if n, err := p.Join(soon(t)); n != messages || err != nil {
			t.Errorf("%d messages arrived, %v; want %d", n, err, messages)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// lateReader is the argument of readWhenTold.
type lateReader struct {
	Talk *Conn[bool]
	From *Connection
}

// readWhenTold says that it is up and, when it is told to, receives until there
// is no more, and counts.
var readWhenTold = Func("readWhenTold", func(ctx context.Context, a lateReader) (int, error) {
	if err := a.Talk.Send(ctx, true); err != nil {
		return 0, err
	}
	if _, err := a.Talk.Recv(ctx); err != nil {
		return 0, err
	}
	for n := 0; ; n++ {
		if _, err := a.From.Recv(ctx); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
})

// A worker or child that is killed while the parent sends it something large
// ends the Send with an error: the pipe stays full for ever.
func TestSendEndsWithADeadReader(t *testing.T) {
	kinds(t, func(t *testing.T, here, there *Connection) {
		p := mustStart(t, readNothing, there, Options{})
		if _, err := here.Recv(soon(t)); err != nil { // it is up
			t.Fatal(err)
		}
		sent := make(chan error, 1)
		go func() { sent <- here.Send(soon(t), make([]byte, longMessage)) }()
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the Send to a process that has not read: %v", err)
		}
	})
}

var readNothing = Func("readNothing", func(ctx context.Context, c *Connection) (int, error) {
	if err := c.Send(ctx, nil); err != nil {
		return 0, err
	}
	select {}
})

// Put waits for room, and goes on as soon as another process has made some.
func TestPutWaitsForRoom(t *testing.T) {
	const room = 2
	q := newQueue[int](t, room)
	a := act(t, play{Queue: q, Rounds: room + 1})
	a.tell("put many")
	eventually(t, "full", func() bool { full, err := q.Full(); return full && err == nil })
	select {
	case said := <-heard(a):
		t.Fatalf("with one item more than there is room for, the child says %s", said)
	default:
	}
	for want := range room + 1 {
		if n, err := q.Len(); n > room || err != nil {
			t.Errorf("%d items, %v", n, err)
		}
		if v, err := q.Get(soon(t)); v != want || err != nil {
			t.Errorf("%d, %v; want %d", v, err, want)
		}
	}
	a.hear("ok")
}

// heard is closed, or has a message, when the child has said something.
func heard(a *actor) <-chan struct{} { return a.conn.Connection().Ready() }

// Without a bound, Put never waits: all is in the queue before anybody gets.
func TestPutNeverWaitsWithoutABound(t *testing.T) {
	items := 10_000
	if testing.Short() {
		items = 1000
	}
	q := newQueue[int](t, 0)
	a := act(t, play{Queue: q, Rounds: items})
	a.do("put many", "ok")
	if n, err := q.Len(); n != items || err != nil {
		t.Errorf("%d items, %v", n, err)
	}
	for want := range items {
		if v, err := q.TryGet(); v != want || err != nil {
			t.Fatalf("%d, %v; want %d", v, err, want)
		}
	}
}

// Get waits for an item of another process.
func TestGetWaitsForAnItem(t *testing.T) {
	q := newQueue[int](t, 0)
	a := act(t, play{Queue: q})
	a.tell("get")
	select {
	case said := <-heard(a):
		t.Fatalf("with nothing to get, the child says %v", said)
	default:
	}
	if err := q.Put(soon(t), 1); err != nil {
		t.Fatal(err)
	}
	a.hear("ok")
}

// Submitting to a pool never waits, however busy its workers are; and Imap
// takes no more arguments than it may read ahead.
func TestSubmittingToAPoolDoesNotWait(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 1})
	e := NewEvent()
	defer e.Close()
	busy := ApplyAsync(p, awaitEvent, e)
	var all []*Future[int]
	for i := range 1000 {
		all = append(all, ApplyAsync(p, double, i))
	}
	select {
	case <-busy.Done():
		t.Error("the worker is not busy")
	case <-all[0].Done():
		t.Error("a busy worker has done another task")
	default:
	}
	if err := e.Set(); err != nil {
		t.Fatal(err)
	}
	for i, f := range all {
		if n, err := f.Get(soon(t)); n != 2*i || err != nil {
			t.Errorf("task %d: %d, %v", i, n, err)
		}
	}
}

var awaitEvent = Func("awaitEvent", func(ctx context.Context, e *Event) (bool, error) { return true, e.Wait(ctx) })
