package ring

import (
	"encoding/binary"
	"math"
)

// A Writer puts messages into a ring. It is for one goroutine at a time.
type Writer struct {
	c          *control
	room, slab []byte

	tail      uint64 // where the next record begins
	published uint64
	first     uint64   // header of the record at published, which is put there last; 0 if there is none
	head      uint64   // as last seen
	lent      []region // of the slab, the oldest first
	lo        int      // of the slab: where what Reserve has returned begins
	quiet     int      // messages since the slab was used last
	beyond    bool     // it was used beyond the window
}

// A region is a part of the slab that the reader has not released.
type region struct {
	end    uint64 // of its record
	lo, hi int
}

// NewWriter returns the writer of the ring in mem, which is all zero at first.
func NewWriter(mem []byte) (*Writer, error) {
	c, room, slab, err := parts(mem)
	if err != nil {
		return nil, err
	}
	w := &Writer{c: c, room: room, slab: slab, quiet: math.MinInt}
	w.tail, w.head = c.tail.Load(), c.head.Load()
	w.published = w.tail
	return w, w.recall()
}

// recall finds out what of the slab an earlier writer has lent.
func (w *Writer) recall() error {
	if w.head%recordHeader != 0 || w.tail%recordHeader != 0 || w.tail-w.head > Room {
		return ErrCorrupt
	}
	for at := w.head; at < w.tail; {
		kind, n := headerParts(word(w.room[at&(Room-1):]).Load())
		size := uint64(recordHeader + padded(n))
		end := at + size
		if n > Room || end > w.tail || at&(Room-1)+size > Room {
			return ErrCorrupt
		}
		if kind&^kindMore == kindSlab && n == 8 {
			payload := w.room[at&(Room-1)+recordHeader:]
			lo, length := uint64(binary.LittleEndian.Uint32(payload)), uint64(binary.LittleEndian.Uint32(payload[4:]))
			if lo+length > uint64(len(w.slab)) {
				return ErrCorrupt
			}
			w.lent = append(w.lent, region{end, int(lo), int(lo + length)})
		}
		at = end
	}
	return nil
}

// Reserve returns room for a message of n bytes, at most [Whole], or [Inline]
// without a slab, which the caller fills and then commits; nil if there is none now.
func (w *Writer) Reserve(n int) []byte {
	if n <= Inline {
		b := w.record(padded(n))
		if b == nil {
			return nil
		}
		return b[recordHeader : recordHeader+n]
	}
	if n > len(w.slab) {
		return nil
	}
	lo, ok := w.lend(n)
	if !ok || w.record(8) == nil {
		return nil
	}
	w.lo = lo
	return w.slab[lo : lo+n : lo+n]
}

// Announce appends how long in bytes a message is that follows in parts, if there
// is room for that: the reader need not find out part by part.
func (w *Writer) Announce(total int) {
	b := w.record(8)
	if b == nil {
		return
	}
	binary.LittleEndian.PutUint64(b[recordHeader:], uint64(total))
	w.put(kindTotal, 8)
}

// Commit appends the message that Reserve has last returned room for, of n
// bytes, or with more a part of one, which the next one goes on with. The reader
// does not see it before Publish.
func (w *Writer) Commit(n int, more bool) {
	flags := 0
	if more {
		flags = kindMore
	}
	if n <= Inline {
		w.put(kindInline|flags, n)
		w.quiet++
		return
	}
	payload := w.room[w.tail&(Room-1)+recordHeader:]
	binary.LittleEndian.PutUint32(payload, uint32(w.lo))
	binary.LittleEndian.PutUint32(payload[4:], uint32(n))
	w.put(kindSlab|flags, 8)
	w.lent = append(w.lent, region{w.tail, w.lo, w.lo + n})
	w.quiet = 0
	w.beyond = w.beyond || w.lo+n > window
}

// put appends a record, whose payload of n bytes is there. The reader finds it
// when it finds the first one after those that were published.
func (w *Writer) put(kind, n int) {
	at := w.tail
	w.tail += uint64(recordHeader + padded(n))
	// The header of the one after it is zero before this one's is there. There is
	// room for it: see free.
	word(w.room[w.tail&(Room-1):]).Store(0)
	if at == w.published {
		w.first = header(kind, n)
		return
	}
	word(w.room[at&(Room-1):]).Store(header(kind, n))
}

