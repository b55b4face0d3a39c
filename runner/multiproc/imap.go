package multiproc

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// Imap runs f for each argument of a sequence and yields the results in the
// order of the arguments, each with its error. It reads ahead no further than
// [MapOptions].Ahead says, so that the sequence may be long, or endless.
// Breaking off ends it: tasks that no worker has yet do not begin any more. The
// sequence is read in the goroutine of the loop, between results.
//
// A panic of the sequence is an error at its place, after which there is no
// more, and so is that of a pool which takes no more tasks. When ctx ends, that
// is the last error. What the sequence does when the loop has broken off, it
// does in the loop's goroutine, as if that ranged over it: a panic there goes to
// the loop, because no error can be yielded any more.
func Imap[A, R any](ctx context.Context, p *Pool, f Function[A, R], args iter.Seq[A], o MapOptions) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		in := newChunks(args, o.Chunk)
		defer in.stop()
		if err := o.check(); err != nil {
			yieldEnd(yield, err)
			return
		}
		var ahead []chan *batch[A, R] // in the order of the arguments
		for {
			for len(ahead) < o.ahead(p) {
				chunk, first, more := in.next()
				if !more {
					break
				}
				ended := make(chan *batch[A, R], 1)
				if in.err = submitBatch(ctx, p, f, chunk, first, ended); in.err != nil {
					break
				}
				ahead = append(ahead, ended)
			}
			if len(ahead) == 0 {
				yieldEnd(yield, in.err)
				return
			}
			select {
			case b := <-ahead[0]:
				ahead = ahead[1:]
				if !b.yield(yield) {
					return
				}
			case <-ctx.Done():
				yieldEnd(yield, ctx.Err())
				return
			}
		}
	}
}

// ImapUnordered is [Imap] that yields results as they come. Of a task that
// failed, the [*TaskError] tells which it was.
func ImapUnordered[A, R any](ctx context.Context, p *Pool, f Function[A, R], args iter.Seq[A], o MapOptions) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		in := newChunks(args, o.Chunk)
		defer in.stop()
		if err := o.check(); err != nil {
			yieldEnd(yield, err)
			return
		}
		most := o.ahead(p)
		ended := make(chan *batch[A, R], most) // never full, so that no worker waits
		for out := 0; ; {
			for out < most {
				chunk, first, more := in.next()
				if !more {
					break
				}
				if in.err = submitBatch(ctx, p, f, chunk, first, ended); in.err != nil {
					break
				}
				out++
			}
			if out == 0 {
				yieldEnd(yield, in.err)
				return
			}
			select {
			case b := <-ended:
				out--
				if !b.yield(yield) {
					return
				}
			case <-ctx.Done():
				yieldEnd(yield, ctx.Err())
				return
			}
		}
	}
}

// mostChunksAhead is how many chunks may be read ahead: for each there is memory.
const mostChunksAhead = 1 << 20

func (o MapOptions) check() error {
	if o.Ahead > mostChunksAhead {
		return fmt.Errorf("reading %d chunks ahead: want at most %d, or 0 for twice as many as there are workers", o.Ahead, mostChunksAhead)
	}
	return nil
}

func (o MapOptions) ahead(p *Pool) int {
	if o.Ahead > 0 {
		return o.Ahead
	}
	return 2 * max(1, p.Workers()) // of a pool that has ended, the first task tells
}

// yieldEnd yields the error that there are no more results for, if any.
func yieldEnd[R any](yield func(R, error) bool, err error) {
	if err != nil {
		var none R
		yield(none, err)
	}
}

// chunks cuts a sequence into chunks.
type chunks[A any] struct {
	size  int
	pull  func() (A, bool)
	stop  func()
	count int
	err   error // the panic of the sequence, or why the pool takes no more
}

func newChunks[A any](args iter.Seq[A], size int) *chunks[A] {
	c := &chunks[A]{size: max(1, size)}
	c.pull, c.stop = iter.Pull(args)
	return c
}

// next returns the next chunk and the number of its first argument.
func (c *chunks[A]) next() (chunk []A, first int, more bool) {
	first = c.count
	for len(chunk) < c.size {
		a, ok := c.one()
		if !ok {
			break
		}
		chunk = append(chunk, a)
	}
	c.count += len(chunk)
	return chunk, first, len(chunk) > 0
}

func (c *chunks[A]) one() (a A, ok bool) {
	if c.err != nil {
		return a, false
	}
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("the sequence of arguments panicked: %v", p)
			ok = false
		}
	}()
	return c.pull()
}

// A batch is one chunk of an iterated call.
type batch[A, R any] struct {
	poolCall
	ctx     context.Context // of the call
	codecs  *codecs[A, R]
	args    []A
	first   int // number of the first task
	results []R
	errs    []error      // nil for tasks that have a result
	left    atomic.Int64 // tasks of which nothing is known
	ended   chan<- *batch[A, R]
}

// submitBatch submits one chunk. Its tasks are counted from first. It goes to ended
// when it is done, which has room for it. An error says that the pool takes none;
// then nothing does.
func submitBatch[A, R any](ctx context.Context, p *Pool, f Function[A, R], args []A, first int, ended chan<- *batch[A, R]) error {
	b := &batch[A, R]{
		ctx: ctx, codecs: f.codecs, args: args, first: first,
		results: make([]R, len(args)), errs: make([]error, len(args)), ended: ended,
	}
	b.fn, b.tasks = f.name, b
	b.left.Store(int64(len(args)))
	b.blocks = blocksOf(args, func(lo, n int, out *codec.BlockCodec[R], block []byte) {
		out.CopyTo(b.results[lo:lo+n], block)
		b.finish(n)
	})
	return p.submitNamed(job{&b.poolCall, 0, len(args)})
}

func (b *batch[A, R]) encode(dst []byte, i int) ([]byte, error) {
	return encodeArgument(&b.codecs.in, dst, b.args[i])
}

func (b *batch[A, R]) size(i int) int { return sizeAs(&b.codecs.in, &b.args[i]) }

func (b *batch[A, R]) done(i int, msg []byte, err error) {
	if err == nil {
		b.results[i], err = decodeResult(&b.codecs.out, msg)
	}
	if err != nil {
		b.errs[i] = &TaskError{b.first + i, err}
	}
	b.finish(1)
}

// finish is when n more tasks are done.
func (b *batch[A, R]) finish(n int) {
	if b.left.Add(int64(-n)) == 0 {
		b.ended <- b
	}
}

func (b *batch[A, R]) dropped() error { return b.ctx.Err() }

// yield yields what is in the batch.
func (b *batch[A, R]) yield(yield func(R, error) bool) bool {
	for i, r := range b.results {
		if !yield(r, b.errs[i]) {
			return false
		}
	}
	return true
}
