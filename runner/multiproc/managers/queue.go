package managers

import (
	"context"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Queue holds values of type T for whoever takes them first: see
// [multiproc.Queue].
type Queue[T any] struct{ proxy[queueOf[T]] }

type queueOf[T any] struct{}

func (queueOf[T]) words() string { return "queue of " + nameOf[T]() }

// NewQueue makes a queue with room for that many values; 0 means any number.
func NewQueue[T any](ctx context.Context, where In, room int) (*Queue[T], error) {
	p, err := newQueue[T, queueOf[T]](ctx, where, room, no)
	if err != nil {
		return nil, err
	}
	return &Queue[T]{p}, nil
}

func newQueue[T any, D described](ctx context.Context, where In, room int, tasks byte) (p proxy[D], err error) {
	if room < 0 || room > 1<<31-1 {
		return p, fmt.Errorf("a queue with room for %d: want 0, for any number, or more", room)
	}
	if _, err := codec.For[T](); err != nil {
		return p, fmt.Errorf("make a queue: %w", err)
	}
	return newObject[D](ctx, where, kindQueue, append(number(nil, uint64(room)), tasks))
}

func (q *Queue[T]) line() line[T] { return line[T]{q.ref} }

// Put puts a value into the queue, and waits for room.
func (q *Queue[T]) Put(ctx context.Context, v T) error { return q.line().put(ctx, hub.QueuePut, v) }

// TryPut is Put that does not wait: without room the error is
// [multiproc.ErrFull].
func (q *Queue[T]) TryPut(ctx context.Context, v T) error {
	return q.line().put(ctx, hub.QueueTryPut, v)
}

// Get waits for a value and takes it. After Shut it returns what is left, and
// then [multiproc.ErrClosed].
func (q *Queue[T]) Get(ctx context.Context) (T, error) { return q.line().get(ctx, hub.QueueGet) }

// TryGet is Get that does not wait: without a value the error is
// [multiproc.ErrEmpty].
func (q *Queue[T]) TryGet(ctx context.Context) (T, error) {
	return q.line().get(ctx, hub.QueueTryGet)
}

// Len returns the number of values in the queue.
func (q *Queue[T]) Len(ctx context.Context) (int, error) { return q.count(ctx, hub.QueueLen) }

// Cap returns for how many values the queue has room; 0 means any number.
func (q *Queue[T]) Cap(ctx context.Context) (int, error) { return q.count(ctx, hub.QueueRoom) }

// Shut ends the putting, for everybody; what is in the queue can still be
// taken.
func (q *Queue[T]) Shut(ctx context.Context) error { return q.just(ctx, hub.QueueShut, nil) }

// A JoinableQueue is a queue that knows how many of the values that were put
// are still being worked on: see [multiproc.JoinableQueue].
type JoinableQueue[T any] struct{ proxy[joinableOf[T]] }

type joinableOf[T any] struct{}

func (joinableOf[T]) words() string { return "joinable queue of " + nameOf[T]() }

// NewJoinableQueue makes a joinable queue with room for that many values; 0
// means any number.
func NewJoinableQueue[T any](ctx context.Context, where In, room int) (*JoinableQueue[T], error) {
	p, err := newQueue[T, joinableOf[T]](ctx, where, room, yes)
	if err != nil {
		return nil, err
	}
	return &JoinableQueue[T]{p}, nil
}

// queue is what both types have in common.
func (q *JoinableQueue[T]) queue() *Queue[T] { return &Queue[T]{proxy[queueOf[T]]{q.ref}} }

// Put puts a value into the queue, and waits for room.
func (q *JoinableQueue[T]) Put(ctx context.Context, v T) error { return q.queue().Put(ctx, v) }

// TryPut is Put that does not wait: without room the error is
// [multiproc.ErrFull].
func (q *JoinableQueue[T]) TryPut(ctx context.Context, v T) error { return q.queue().TryPut(ctx, v) }

// Get waits for a value and takes it. After Shut it returns what is left, and
// then [multiproc.ErrClosed].
func (q *JoinableQueue[T]) Get(ctx context.Context) (T, error) { return q.queue().Get(ctx) }

// TryGet is Get that does not wait: without a value the error is
// [multiproc.ErrEmpty].
func (q *JoinableQueue[T]) TryGet(ctx context.Context) (T, error) { return q.queue().TryGet(ctx) }

// Len returns the number of values in the queue.
func (q *JoinableQueue[T]) Len(ctx context.Context) (int, error) { return q.queue().Len(ctx) }

// Cap returns for how many values the queue has room; 0 means any number.
func (q *JoinableQueue[T]) Cap(ctx context.Context) (int, error) { return q.queue().Cap(ctx) }

// Shut ends the putting, for everybody; what is in the queue can still be
// taken.
func (q *JoinableQueue[T]) Shut(ctx context.Context) error { return q.queue().Shut(ctx) }

// TaskDone says that the work on one value that was taken is done. To say so
// more often than values were put is [multiproc.ErrReleased].
func (q *JoinableQueue[T]) TaskDone(ctx context.Context) error {
	return q.just(ctx, hub.QueueDone, nil)
}

// Join waits until the work on all values is done.
func (q *JoinableQueue[T]) Join(ctx context.Context) error { return q.just(ctx, hub.QueueJoin, nil) }

// line is a queue as a client sees it, with the type of what is in it.
type line[T any] struct{ ref }

func (l line[T]) put(ctx context.Context, op byte, v T) error {
	b, err := encode(v)
	if err != nil {
		return fmt.Errorf("put into a queue: %w", err)
	}
	return l.just(ctx, op, b)
}

func (l line[T]) get(ctx context.Context, op byte) (v T, err error) {
	b, err := l.do(ctx, op, nil)
	if err != nil {
		return v, err
	}
	if v, err = decode[T](b); err != nil {
		return v, fmt.Errorf("get from a queue: %w", err)
	}
	return v, nil
}
