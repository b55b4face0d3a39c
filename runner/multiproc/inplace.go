package multiproc

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// ApplyFunc is [Apply] that calls use with the result, where it lies, as [MapFunc]
// does. The error is that of use, or one of Apply.
func ApplyFunc[A, R any](ctx context.Context, p *Pool, f Function[A, R], arg A, use func(r R) error) error {
	err := MapFunc(ctx, p, f, []A{arg}, MapOptions{Chunk: 1}, func(_ int, r R) error { return use(r) })
	if t, ok := errors.AsType[*TaskError](err); ok {
		return t.Err
	}
	return err
}

// MapFunc is [Map] that calls use with the number of each argument and its result,
// as they come, one at a time, and where they lie: the elements of a slice of
// fixed-size values, such as bytes, in memory to which the worker has written them,
// if it shares some. They are good until use returns, and must not be changed.
//
// An error of use, or its panic, is that of the task. When MapFunc returns, use has
// returned, and is not called any more. The worker waits for it, and so do others
// that have results: use must not wait for tasks of the same pool, or for its end.
func MapFunc[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, o MapOptions, use func(i int, r R) error) error {
	u := &taker[R]{call: use}
	defer u.end()
	_, err := startMap(ctx, p, f, args, o, u).Get(ctx)
	return err
}

// A taker is what results are given to where they lie.
type taker[R any] struct {
	mu   sync.Mutex
	call func(i int, r R) error
	over bool // nobody wants any more
}

// errUnused is that of a result that has come for nobody.
var errUnused = errors.New("the result has come too late to be used")

// with calls it.
func (u *taker[R]) with(i int, r R) (err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return errUnused
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the use of the result panicked: %v", p)
		}
	}()
	return u.call(i, r)
}

// read calls it with the result in a message.
func (u *taker[R]) read(i int, known *codec.Lazy[R], b []byte) error {
	r, err := viewAs(known, b, nil)
	if err != nil {
		return fmt.Errorf("decode the result: %w", err)
	}
	return u.with(i, r)
}

// end waits until it is not called any more.
func (u *taker[R]) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
}
