package multiproc

import (
	"context"
	"errors"
	"fmt"

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
// as they come, and where they lie: the elements of a slice of fixed-size values,
// such as bytes, in memory to which the worker has written them, if it shares some.
// They are good until use returns, and must not be changed. An error of use is that
// of the task.
//
// Until use returns, the worker that the result is from waits, and so do others that
// have results; their [PoolOptions].TaskTimeout is not kept meanwhile. So use must not
// wait for tasks of the same pool, or for its end.
func MapFunc[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, o MapOptions, use func(i int, r R) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // nobody wants what is left of it if use panics
	u := &user[R]{use: use, calls: make(chan func()), gone: ctx.Done()}
	all := startMap(ctx, p, f, args, o, u)
	for {
		select {
		case call := <-u.calls:
			call()
		case <-all.Done():
			_, err := all.Get(ctx)
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// A user is the goroutine that uses results where they lie.
type user[R any] struct {
	use   func(i int, r R) error
	calls chan func()
	gone  <-chan struct{}
}

// errUnused is that of a result that nobody has used.
var errUnused = errors.New("the result was not used")

// do has the user call f, and waits for its end, however that comes about. A user that
// is gone does not.
func (u *user[R]) do(f func()) {
	done := make(chan struct{})
	select {
	case u.calls <- func() { defer close(done); f() }:
		<-done
	case <-u.gone:
	}
}

// take has the result in a message used.
func (u *user[R]) take(i int, known *codec.Lazy[R], b []byte) error {
	r, err := viewAs(known, b, nil)
	if err != nil {
		return fmt.Errorf("decode the result: %w", err)
	}
	err = errUnused
	u.do(func() { err = u.use(i, r) })
	return err
}

// takeBlock has the results of n tasks used, and tells of each what came of that.
func (u *user[R]) takeBlock(lo, n int, out *codec.BlockCodec[R], block []byte, tell func(i int, err error)) {
	k := 0
	u.do(func() {
		for ; k < n; k++ {
			tell(lo+k, u.use(lo+k, out.Value(block, k)))
		}
	})
	for ; k < n; k++ {
		tell(lo+k, errUnused)
	}
}
