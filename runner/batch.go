package runner

import (
	"context"
	"time"
)

// Chunks go to a worker process in batches: it says of the last one of each that
// it is done, so that neither side is woken for every chunk. A batch holds one
// chunk at first, and more while it takes no longer than waking does.
const (
	shortBatch = 100 * time.Microsecond // up to here the next one has twice as many
	longBatch  = 4 * shortBatch         // from here on half as many
	mostChunks = 256                    // of a batch: two of them fit into the connection
)

// batches are those that a worker process has been handed and has not done.
type batches struct {
	size    int   // chunks that the next one may have
	sizes   []int // of those that are out, in order
	chunks  int   // in all of them
	changed time.Time
	msg     []byte
}

func (b *batches) len() int { return len(b.sizes) }

// begin is before the first batch of a sample.
func (b *batches) begin() { b.size, b.changed = 1, time.Now() }

// done is when the oldest one is.
func (b *batches) done() {
	now := time.Now()
	switch took := now.Sub(b.changed); {
	case took <= shortBatch:
		b.size = min(2*b.size, mostChunks)
	case took >= longBatch:
		b.size = max(1, b.size/2)
	}
	b.changed = now
	b.chunks -= b.sizes[0]
	b.sizes = append(b.sizes[:0], b.sizes[1:]...)
}

// add is when one of n chunks is handed out.
func (b *batches) add(n int) {
	b.chunks += n
	b.sizes = append(b.sizes, n)
}

// hand hands w a batch, and reports whether there may be more to hand out.
func (w *remote) hand(d *dispenser) (more bool, err error) {
	s, more := d.take(w.behind(0))
	if !more {
		return false, nil
	}
	n := 1
	for more && n < w.out.size {
		var next span
		if next, more = d.take(w.behind(n)); more {
			if err := w.sendChunk(s); err != nil {
				return false, err
			}
			s = next
			n++
		}
	}
	w.out.add(n)
	s.tell = true
	return more, w.sendChunk(s)
}

// behind tells how far behind what is in work a chunk will lie that is handed to
// w after n others.
func (w *remote) behind(n int) uint64 { return uint64(max(0, w.out.chunks+n-w.goroutines+1)) }

func (w *remote) sendChunk(s span) error {
	w.out.msg = appendChunk(w.out.msg[:0], s)
	return w.conn.Send(context.Background(), w.out.msg)
}
