package ring

import "encoding/binary"

// A Reader takes messages out of a ring. It is for one goroutine at a time.
type Reader struct {
	c          *control
	room, slab []byte

	head     uint64 // where the next record begins
	released uint64
	next     uint64 // where the record after the next one begins; head if there is none
	message  []byte // of the next record
	more     bool   // the one after it goes on with the same message
	skipped  bool   // the one before it was a skip
	total    uint64 // of the message that it begins; 0 if that was not announced
}

// NewReader returns the reader of the ring in mem.
func NewReader(mem []byte) (*Reader, error) {
	c, room, slab, err := parts(mem)
	if err != nil {
		return nil, err
	}
	r := &Reader{c: c, room: room, slab: slab}
	r.head = c.head.Load()
	r.released, r.next = r.head, r.head
	if r.head%recordHeader != 0 {
		return nil, ErrCorrupt
	}
	return r, nil
}

// Next returns the next message, where it lies: it is good until Advance. It
// reports false if there is none. Memory that makes no sense is [ErrCorrupt],
// and so is all that comes after it.
func (r *Reader) Next() (message []byte, ok bool, err error) {
	if r.next != r.head {
		return r.message, true, nil
	}
	for {
		at := int(r.head & (Room - 1))
		h := word(r.room[at:]).Load()
		if h == 0 {
			return nil, false, nil
		}
		kind, n := headerParts(h)
		size := recordHeader + padded(n)
		if n > Room || at+size > Room {
			return nil, false, ErrCorrupt
		}
		// No more was published than the ring holds since the tail was moved: to
		// look once a lap keeps it from going round and round.
		if at == 0 && int64(r.head-r.c.tail.Load()) > Room {
			return nil, false, ErrCorrupt
		}
		payload := r.room[at+recordHeader : at+recordHeader+n : at+recordHeader+n]
		r.more = kind&kindMore != 0
		switch kind &^ kindMore {
		case kindSkip:
			if r.skipped {
				return nil, false, ErrCorrupt // or it would go round and round
			}
			r.skipped = true
			r.head += uint64(size)
			r.next = r.head
			continue
		case kindTotal:
			if len(payload) != 8 {
				return nil, false, ErrCorrupt
			}
			r.total = binary.LittleEndian.Uint64(payload)
			r.head += uint64(size)
			r.next, r.skipped = r.head, false
			continue
		case kindInline:
			r.message = payload
		case kindSlab:
			if r.message, err = r.borrowed(payload); err != nil {
				return nil, false, err
			}
		default:
			return nil, false, ErrCorrupt
		}
		r.next, r.skipped = r.head+uint64(size), false
		return r.message, true, nil
	}
}

// borrowed returns the part of the slab that a record speaks of.
func (r *Reader) borrowed(payload []byte) ([]byte, error) {
	if len(payload) != 8 {
		return nil, ErrCorrupt
	}
	lo, n := uint64(binary.LittleEndian.Uint32(payload)), uint64(binary.LittleEndian.Uint32(payload[4:]))
	if lo+n > uint64(len(r.slab)) {
		return nil, ErrCorrupt
	}
	return r.slab[lo : lo+n : lo+n], nil
}

// Unfinished returns what the writer has shown of a message that it has not
// published. It is for a writer that has ended.
func (r *Reader) Unfinished() []byte {
	shown := r.c.shown.Load()
	begin, n := shown>>shownBits, shown&(1<<shownBits-1)
	at := begin&(Room-1) + recordHeader
	// A writer that is killed while it publishes may have let the record be found,
	// and not have moved the tail.
	if begin < max(r.next, r.c.tail.Load()) || at+n > Room {
		return nil // it was published since, or makes no sense
	}
	return r.room[at : at+n : at+n]
}

// More tells whether the message that Next has last returned is only a part of
// one.
func (r *Reader) More() bool { return r.more }

// Total returns how long in bytes the message is that Next has last returned the
// first part of, if the writer has said so: it may have said anything. It is 0 if
// not.
func (r *Reader) Total() uint64 { return r.total }

// Leave tells the writer that nobody reads any more.
func (r *Reader) Leave() { r.c.noReader.Store(1) }

// Alone tells whether the writer has left. What it has published before is
// there.
func (r *Reader) Alone() bool { return r.c.noWriter.Load() != 0 }

// Advance goes on to the record after the one that Next has last returned.
func (r *Reader) Advance() {
	r.head = r.next
	r.message, r.total = nil, 0
}

// Release gives the writer the room of all records before the next one. It
// reports whether the writer sleeps and is to be woken, which is the caller's to
// do.
func (r *Reader) Release() (wake bool) {
	if r.released == r.head {
		return false
	}
	r.released = r.head
	r.c.head.Store(r.head)
	return r.c.writer.Load() != 0 && r.c.writer.Swap(0) != 0 // as in Publish
}

// Behind is how many bytes of the ring were read and not released.
func (r *Reader) Behind() int { return int(r.head - r.released) }

// Doze announces that the reader is about to sleep until there are n bytes of
// records, at least one, or the writer has nothing to do ([Writer.Rest]). If Next
// still finds none after it, it may sleep.
func (r *Reader) Doze(n int) { r.c.reader.Store(r.head + max(1, uint64(n))) }

// Awake takes the announcement back.
func (r *Reader) Awake() { r.c.reader.Store(0) }
