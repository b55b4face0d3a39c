package multiproc

import (
	"context"
	"runtime/debug"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// Tasks whose arguments and results have a fixed size and no pointers travel in
// blocks, one beside the other, where a worker gets several together. Each result
// is in memory that the pool sees before the next task begins, so that of a
// worker that dies, the pool still knows which task was in hand.

// A blockBody is a registered function that does the tasks of a block. It begins
// with the one of number from, and puts the results into room as long as there
// is some; after each it shows how much of room is good. It returns how many it
// has done, how much of room that takes, and the error of the next one.
type blockBody func(ctx context.Context, args []byte, from int, room []byte, show func(length int)) (done, length int, err error)

// blockItem is the size in bytes of the largest argument or result that goes into
// a block: some should fit.
const blockItem = blockBytes / 8

// blockBodyOf returns the blockBody of f. Whether its types are fit for that is
// found out when it is called: nothing is to be done for it at the start.
func blockBodyOf[A, R any](f func(ctx context.Context, arg A) (R, error)) blockBody {
	return func(ctx context.Context, args []byte, from int, room []byte, show func(int)) (done, length int, err error) {
		in, ok := codec.BlockOf[A](blockItem)
		out, ok2 := codec.BlockOf[R](blockItem)
		if !ok || !ok2 {
			return 0, 0, errOrders
		}
		n, err := in.Count(args)
		if err != nil {
			return 0, 0, err
		}
		defer func() {
			if p := recover(); p != nil {
				err = &panicError{p, string(debug.Stack())}
			}
		}()
		out.Begin(room)
		for most := out.Fits(len(room)); from+done < n && done < most; done++ {
			r, err := f(ctx, in.Value(args, from+done))
			if err != nil {
				return done, length, err
			}
			length = out.Put(room, done, r)
			show(length)
		}
		return done, length, nil
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
