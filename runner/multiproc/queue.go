package multiproc

import (
	"context"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Queue holds values of type T for whoever takes them first, in the process
// that made it or in one of its descendants that got it in a message. It lives
// in the process that made it.
//
// A value is encoded by the one who puts it: one that cannot be is an error of
// that Put and takes no place, and so is one that is larger than
// [Options].MaxMessage of a process on its way here, 64 MiB if nothing else was
// said. One that does not decode, or that is larger than that of a process on
// its way from here, is an error of the Get that took it. Put returns when the value is
// in the queue, so that a process may end right after. A value that was on its
// way to a process when that one died is gone with it.
//
// Values leave in the order in which they came. Who has waited longest puts
// first, and gets first. A queue without bound holds in memory all that is put.
type Queue[T any] struct{ ref }

// NewQueue returns a queue with room for that many values; 0 means any number.
// Who puts more, waits.
func NewQueue[T any](room int) (*Queue[T], error) {
	if room < 0 {
		return nil, fmt.Errorf("a queue with room for %d: want 0, for any number, or more", room)
	}
	return &Queue[T]{share(newHubQueue(room, false))}, nil
}

// newHubQueue returns a queue for this process's hub.
func newHubQueue(room int, tasks bool) *hub.Queue {
	q := hub.NewQueue(room, tasks)
	q.Drop = letGo
	return q
}

// Put puts a value into the queue, and waits for room.
func (q *Queue[T]) Put(ctx context.Context, v T) error { return q.put(ctx, hub.QueuePut, v) }

// TryPut is Put that does not wait: without room the error is [ErrFull].
func (q *Queue[T]) TryPut(v T) error { return q.put(context.Background(), hub.QueueTryPut, v) }

func (q *Queue[T]) put(ctx context.Context, op byte, v T) error {
	c, err := codec.For[T]()
	if err != nil {
		return fmt.Errorf("put into a queue: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if n, ok := c.Size(&v); ok && n >= largeValue {
		done, err := putFar(ctx, q.ref, op, n, func(dst []byte) ([]byte, error) { return c.Append(dst, v) })
		if done {
			return err
		}
	}
	b, err := c.Append(nil, v)
	if err != nil {
		return fmt.Errorf("put into a queue: %w", err)
	}
	_, err = q.do(ctx, op, b)
	return err
}

// Get waits for a value and takes it. After Shut it returns what is left, and
// then [ErrClosed].
func (q *Queue[T]) Get(ctx context.Context) (T, error) { return q.get(ctx, hub.QueueGet) }

// GetFunc waits for a value, takes it and calls use with it, where it lies: the
// elements of a slice of fixed-size values, such as bytes, in memory to which the
// other process has written them, if both share some. They are good until use
// returns, and must not be changed. The error is that of use, or one of Get; the
// value is taken either way.
func (q *Queue[T]) GetFunc(ctx context.Context, use func(v T) error) error {
	b, err := q.do(ctx, hub.QueueGet, nil)
	if err != nil {
		return err
	}
	defer letGo(b)
	c, err := codec.For[T]()
	if err != nil {
		return fmt.Errorf("get from a queue: %w", err)
	}
	v, err := c.View(b)
	if err != nil {
		return fmt.Errorf("get from a queue: %w", err)
	}
	return use(v)
}

// TryGet is Get that does not wait: without a value the error is [ErrEmpty].
func (q *Queue[T]) TryGet() (T, error) { return q.get(context.Background(), hub.QueueTryGet) }

func (q *Queue[T]) get(ctx context.Context, op byte) (T, error) {
	b, err := q.do(ctx, op, nil)
	if err != nil {
		var none T
		return none, err
	}
	v, err := unmarshal[T](b, nil)
	letGo(b)
	if err != nil {
		return v, fmt.Errorf("get from a queue: %w", err)
	}
	return v, nil
}

// Len returns the number of values in the queue. When it returns, there may be
// more or less already; so it is with Empty and Full.
func (q *Queue[T]) Len() (int, error) { return q.count(hub.QueueLen) }

// Cap returns for how many values the queue has room; 0 means any number.
func (q *Queue[T]) Cap() (int, error) { return q.count(hub.QueueRoom) }

// Empty tells whether there is no value in the queue.
func (q *Queue[T]) Empty() (bool, error) {
	n, err := q.Len()
	return n == 0 && err == nil, err
}

// Full tells whether there is no room in the queue.
func (q *Queue[T]) Full() (bool, error) {
	n, err := q.Len()
	if err != nil {
		return false, err
	}
	room, err := q.Cap()
	return room > 0 && n >= room, err
}

// Shut ends the putting, for everybody: to put is [ErrClosed] from then on, and
// what is in the queue can still be taken.
func (q *Queue[T]) Shut() error {
	_, err := q.now(hub.QueueShut)
	return err
}

// Close ends the queue, with all that is in it: whoever waits gets [ErrClosed].
// Only the process that made it can do that. Shut first where what is in it is
// still to be taken.
func (q *Queue[T]) Close() error { return q.close() }

// A JoinableQueue is a queue that knows how many of the values that were put
// are still being worked on.
//
// When a process ends, the values that it had taken and not called done count
// as done, and the next Join to end says so by [ErrOwnerDied], once, rather than
// never to end. Any process may call done what another has taken; the count
// holds then, too.
type JoinableQueue[T any] struct{ Queue[T] }

// NewJoinableQueue returns a joinable queue with room for that many values; 0
// means any number.
func NewJoinableQueue[T any](room int) (*JoinableQueue[T], error) {
	if room < 0 {
		return nil, fmt.Errorf("a queue with room for %d: want 0, for any number, or more", room)
	}
	return &JoinableQueue[T]{Queue[T]{share(newHubQueue(room, true))}}, nil
}

// TaskDone says that the work on one value that was taken is done. To say so
// more often than values were put is [ErrReleased].
func (q *JoinableQueue[T]) TaskDone() error {
	_, err := q.now(hub.QueueDone)
	return err
}

// Join waits until the work on all values is done.
func (q *JoinableQueue[T]) Join(ctx context.Context) error {
	_, err := q.do(ctx, hub.QueueJoin, nil)
	return err
}

// A SimpleQueue is a queue without bound, with the least that there is to it.
type SimpleQueue[T any] struct{ q Queue[T] }

// NewSimpleQueue returns an empty queue.
func NewSimpleQueue[T any]() *SimpleQueue[T] {
	return &SimpleQueue[T]{Queue[T]{share(newHubQueue(0, false))}}
}

// Put puts a value into the queue.
func (q *SimpleQueue[T]) Put(v T) error { return q.q.Put(context.Background(), v) }

// Get waits for a value and takes it.
func (q *SimpleQueue[T]) Get(ctx context.Context) (T, error) { return q.q.Get(ctx) }

// Empty tells whether there is no value in the queue.
func (q *SimpleQueue[T]) Empty() (bool, error) { return q.q.Empty() }

// Close ends the queue, with all that is in it. Only the process that made it
// can do that.
func (q *SimpleQueue[T]) Close() error { return q.q.Close() }

// MarshalCBOR encodes where the queue is.
func (q SimpleQueue[T]) MarshalCBOR() ([]byte, error) { return q.q.MarshalCBOR() }

// UnmarshalCBOR decodes where the queue is.
func (q *SimpleQueue[T]) UnmarshalCBOR(b []byte) error { return q.q.UnmarshalCBOR(b) }
