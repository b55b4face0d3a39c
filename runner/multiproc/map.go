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

// A oneCall is a call of one task. All of it is one piece of memory.
type oneCall[A, R any] struct {
	poolCall
	ctx    context.Context // of the call
	codecs *codecs[A, R]
	arg    A
	result Future[R]
}

// oneTask returns a job of one task, and what becomes of it.
func oneTask[A, R any](ctx context.Context, f Function[A, R], arg A) (job, *Future[R]) {
	c := &oneCall[A, R]{ctx: ctx, codecs: f.codecs, arg: arg}
	c.fn, c.tasks = f.name, c
	return job{hi: 1, poolCall: &c.poolCall}, &c.result
}

func (c *oneCall[A, R]) encode(dst []byte, _ int) ([]byte, error) {
	return encodeArgument(&c.codecs.in, dst, c.arg)
}

func (c *oneCall[A, R]) size(int) int { return sizeAs(&c.codecs.in, &c.arg) }

func (c *oneCall[A, R]) done(_ int, b []byte, err error) {
	var r R
	if err == nil {
		r, err = decodeResult(&c.codecs.out, b)
	}
	var none A
	c.arg = none // which who keeps the result is not to keep
	c.result.settle(r, err)
}

func (c *oneCall[A, R]) dropped() error { return c.ctx.Err() }

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
	return startMap(ctx, p, f, args, o, nil).Get(ctx)
}

// MapAsync is Map that does not wait.
func MapAsync[A, R any](p *Pool, f Function[A, R], args []A, o MapOptions) *Future[[]R] {
	return startMap(context.Background(), p, f, args, o, nil)
}

// A mapCall is a call of many tasks.
type mapCall[A, R any] struct {
	poolCall
	ctx     context.Context // of the call
	codecs  *codecs[A, R]
	args    []A
	results []R
	user    *user[R] // gets the results instead; nil if nobody does
	failed  failedTasks
	left    atomic.Int64 // tasks of which nothing is known
	forget  func() bool  // lets go of ctx
	all     Future[[]R]
}

func startMap[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, o MapOptions, u *user[R]) *Future[[]R] {
	m := &mapCall[A, R]{ctx: ctx, codecs: f.codecs, args: args, user: u}
	if u == nil {
		m.results = make([]R, len(args))
	}
	if len(args) == 0 {
		m.all.settle(m.results, nil)
		return &m.all
	}
	m.fn, m.tasks, m.chunk = f.name, m, o.Chunk
	if m.chunk <= 0 {
		shares := 4 * max(1, p.Workers())
		m.chunk = (len(args) + shares - 1) / shares
	}
	m.left.Store(int64(len(args)))
	m.forget = context.AfterFunc(ctx, func() { p.withdraw(&m.poolCall, ctx.Err()) })
	m.blocks = blocksOf(args, func(lo, n int, out *codec.BlockCodec[R], block []byte) {
		if u == nil {
			out.CopyTo(m.results[lo:lo+n], block)
			m.finish(n)
			return
		}
		u.takeBlock(lo, n, out, block, m.conclude)
	})
	submitOrFail(p, job{&m.poolCall, 0, len(args)})
	return &m.all
}

func (m *mapCall[A, R]) encode(dst []byte, i int) ([]byte, error) {
	return encodeArgument(&m.codecs.in, dst, m.args[i])
}

func (m *mapCall[A, R]) size(i int) int { return sizeAs(&m.codecs.in, &m.args[i]) }

func (m *mapCall[A, R]) done(i int, b []byte, err error) {
	switch {
	case err != nil:
	case m.user != nil:
		err = m.user.take(i, &m.codecs.out, b)
	default:
		m.results[i], err = decodeResult(&m.codecs.out, b)
	}
	m.conclude(i, err)
}

// conclude is when a task is done that may have failed.
func (m *mapCall[A, R]) conclude(i int, err error) {
	if err != nil {
		m.failed.add(&TaskError{i, err})
	}
	m.finish(1)
}

// finish is when n more tasks are done.
func (m *mapCall[A, R]) finish(n int) {
	if m.left.Add(int64(-n)) == 0 {
		m.forget()
		m.args, m.blocks = nil, nil // which who keeps the results is not to keep
		m.all.settle(m.results, m.failed.join())
	}
}

func (m *mapCall[A, R]) dropped() error { return m.ctx.Err() }

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
