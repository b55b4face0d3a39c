package multiproc

import (
	"context"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// blockBytes is the size in bytes of the largest message that lies in the ring
// itself, and roomBytes that of the largest for [sharedLane.room].
const (
	blockBytes = ring.Inline
	roomBytes  = ring.Whole
)

// A ringLane goes through rings.
type ringLane struct {
	in    ringInlet
	out   ringOutlet
	limit int
}

// laneOf returns the lane over a connection, which nobody uses any more but the
// lane.
func laneOf(c *Connection, limit int) lane {
	if e := c.ringOf(); e != nil {
		return &ringLane{ringInlet{end: e}, ringOutlet{end: e}, limit}
	}
	c.SetLimit(limit)
	return streamLane{c}
}

func (l *ringLane) send(msg []byte) error {
	if err := wire.Check(uint64(len(msg)), l.limit); err != nil {
		return err
	}
	return l.out.send(context.Background(), msg)
}

func (l *ringLane) vacant(n int) []byte {
	if wire.Check(uint64(n), l.limit) != nil {
		return nil
	}
	return l.out.end.w.Reserve(n)
}

func (l *ringLane) offer(order []byte) claim {
	w := l.out.end.w
	w.Commit(len(order), false)
	return claimOf(order, w.Committed())
}

func (l *ringLane) flush() { l.out.publish() }

func (l *ringLane) isReleased(c claim) bool { return l.out.end.w.Released() >= c.end }

func (l *ringLane) recv() ([]byte, error) {
	l.in.take()
	if !l.in.here() && l.out.end.w.Rest() {
		l.out.end.bell.Ring() // the other side may want more than it will get
	}
	if l.in.wants == 0 {
		l.in.soon()
	}
	a := l.in.next(l.limit)
	return a.message, a.err
}

func (l *ringLane) here() bool {
	if l.in.lent {
		l.in.take()
	}
	return l.in.here()
}

func (l *ringLane) want(n int) { l.in.wants = n }

func (l *ringLane) room(n int) ([]byte, error) {
	if err := wire.Check(uint64(n), l.limit); err != nil {
		return nil, err
	}
	return l.out.reserve(context.Background(), n)
}

func (l *ringLane) show(n int) { l.out.end.w.Show(n) }

func (l *ringLane) commit(n int) {
	l.out.end.w.Commit(n, false)
	l.flush()
}

func (l *ringLane) unfinished() []byte { return l.in.end.r.Unfinished() }

func (l *ringLane) close() error {
	err := l.out.end.close(false)
	_ = l.out.end.release() // nobody uses it any more
	return err
}
