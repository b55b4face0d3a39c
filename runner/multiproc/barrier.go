package multiproc

import (
	"context"
	"errors"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Barrier is where a number of parties, in the process that made it and its
// descendants that got it in a message, wait for each other. It breaks when one
// of them gives up, or dies: then all the others get [ErrBroken], until it is
// reset.
type Barrier struct{ ref }

// NewBarrier returns a barrier for that many parties.
func NewBarrier(parties int) (*Barrier, error) {
	if parties < 1 {
		return nil, fmt.Errorf("a barrier for %d parties: want at least 1", parties)
	}
	return &Barrier{share(hub.NewBarrier(uint64(parties)))}, nil
}

// Wait waits until all parties do, and returns this one's place among them,
// from 0 in the order in which they came. A ctx that ends breaks the barrier.
func (b *Barrier) Wait(ctx context.Context) (int, error) { return b.WaitDo(ctx, nil) }

// WaitDo is Wait with an action, which is done when all parties are there and
// before any goes on. The last one to come does it, so that all parties should
// bring the same one. If it fails, or panics, the barrier breaks, and its error
// is that of the party. If the barrier is reset or aborted meanwhile, the error is
// [ErrBroken]. A nil action is none.
func (b *Barrier) WaitDo(ctx context.Context, action func() error) (int, error) {
	op := byte(hub.BarrierWait)
	if action != nil {
		op = hub.BarrierActing
	}
	r, err := b.do(ctx, op, nil)
	if err != nil {
		return 0, err
	}
	place, turn, err := hub.BarrierOutcome(r)
	if err != nil || len(turn) == 0 {
		return place, err
	}
	return place, b.lead(turn, action)
}

// lead does the action and lets the others go. A barrier that was reset meanwhile
// has others by now, whom this turn does not concern.
func (b *Barrier) lead(turn []byte, action func() error) (err error) {
	say := func(op byte) error {
		_, err := b.do(context.Background(), op, turn)
		return err
	}
	acted := false
	defer func() {
		if !acted { // it panics: the others are not to wait for ever
			_ = say(hub.BarrierFailed) // what counts is the panic
		}
	}()
	err = action()
	acted = true
	if err != nil {
		return errors.Join(err, say(hub.BarrierFailed))
	}
	return say(hub.BarrierPassed)
}

// Reset makes the barrier as new. Parties that wait get [ErrBroken].
func (b *Barrier) Reset() error {
	_, err := b.now(hub.BarrierReset)
	return err
}

// Abort breaks the barrier, until it is reset.
func (b *Barrier) Abort() error {
	_, err := b.now(hub.BarrierAbort)
	return err
}

// Parties returns how many parties are waited for.
func (b *Barrier) Parties() (int, error) { return b.count(hub.BarrierParties) }

// Waiting returns the number of parties that wait.
func (b *Barrier) Waiting() (int, error) { return b.count(hub.BarrierWaiting) }

// Broken tells whether the barrier is broken.
func (b *Barrier) Broken() (bool, error) { return b.truth(hub.BarrierBroken) }

// Close ends the barrier: whoever waits at it gets [ErrClosed]. Only the
// process that made it can do that.
func (b *Barrier) Close() error { return b.close() }
