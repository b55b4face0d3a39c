package multiproc

import (
	"context"
	"sync"
)

// A Future is a result that is on its way: Python's AsyncResult. Whether it is
// ready, a receive from Done in a select says.
type Future[R any] struct {
	done   chan struct{}
	result R
	err    error

	mu    sync.Mutex
	calls []func(R, error)
}

func newFuture[R any]() *Future[R] { return &Future[R]{done: make(chan struct{})} }

// settle sets the outcome, once.
func (f *Future[R]) settle(r R, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.result, f.err = r, err
	close(f.done)
	for _, call := range f.calls {
		go call(r, err)
	}
	f.calls = nil
}

// Done is closed when the result is there.
func (f *Future[R]) Done() <-chan struct{} { return f.done }

// Get waits for the result. A ctx that ends gives up the waiting, not the work.
func (f *Future[R]) Get(ctx context.Context) (R, error) {
	select { // a result that has come counts, whatever became of ctx
	case <-f.done:
		return f.result, f.err
	default:
	}
	select {
	case <-f.done:
		return f.result, f.err
	case <-ctx.Done():
		var none R
		return none, ctx.Err()
	}
}

// Then calls f with the result, in a goroutine of its own, when it is there:
// Python's callback and error_callback.
func (f *Future[R]) Then(call func(R, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.done:
		go call(f.result, f.err)
	default:
		f.calls = append(f.calls, call)
	}
}
