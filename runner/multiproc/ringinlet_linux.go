package multiproc

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring"
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

// A ringInlet takes messages out of the ring of an end.
type ringInlet struct {
	end *ringEnd

	whole bool // next has something to return
	found arrival
	lent  bool   // what it is lies in the ring
	begun bool   // a part of the next message has come
	parts []byte // it, unless it is over the limit
	over  error  // that it is

	spin spinner
	stop atomic.Bool // by interrupt

	// wants is how many bytes of messages next waits for, if they come within
	// longestWant, so that it is not woken for each one.
	wants int
}

// longestWant is how late next may be with a message when more were wanted.
const longestWant = time.Millisecond

// here tells whether next would not wait.
func (i *ringInlet) here() bool {
	if i.whole || i.end.gone {
		return true
	}
	_, ok, err := i.end.r.Next()
	return err != nil || ok && !i.end.r.More()
}

// soon looks for a message for a moment, and tells whether there is one.
func (i *ringInlet) soon() bool {
	if i.end.gone {
		return true
	}
	i.free()
	i.spin.until(func() bool { _, ok, err := i.end.r.Next(); return ok || err != nil })
	return i.here()
}

// empty tells whether nothing has been taken in. What is still in the ring goes
// with it: the next reader, in another process, begins with what this one has
// not released.
func (i *ringInlet) empty() bool {
	if i.whole || i.begun || i.end.gone {
		return false
	}
	i.free()
	return true
}

// interrupt has next return.
func (i *ringInlet) interrupt() bool {
	i.stop.Store(true)
	i.end.bell.Poke()
	return true
}

// resume has next wait again. A poke that nobody has felt costs it one look.
func (i *ringInlet) resume() { i.stop.Store(false) }

// next brings the next message in.
func (i *ringInlet) next(limit int) arrival {
	for !i.whole {
		b, err := i.record()
		if isTimeout(err) {
			return arrival{err: err} // it was interrupted
		}
		if err != nil {
			if i.begun && errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			i.found, i.whole, i.lent = arrival{err: err}, true, false
			break
		}
		i.add(b, i.end.r.More(), limit)
	}
	return i.found
}

// add takes note of a record: of a message, or of a part of one.
func (i *ringInlet) add(b []byte, more bool, limit int) {
	if !i.begun && !more {
		i.found, i.whole, i.lent = arrival{message: b}, true, true
		if err := wire.Check(uint64(len(b)), limit); err != nil {
			i.found = arrival{err: err}
		}
		return
	}
	if total := i.end.r.Total(); !i.begun && total > 0 {
		// Of memory that is not written to, the system takes no notice.
		if i.over = wire.Check(total, limit); i.over == nil {
			i.parts = make([]byte, 0, total)
		}
	}
	i.begun = true
	if i.over == nil {
		i.over = wire.Check(uint64(len(i.parts)+len(b)), limit)
	}
	if i.over == nil {
		i.parts = append(i.parts, b...)
	}
	i.end.r.Advance()
	i.free()
	if more {
		return
	}
	i.found, i.whole, i.lent, i.begun = arrival{message: i.parts, err: i.over}, true, false, false
	i.parts, i.over = nil, nil // parts are long: they are not kept
}

// give returns a message that does not lie in the ring.
func (i *ringInlet) give() []byte {
	if i.lent {
		return nil
	}
	return i.found.message
}

// take makes way for the next message. The end stays.
func (i *ringInlet) take() {
	switch {
	case i.lent:
		i.end.r.Advance()
		if i.end.r.Behind() >= ring.Room/8 || len(i.found.message) > ring.Inline {
			i.free()
		}
	case i.found.err != nil && !errors.Is(i.found.err, wire.ErrTooLarge):
		return
	}
	i.whole, i.lent, i.found = false, false, arrival{}
}

// free gives the writer the room of what was taken.
func (i *ringInlet) free() {
	if i.end.r.Release() {
		i.end.bell.Ring()
	}
}

// record waits for the next record.
func (i *ringInlet) record() ([]byte, error) {
	e := i.end
	if e.gone || e.closed.Load() {
		return nil, os.ErrClosed
	}
	b, ok, err := e.r.Next()
	if ok || err != nil {
		return b, err
	}
	i.free()
	var ended error
	for {
		count := e.bell.Count()
		e.r.Doze(i.wants)
		alone := e.r.Alone() // before the last look: what it has published, it did before
		b, ok, err := e.r.Next()
		switch {
		case ok || err != nil:
		case alone:
			err = io.EOF
		case ended != nil:
			err = ended
		case i.stop.Load():
			err = os.ErrDeadlineExceeded
		case i.wants > 0:
			ended = e.bell.SleepFor(count, longestWant)
			i.wants = 0
			continue
		default:
			ended = e.bell.Sleep(count)
			continue
		}
		e.r.Awake()
		return b, err
	}
}

// Close closes the end.
func (i *ringInlet) Close() error { return i.end.close(false) }