// Show has the reader find the first n bytes of what Reserve has last returned,
// which was no more than [Inline], if the writer ends before it commits them: see
// [Reader.Unfinished].
func (w *Writer) Show(n int) { w.c.shown.Store(w.tail<<shownBits | uint64(n)) }

// Publish shows the reader all that was committed. It reports whether the reader
// sleeps and is to be woken, which is the caller's to do.
func (w *Writer) Publish() (wake bool) {
	if w.published == w.tail {
		return false
	}
	word(w.room[w.published&(Room-1):]).Store(w.first)
	w.published, w.first = w.tail, 0
	w.c.tail.Store(w.tail)
	// The reader announces its sleep before it looks at the tail a last time,
	// and this looks at the announcement after the tail was stored: one of the
	// two sees the other.
	at := w.c.reader.Load()
	return at != 0 && w.tail >= at && w.c.reader.CompareAndSwap(at, 0)
}

// Rest tells that the writer will publish nothing for a while. It reports
// whether the reader sleeps and is to be woken, although there are not as many
// records as it has asked for.
func (w *Writer) Rest() (wake bool) {
	return w.c.reader.Load() != 0 && w.c.reader.Swap(0) != 0
}

// Committed is where what was committed ends, counted in bytes from the ring's
// beginning.
func (w *Writer) Committed() uint64 { return w.tail }

// Released is up to where the reader has released records, counted likewise. It
// may be called by other goroutines.
func (w *Writer) Released() uint64 { return w.c.head.Load() }

// Leave tells the reader that nothing more will come.
func (w *Writer) Leave() { w.c.noWriter.Store(1) }

// Alone tells whether the reader has left.
func (w *Writer) Alone() bool { return w.c.noReader.Load() != 0 }

// Doze announces that the writer is about to sleep until the reader releases
// something. If Reserve still finds no room after it, it may sleep.
func (w *Writer) Doze() { w.c.writer.Store(1) }

// record returns the part of the ring for a record with a payload of n bytes,
// which is padded; nil if there is none. It skips the end of the ring if the
// record does not fit there.
func (w *Writer) record(n int) []byte {
	need := recordHeader + n
	at := int(w.tail & (Room - 1))
	skip := 0
	if at+need > Room {
		skip = Room - at
	}
	if !w.free(skip + need) {
		return nil
	}
	if skip > 0 {
		w.put(kindSkip, skip-recordHeader)
		at = 0
	}
	return w.room[at : at+need]
}

// free reports whether n bytes of the ring are free, and after them the header of
// the next record.
func (w *Writer) free(n int) bool {
	end := w.tail + uint64(n) + recordHeader
	if end-w.head <= Room {
		return true
	}
	w.head = w.c.head.Load()
	return end-w.head <= Room
}

// lend finds n bytes of the slab that are free. It goes back to the beginning as
// soon as there is room, so that as little of the slab as possible is ever used.
func (w *Writer) lend(n int) (lo int, ok bool) {
	if len(w.lent) > 0 {
		w.head = w.c.head.Load()
	}
	for len(w.lent) > 0 && w.lent[0].end <= w.head {
		w.lent = w.lent[1:]
	}
	if len(w.lent) == 0 {
		w.lent = nil
		return 0, true
	}
	if n > window/2 {
		return 0, false
	}
	oldest, last := w.lent[0], w.lent[len(w.lent)-1]
	n = padded(n)
	switch {
	case last.lo < oldest.lo: // the free part is between them
		return padded(last.hi), padded(last.hi)+n <= oldest.lo
	case n <= oldest.lo:
		return 0, true
	}
	return padded(last.hi), padded(last.hi)+n <= window
}

// Idle returns the slab if nothing of it is in use, and nothing was for the last
// count messages, or at once what lies beyond the window if that was used, so that its
// memory can be given back to the system; nil if not, and when it was returned since
// it was used last.
func (w *Writer) Idle(count int) []byte {
	if !w.beyond && w.quiet < count || w.c.head.Load() < w.tailOfLent() {
		return nil
	}
	if w.beyond {
		w.beyond = false
		return w.slab[window:]
	}
	w.quiet = math.MinInt
	return w.slab
}

func (w *Writer) tailOfLent() uint64 {
	if len(w.lent) == 0 {
		return 0
	}
	return w.lent[len(w.lent)-1].end
}
