package multiproc

import (
	"context"
	"errors"
	"strings"
	"testing"
)

var (
	makeLock = Func("makeLock", func(context.Context, struct{}) (*Lock, error) { return NewLock(), nil })

	// flood puts items of a kilobyte and ends.
	flood = Func("flood", func(ctx context.Context, a flooded) (int, error) {
		for range a.Items {
			if err := a.Queue.Put(ctx, strings.Repeat("x", 1024)); err != nil {
				return 0, err
			}
		}
		return a.Items, nil
	})
)

type flooded struct {
	Queue *Queue[string]
	Items int
}

func newQueue[T any](t *testing.T, room int) *Queue[T] {
	t.Helper()
	q, err := NewQueue[T](room)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

func TestPyPut(t *testing.T) {
	q := newQueue[int](t, 3)
	a := act(t, play{Queue: q})
	for i := range 3 {
		if full, err := q.Len(); full != i || err != nil {
			t.Errorf("%d items, %v; want %d", full, err, i)
		}
		if err := q.Put(soon(t), i); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.TryPut(4); !errors.Is(err, ErrFull) {
		t.Errorf("without waiting: %v", err)
	}
	if err := q.Put(brief(t), 4); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a time-out: %v", err)
	}
	put := make(chan error)
	go func() { put <- q.Put(soon(t), 3) }()
	a.do("get", "ok")
	if err := <-put; err != nil {
		t.Errorf("when there is room: %v", err)
	}
	for want := 1; want <= 3; want++ {
		if v, err := q.Get(soon(t)); v != want || err != nil {
			t.Errorf("%d, %v; want %d", v, err, want)
		}
	}
}

func TestPyGet(t *testing.T) {
	q := newQueue[int](t, 0)
	if _, err := q.TryGet(); !errors.Is(err, ErrEmpty) {
		t.Errorf("without waiting: %v", err)
	}
	if _, err := q.Get(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a time-out: %v", err)
	}
	a := act(t, play{Queue: q, Rounds: 5})
	a.tell("put many")
	for want := range 5 {
		if v, err := q.Get(soon(t)); v != want || err != nil {
			t.Errorf("%d, %v; want %d", v, err, want)
		}
	}
	a.hear("ok")
}

func TestPyTaskDone(t *testing.T) {
	q, err := NewJoinableQueue[int](0)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	if err := q.TaskDone(); !errors.Is(err, ErrReleased) {
		t.Errorf("without a task: %v", err)
	}
	if err := q.Join(soon(t)); err != nil {
		t.Errorf("of an empty queue: %v", err)
	}
	actors := []*actor{act(t, play{Tasks: q}), act(t, play{Tasks: q})}
	for i := range 4 {
		if err := q.Put(soon(t), i); err != nil {
			t.Fatal(err)
		}
	}
	joined := make(chan error)
	go func() { joined <- q.Join(soon(t)) }()
	for range 2 {
		for _, a := range actors {
			a.do("get task", "ok")
		}
	}
	select {
	case err := <-joined:
		t.Errorf("joined before the tasks are done: %v", err)
	default:
	}
	for range 2 {
		for _, a := range actors {
			a.do("task done", "ok")
		}
	}
	if err := <-joined; err != nil {
		t.Error(err)
	}
}

// A value that cannot be sent is an error of its Put alone, and takes no room.
// In Python it is the feeder thread that has to survive it, and to give back the
// room (test_queue_feeder_donot_stop_onexc). Here a child puts, and there is room
// for one.
func TestPyQueueFeederDonotStopOnexc(t *testing.T) {
	q := newQueue[any](t, 1)
	p := mustStart(t, putBad, q, Options{})
	said, err := p.Join(soon(t))
	if said.First == "" || said.Second == "" || said.Len != 0 || !strings.Contains(said.Full, ErrFull.Error()) || err != nil {
		t.Errorf("the child says %+v, %v", said, err)
	}
	if v, err := q.Get(soon(t)); v != "fine" || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if err := q.Put(soon(t), make(chan int)); err == nil { // and in this process
		t.Error("a channel was put")
	}
	if n, err := q.Len(); n != 0 || err != nil {
		t.Errorf("%d items, %v", n, err)
	}
}

// badPuts is what came of putting what cannot travel, with room and without,
// with how many items there were after the first.
type badPuts struct {
	First, Full, Second string
	Len                 int
}

var putBad = Func("putBad", func(ctx context.Context, q *Queue[any]) (said badPuts, err error) {
	text := func(err error) string {
		if err == nil {
			return ""
		}
		return err.Error()
	}
	said.First = text(q.Put(ctx, make(chan int)))
	if said.Len, err = q.Len(); err != nil {
		return said, err
	}
	if err := q.Put(ctx, "fine"); err != nil {
		return said, err
	}
	said.Full = text(q.TryPut("no room"))
	said.Second = text(q.Put(ctx, make(chan int))) // which is no wait for room
	return said, nil
})

// One that does not decode is an error of its Get, and its room is free.
func TestAnItemThatDoesNotDecodeIsAnErrorOfItsGet(t *testing.T) {
	texts := newQueue[string](t, 1)
	if err := texts.Put(soon(t), "text"); err != nil {
		t.Fatal(err)
	}
	if v, err := (&Queue[int]{texts.ref}).Get(soon(t)); err == nil {
		t.Errorf("a text as a number: %v", v)
	}
	if err := texts.TryPut("more"); err != nil {
		t.Errorf("after that: %v", err)
	}
}

func TestPyClosedQueuePutGetExceptions(t *testing.T) {
	q := newQueue[int](t, 0)
	if err := errors.Join(q.Put(soon(t), 7), q.Shut()); err != nil {
		t.Fatal(err)
	}
	if err := q.Put(soon(t), 8); !errors.Is(err, ErrClosed) {
		t.Errorf("put after shut: %v", err)
	}
	if v, err := q.Get(soon(t)); v != 7 || err != nil {
		t.Errorf("what is left: %v, %v", v, err)
	}
	if _, err := q.Get(soon(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("get when nothing is left: %v", err)
	}
	waits := newQueue[int](t, 0)
	a := act(t, play{Queue: waits})
	a.tell("get")
	if err := waits.Close(); err != nil {
		t.Error(err)
	}
	a.hear(ErrClosed.Error())

	s := NewSimpleQueue[int]()
	if empty, err := s.Empty(); !empty || err != nil {
		t.Errorf("empty: %v, %v", empty, err)
	}
	if err := s.Put(1); err != nil {
		t.Error(err)
	}
	if v, err := s.Get(soon(t)); v != 1 || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	for range 2 { // idempotent
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What others suffer: a child that has put more than a pipe holds cannot be
// joined before the queue is read.
func TestJoinBeforeTheQueueIsRead(t *testing.T) {
	q := newQueue[string](t, 0)
	items := 10 << 10 // 10 MiB
	if testing.Short() {
		items = 1 << 10 // still more than a pipe takes
	}
	p := mustStart(t, flood, flooded{q, items}, Options{})
	if n, err := p.Join(soon(t)); n != items || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	for range items {
		if v, err := q.TryGet(); len(v) != 1024 || err != nil {
			t.Fatalf("%d bytes, %v", len(v), err)
		}
	}
}

func TestTooLargeAnItemIsAnErrorOfItsOwn(t *testing.T) {
	q := newQueue[string](t, 0)
	p := mustStart(t, putLarge, q, Options{})
	if said, err := p.Join(soon(t)); !strings.Contains(said, "too large") || err != nil {
		t.Errorf("%q, %v", said, err)
	}
	if v, err := q.Get(soon(t)); v != "small" || err != nil {
		t.Errorf("the item after it: %d bytes, %v", len(v), err)
	}
}

var putLarge = Func("putLarge", func(ctx context.Context, q *Queue[string]) (string, error) {
	err := q.Put(ctx, strings.Repeat("x", 65<<20))
	if err == nil {
		return "it was put", nil
	}
	return err.Error(), q.Put(ctx, "small")
})
