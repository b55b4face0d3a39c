package multiproc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// MapOptions are those of the calls with many tasks. The zero value is ready to
// use.
type MapOptions struct {
	// Chunk is how many tasks go to a worker together; fewer do where that is
	// more than 8 KiB of arguments or results. 0 means, as in Python, a quarter
	// of each worker's share in [Map] and [MapAsync], and 1 in [Imap] and
	// [ImapUnordered].
	Chunk int

	// Ahead is how many chunks [Imap] and [ImapUnordered] read from their input
	// before the first result is taken; 0 means twice as many as there are
	// workers. More than 1048576 are an error.
	Ahead int
}

// A TaskError is that of one of many tasks.
type TaskError struct {
	Index int // of its argument
	Err   error
}

func (e *TaskError) Error() string { return fmt.Sprintf("task %d: %v", e.Index, e.Err) }

// Unwrap returns the error without the index.
func (e *TaskError) Unwrap() error { return e.Err }

// Apply runs f(arg) in a worker and returns its result. When ctx ends, Apply
// returns; the task does not begin any more, or goes on for nobody. The context
// that f gets in the worker is another one, which does not end, neither with
// ctx nor with [Child.Interrupt]: a task that is to end is given a limit, by
// [PoolOptions].TaskTimeout or in its argument.
func Apply[A, R any](ctx context.Context, p *Pool, f Function[A, R], arg A) (R, error) {
	j, result := oneTask(ctx, f, arg)
	if j.fn == "" || ctx.Err() != nil || !p.applyNow(j) {
		submitOrFail(p, j)
	}
	return result.Get(ctx)
}

// ApplyAsync is Apply that does not wait.
func ApplyAsync[A, R any](p *Pool, f Function[A, R], arg A) *Future[R] {
	j, result := oneTask(context.Background(), f, arg)
	submitOrFail(p, j)
	return result
}

// oneTask returns a job of one task, and what becomes of it.
func oneTask[A, R any](ctx context.Context, f Function[A, R], arg A) (job, *Future[R]) {
	result := newFuture[R]()
	var in codec.Lazy[A]
	var out codec.Lazy[R]
	return job{hi: 1, poolCall: &poolCall{
		fn:      f.name,
		encode:  func(dst []byte, _ int) ([]byte, error) { return encodeArgument(&in, dst, arg) },
		dropped: ctx.Err,
		done: func(_ int, b []byte, err error) {
			var r R
			if err == nil {
				r, err = decodeResult(&out, b)
			}
			result.settle(r, err)
		},
	}}, result
}

// submitOrFail submits a job whose tasks have an error if the pool takes none.
func submitOrFail(p *Pool, j job) {
	if err := p.submitNamed(j); err != nil {
		j.fail(err)
	}
}

// submitNamed submits a job of a function that workers can find.
func (p *Pool) submitNamed(j job) error {
	if j.fn == "" {
		return errNoName
	}
	return p.submit(j)
}

// encodeArgument appends the message for an argument.
func encodeArgument[A any](known *codec.Lazy[A], dst []byte, arg A) ([]byte, error) {
	b, err := marshalAs(known, dst, arg, nil)
	if err != nil {
		return nil, fmt.Errorf("encode the argument: %w", err)
	}
	return b, nil
}

// decodeResult reads a result.
func decodeResult[R any](known *codec.Lazy[R], b []byte) (R, error) {
	r, err := unmarshalAs(known, b, nil)
	if err != nil {
		return r, fmt.Errorf("decode the result: %w", err)
	}
	return r, nil
}

// Map runs f for each argument in the workers, and returns the results in the
// order of the arguments. All tasks are run, also when some fail: the error then
// joins a [*TaskError] for each of those, and the other results are good. For a
// function of several arguments (Python's starmap), make them a struct.
//
// When ctx ends, Map returns: tasks that no worker is at do not begin any more.
// The context that f gets does not end, as with [Apply]. For a moment longer, args
// may still be read: they are not to be changed after that.
func Map[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, o MapOptions) ([]R, error) {
	return startMap(ctx, p, f, args, o).Get(ctx)
}

