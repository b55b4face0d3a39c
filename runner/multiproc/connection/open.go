package connection

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// errPushedOut is why a client that took its time had to go.
var errPushedOut = errors.New("it took its time while others waited for a place")

// handshakes keeps account of the clients that are not accepted yet.
type handshakes struct {
	places chan struct{} // one token each

	mu     sync.Mutex
	oldest []*handshake // those that may be pushed out, the oldest first
}

// A handshake is a client that is proving itself.
type handshake struct {
	all     *handshakes
	since   time.Time
	ctx     context.Context // ends when it is pushed out
	pushOut context.CancelCauseFunc
}

func newHandshakes() *handshakes { return &handshakes{places: make(chan struct{}, maxOpen)} }

// room takes a place. While there is none, it pushes out who has had one for
// longer than patience. Where all who have one have proved themselves, a place
// becomes free when one of them is accepted.
func (hs *handshakes) room(ctx context.Context) error {
	for {
		select {
		case hs.places <- struct{}{}:
			return nil
		default:
		}
		select {
		case hs.places <- struct{}{}:
			return nil
		case <-time.After(hs.push(time.Now())):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// push ends the oldest handshake if its time is up, and returns after what
// time to look again.
func (hs *handshakes) push(now time.Time) time.Duration {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if len(hs.oldest) == 0 {
		return patience
	}
	if left := patience - now.Sub(hs.oldest[0].since); left > 0 {
		return left
	}
	hs.oldest[0].pushOut(errPushedOut)
	hs.oldest = hs.oldest[1:]
	return patience // its place is free in a moment
}

// enter begins a handshake in the place that room has taken.
func (hs *handshakes) enter(ctx context.Context) *handshake {
	h := &handshake{all: hs, since: time.Now()}
	h.ctx, h.pushOut = context.WithCancelCause(ctx)
	hs.mu.Lock()
	defer hs.mu.Unlock()
	hs.oldest = append(hs.oldest, h)
	return h
}

// stay keeps a client that has proved itself from being pushed out.
func (h *handshake) stay() {
	h.all.mu.Lock()
	defer h.all.mu.Unlock()
	if i := slices.Index(h.all.oldest, h); i >= 0 {
		h.all.oldest = slices.Delete(h.all.oldest, i, i+1)
	}
}

// leave gives the place back.
func (h *handshake) leave() {
	h.stay()
	h.pushOut(nil)
	<-h.all.places
}
