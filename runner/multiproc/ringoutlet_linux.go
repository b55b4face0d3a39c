package multiproc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// A ringOutlet puts messages into the ring of an end.
type ringOutlet struct {
	end    *ringEnd
	broken error // why nothing more can be sent
}

// piece is the size in bytes of the parts of a message that is too long for one:
// several lie in the slab, so that both sides copy at once.
const piece = 1 << 20

// send sends a message.
func (o *ringOutlet) send(ctx context.Context, msg []byte) error {
	if o.broken != nil {
		return o.broken
	}
	size := len(msg)
	if size > ring.Whole {
		size = piece
		if o.end.gone || o.end.closed.Load() {
			return fmt.Errorf("send: %w", os.ErrClosed)
		}
		o.end.w.Announce(len(msg))
	}
	for sent := 0; ; {
		n := min(size, len(msg)-sent)
		b, err := o.reserve(ctx, n)
		if err != nil {
			if sent > 0 {
				err, o.broken = halfSent(err)
			}
			return err
		}
		copy(b, msg[sent:])
		sent += n
		o.end.w.Commit(n, sent < len(msg))
		o.publish()
		if sent == len(msg) {
			return nil
		}
	}
}

func (o *ringOutlet) longest() int { return ring.Whole }

func (o *ringOutlet) place(ctx context.Context, n int) ([]byte, error) {
	if o.broken != nil {
		return nil, o.broken
	}
	return o.reserve(ctx, n)
}

func (o *ringOutlet) sendPlaced(n int) {
	o.end.w.Commit(n, false)
	o.publish()
}

// idleMessages is after how many messages that had no need of it the slab is given
// back to the system.
const idleMessages = 1000

// publish has the other side see what was committed.
func (o *ringOutlet) publish() {
	if o.end.w.Publish() {
		o.end.bell.Ring()
	}
	if idle := o.end.w.Idle(idleMessages); idle != nil {
		shm.Forget(idle)
	}
}

// errNoReader is that of a message which nobody would receive.
func errNoReader() error { return fmt.Errorf("send: the other side is gone: %w", syscall.EPIPE) }

// reserve waits for room.
func (o *ringOutlet) reserve(ctx context.Context, n int) ([]byte, error) {
	e := o.end
	switch {
	case e.gone || e.closed.Load():
		return nil, fmt.Errorf("send: %w", os.ErrClosed)
	case e.w.Alone():
		return nil, errNoReader()
	}
	if b := e.w.Reserve(n); b != nil {
		return b, nil
	}
	if e.w.Publish() || e.w.Rest() { // there will be no more until there is room
		e.bell.Ring()
	}
	if ctx.Done() != nil {
		stop := context.AfterFunc(ctx, e.bell.Poke)
		defer stop()
	}
	for {
		count := e.bell.Count()
		e.w.Doze()
		b := e.w.Reserve(n)
		switch {
		case b != nil:
			return b, nil
		case e.w.Alone():
			return nil, errNoReader()
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
		err := e.bell.Sleep(count)
		switch {
		case errors.Is(err, io.EOF):
			return nil, errNoReader()
		case err != nil:
			return nil, err
		}
	}
}

// cut returns why nothing can be sent any more.
func (o *ringOutlet) cut() error { return o.broken }

// Close closes the end.
func (o *ringOutlet) Close() error { return o.end.close(false) }