// MapAsync is Map that does not wait.
func MapAsync[A, R any](p *Pool, f Function[A, R], args []A, o MapOptions) *Future[[]R] {
	return startMap(context.Background(), p, f, args, o)
}

func startMap[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, o MapOptions) *Future[[]R] {
	all := newFuture[[]R]()
	if len(args) == 0 {
		all.settle([]R{}, nil)
		return all
	}
	chunk := o.Chunk
	if chunk <= 0 {
		shares := 4 * max(1, p.Workers())
		chunk = (len(args) + shares - 1) / shares
	}
	results := make([]R, len(args))
	var failed failedTasks
	var in codec.Lazy[A]
	var out codec.Lazy[R]
	var left atomic.Int64
	left.Store(int64(len(args)))
	c := &poolCall{
		fn: f.name, chunk: chunk,
		encode:  func(dst []byte, i int) ([]byte, error) { return encodeArgument(&in, dst, args[i]) },
		dropped: ctx.Err,
	}
	forget := context.AfterFunc(ctx, func() { p.withdraw(c, ctx.Err()) })
	finish := func(n int) {
		if left.Add(int64(-n)) == 0 {
			forget()
			all.settle(results, failed.join())
		}
	}
	c.done = func(i int, b []byte, err error) {
		if err == nil {
			results[i], err = decodeResult(&out, b)
		}
		if err != nil {
			failed.add(&TaskError{i, err})
		}
		finish(1)
	}
	c.blocks = blocksOf(args, func(lo, n int, out *codec.BlockCodec[R], block []byte) {
		out.CopyTo(results[lo:lo+n], block)
		finish(n)
	})
	submitOrFail(p, job{c, 0, len(args)})
	return all
}

// failedTasks are the errors of tasks, of which there are mostly none.
type failedTasks struct {
	mu   sync.Mutex
	errs []*TaskError
}

func (f *failedTasks) add(err *TaskError) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errs = append(f.errs, err)
}

// join returns one error for all, in the order of the tasks; nil if there are
// none.
func (f *failedTasks) join() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	slices.SortFunc(f.errs, func(a, b *TaskError) int { return cmp.Compare(a.Index, b.Index) })
	errs := make([]error, len(f.errs))
	for i, err := range f.errs {
		errs[i] = err
	}
	return errors.Join(errs...)
}

// batch collects the outcomes of one chunk of an iterated call.
type batch[R any] struct {
	results []R
	errs    []error // nil for tasks that have a result
}

// submitBatch submits one chunk. Its tasks are counted from first. An error says
// that the pool takes none; then ended is not called.
func submitBatch[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, first int, ended func(*batch[R])) error {
	b := &batch[R]{results: make([]R, len(args)), errs: make([]error, len(args))}
	var in codec.Lazy[A]
	var out codec.Lazy[R]
	var left atomic.Int64
	left.Store(int64(len(args)))
	finish := func(n int) {
		if left.Add(int64(-n)) == 0 {
			ended(b)
		}
	}
	put := func(lo, n int, out *codec.BlockCodec[R], block []byte) {
		out.CopyTo(b.results[lo:lo+n], block)
		finish(n)
	}
	return p.submitNamed(job{hi: len(args), poolCall: &poolCall{
		fn: f.name, blocks: blocksOf(args, put),
		encode:  func(dst []byte, i int) ([]byte, error) { return encodeArgument(&in, dst, args[i]) },
		dropped: ctx.Err,
		done: func(i int, msg []byte, err error) {
			if err == nil {
				b.results[i], err = decodeResult(&out, msg)
			}
			if err != nil {
				b.errs[i] = &TaskError{first + i, err}
			}
			finish(1)
		},
	}})
}
