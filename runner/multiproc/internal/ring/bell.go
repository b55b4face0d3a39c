package ring

import (
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// A Bell is how a process that sleeps is woken by the one at the other end of
// its rings: a pipe, which also tells when the other process is gone, however it
// ended. Several goroutines may sleep by one bell; one of them sits at the pipe,
// in the runtime's poller, and wakes the others.
type Bell struct {
	in  *os.File // rung by the other side
	out *os.File // rings theirs

	mu    sync.Mutex
	count uint64        // how often somebody came back from the pipe
	rung  chan struct{} // closed when the one at the pipe comes back; nil if there is none
	ended error         // why nobody will ring any more
}

// NewBell returns the bell of two ends of pipes, which it owns.
func NewBell(in, out *os.File) *Bell { return &Bell{in: in, out: out} }

// Files returns the ends of the pipes.
func (b *Bell) Files() (in, out *os.File) { return b.in, b.out }

// Ring wakes the other side. There is nobody to tell if it is gone, which it is
// told by its own bell.
func (b *Bell) Ring() {
	// A pipe that is full has rung long since.
	_, _ = b.out.Write([]byte{0})
}

// Count is for [Bell.Sleep]. Ask for it before the sleep is announced.
func (b *Bell) Count() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}

// Sleep returns when the bell has rung since Count has returned count, or for no
// reason. An error says that it will ring no more.
func (b *Bell) Sleep(count uint64) error {
	b.mu.Lock()
	if b.ended != nil || b.count != count {
		defer b.mu.Unlock()
		return b.ended
	}
	if b.rung != nil {
		rung := b.rung
		b.mu.Unlock()
		<-rung
		return nil
	}
	rung := make(chan struct{})
	b.rung = rung
	b.mu.Unlock()

	var buf [64]byte
	_, err := b.in.Read(buf[:])
	b.mu.Lock()
	defer b.mu.Unlock()
	b.count++
	b.rung = nil
	close(rung)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded): // by Poke
		_ = b.in.SetReadDeadline(time.Time{})
	case errors.Is(err, os.ErrClosed):
		b.ended = err
	case err != nil:
		b.ended = io.EOF // the others are gone
	}
	return nil
}

// SleepFor is Sleep that returns after d at the latest, which is worth a moment
// of patience. It is for a bell that has one sleeper, and that nobody pokes.
func (b *Bell) SleepFor(count uint64, d time.Duration) error {
	_ = b.in.SetReadDeadline(time.Now().Add(d)) // without it, it sleeps until it is woken
	err := b.Sleep(count)
	_ = b.in.SetReadDeadline(time.Time{})
	return err
}

// Poke has all who sleep return.
func (b *Bell) Poke() { _ = b.in.SetReadDeadline(time.Unix(1, 0)) }

// Close closes both pipes. Who sleeps returns.
func (b *Bell) Close() error { return errors.Join(b.in.Close(), b.out.Close()) }
