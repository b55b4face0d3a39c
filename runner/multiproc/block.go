package multiproc

import (
	"cmp"
	"context"
	"runtime/debug"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// Tasks whose arguments and results have a fixed size and no pointers travel in
// blocks, one beside the other, where a worker gets several together. Each result
// is in memory that the pool sees before the next task begins, so that of a
// worker that dies, the pool still knows which task was in hand.

// A blockBody is a registered function that does the tasks of a block: those that
// run lets it begin with, as long as there is room for results. It returns how
// much of room they take, and the error of the task that it was at, if that has
// failed.
type blockBody func(ctx context.Context, args, room []byte, run *blockRun) (length int, err error)

// A blockRun is how far a worker has come with a block.
type blockRun struct {
	claim claim
	unit  int // tasks in a unit
	tasks int // in the block, as it was sent
	next  int // the next task
	left  int // of the unit that is claimed
	show  func(length int)
}

// begin tells whether the worker may begin with the next task.
func (r *blockRun) begin() bool {
	if r.left == 0 {
		if r.next >= r.tasks || !r.claim.take() {
			return false
		}
		r.left = min(r.unit, r.tasks-r.next)
	}
	return true
}

// end goes on to the task after.
func (r *blockRun) end() {
	r.next++
	r.left--
}

// blockItem is the size in bytes of the largest argument or result that goes into
// a block: some should fit.
const blockItem = blockBytes / 8

// blockBodyOf returns the blockBody of f. Whether its types are fit for that is
// found out when it is called: nothing is to be done for it at the start.
func blockBodyOf[A, R any](f func(ctx context.Context, arg A) (R, error)) blockBody {
	return func(ctx context.Context, args, room []byte, run *blockRun) (length int, err error) {
		in, ok := codec.BlockOf[A](blockItem)
		out, ok2 := codec.BlockOf[R](blockItem)
		if !ok || !ok2 {
			return 0, errOrders
		}
		if n, err := in.Count(args); err != nil || n != run.tasks {
			return 0, cmp.Or(err, errOrders)
		}
		defer func() {
			if p := recover(); p != nil {
				err = &panicError{p, string(debug.Stack())}
			}
		}()
		out.Begin(room)
		most := out.Fits(len(room))
		for done := 0; done < most && run.begin(); done++ {
			r, err := f(ctx, in.Value(args, run.next))
			if err != nil {
				return length, err
			}
			length = out.Put(room, done, r)
			run.show(length)
			run.end()
		}
		return length, nil
	}
}

// blocks is how the arguments of a call go to a worker in blocks, and its results
// come back.
type blocks struct {
	most   int // tasks in a block
	encode func(dst []byte, lo, hi int) []byte

	// count returns how many results are in a block. Done takes them in: they
	// are those of the tasks from lo on.
	count func(block []byte) (int, error)
	done  func(lo, n int, block []byte)
}

// blocksOf returns nil if arguments or results do not go into blocks. Put gets
// results, by the number of the first.
func blocksOf[A, R any](args []A, put func(lo, n int, out *codec.BlockCodec[R], block []byte)) *blocks {
	in, ok := codec.BlockOf[A](blockItem)
	out, ok2 := codec.BlockOf[R](blockItem)
	if !ok || !ok2 {
		return nil
	}
	return &blocks{
		// Names of functions are shorter than what is left of an order.
		most:   min(in.Fits(blockBytes-taskOverhead), out.Fits(blockBytes-1)),
		encode: func(dst []byte, lo, hi int) []byte { return in.Append(dst, args[lo:hi]) },
		count:  out.Count,
		done:   func(lo, n int, block []byte) { put(lo, n, out, block) },
	}
}
