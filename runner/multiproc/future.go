package multiproc

import (
	"context"
	"sync"
)

// A Future is a result that is on its way: Python's AsyncResult. Whether it is
// ready, a receive from Done in a select says.
type Future[R any] struct {
	mu      sync.Mutex
	settled bool
	result  R
	err     error
	done    chan struct{} // nil while nobody has asked for it
	calls   []func(R, error)
}

// settle sets the outcome, once.
func (f *Future[R]) settle(r R, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.result, f.err, f.settled = r, err, true
	if f.done != nil {
		close(f.done)
	}
	for _, call := range f.calls {
		go call(r, err)
	}
	f.calls = nil
}

// now returns the outcome, if there is one.
func (f *Future[R]) now() (r R, err error, settled bool) { //nolint:revive // they belong together
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.result, f.err, f.settled
}

// Done is closed when the result is there.
func (f *Future[R]) Done() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.done == nil {
		if f.settled {
			return closedChannel
		}
		f.done = make(chan struct{})
	}
	return f.done
}

// Get waits for the result. A ctx that ends gives up the waiting, not the work.
func (f *Future[R]) Get(ctx context.Context) (R, error) {
	// A result that has come counts, whatever became of ctx.
	if r, err, settled := f.now(); settled {
		return r, err
	}
	select {
	case <-f.Done():
		r, err, _ := f.now()
		return r, err
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
	if f.settled {
		go call(f.result, f.err)
		return
	}
	f.calls = append(f.calls, call)
}
