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
// is that of the party. A nil action is none.
func (b *Barrier) WaitDo(ctx context.Context, action func() error) (int, error) {
	op := byte(hub.BarrierWait)
	if action != nil {
		op = hub.BarrierActing
	}
	r, err := b.do(ctx, op, nil)
	if err != nil {
		return 0, err
	}
	if len(r) != 9 {
		return 0, hub.ErrRequest
	}
	place, err := hub.Number(r[1:])
	if r[0] != hub.BarrierLead || err != nil {
		return int(place), err
	}
	return int(place), b.lead(action)
}

// lead does the action and lets the others go.
func (b *Barrier) lead(action func() error) (err error) {
	acted := false
	defer func() {
		if !acted { // it panics: the others are not to wait for ever
			_ = b.Abort()
		}
	}()
	err = action()
	acted = true
	if err != nil {
		return errors.Join(err, b.Abort())
	}
	_, err = b.now(hub.BarrierPassed)
	return err
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
