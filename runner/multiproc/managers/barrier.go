package managers

import (
	"context"
	"errors"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A Barrier is where a number of parties wait for each other: see
// [multiproc.Barrier].
type Barrier struct{ proxy[barrierOf] }

type barrierOf struct{}

func (barrierOf) words() string { return "barrier" }

// NewBarrier makes a barrier for that many parties.
func NewBarrier(ctx context.Context, where In, parties int) (*Barrier, error) {
	if parties < 1 {
		return nil, fmt.Errorf("a barrier for %d parties: want at least 1", parties)
	}
	p, err := newObject[barrierOf](ctx, where, kindBarrier, number(nil, uint64(parties)))
	if err != nil {
		return nil, err
	}
	return &Barrier{p}, nil
}

// Wait waits until all parties do, and returns this one's place among them,
// from 0 in the order in which they came. A ctx that ends breaks the barrier.
func (b *Barrier) Wait(ctx context.Context) (int, error) { return b.WaitDo(ctx, nil) }

// WaitDo is Wait with an action, which is done when all parties are there and
// before any goes on. The last one to come does it, so that all parties should
// bring the same one. If it fails, or panics, the barrier breaks, and its error
// is that of the party. If the barrier is reset or aborted meanwhile, the error is
// [multiproc.ErrBroken]. A nil action is none.
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
	if err != nil {
		return 0, ErrProtocol
	}
	if len(turn) == 0 {
		return place, nil
	}
	return place, b.lead(context.WithoutCancel(ctx), turn, action)
}

// lead does the action and lets the others go. A barrier that was reset meanwhile
// has others by now, whom this turn does not concern.
func (b *Barrier) lead(ctx context.Context, turn []byte, action func() error) (err error) {
	acted := false
	defer func() {
		if !acted { // it panics: the others are not to wait for ever
			_ = b.just(ctx, hub.BarrierFailed, turn)
		}
	}()
	err = action()
	acted = true
	if err != nil {
		return errors.Join(err, b.just(ctx, hub.BarrierFailed, turn))
	}
	return b.just(ctx, hub.BarrierPassed, turn)
}

// Reset makes the barrier as new. Parties that wait get [multiproc.ErrBroken].
func (b *Barrier) Reset(ctx context.Context) error { return b.just(ctx, hub.BarrierReset, nil) }

// Abort breaks the barrier, until it is reset.
func (b *Barrier) Abort(ctx context.Context) error { return b.just(ctx, hub.BarrierAbort, nil) }

// Parties returns how many parties are waited for.
func (b *Barrier) Parties(ctx context.Context) (int, error) { return b.count(ctx, hub.BarrierParties) }

// Waiting returns the number of parties that wait.
func (b *Barrier) Waiting(ctx context.Context) (int, error) { return b.count(ctx, hub.BarrierWaiting) }

// Broken tells whether the barrier is broken.
func (b *Barrier) Broken(ctx context.Context) (bool, error) { return b.truth(ctx, hub.BarrierBroken) }
