// Package ring carries messages from one process to another through memory that
// both have: a ring of bytes with one writer and one reader, each of which sees
// its messages whole and in order. Beside the ring lies a slab for payloads that
// would fill it.
//
// Nothing here waits and nothing calls the system. A side that finds the ring
// empty, or full, says so in the memory before it goes to sleep ([Reader.Doze],
// [Writer.Doze]); the other side learns of it when it publishes, and then has to
// ring whatever bell the two have agreed on. Who does not sleep is never rung
// for.
//
// The reader finds a record by its header, which is zero until the record is
// published: where the next one will begin, it looks into the very cache line
// that brings a short one, as in FastForward (Giacomoni et al., PPoPP 2008). The
// writer works on a copy of the reader's index, which it renews only when it does
// not suffice, as in MCRingBuffer (Lee et al., 2010). So a busy ring moves a line
// for each message, and hardly any other.
package ring

import (
	"errors"
	"fmt"
	"sync/atomic"
	"unsafe"
)

// What the memory of a ring consists of: the control block, the ring of records,
// the slab.
const (
	// Room is the size in bytes of the ring, a power of two.
	Room = 64 << 10

	// Slab is the size in bytes of the slab: 32 MiB, or 8 where addresses are short.
	// Its pages take memory when they are used first.
	Slab = window << (2 * (^uint(0) >> 63))

	// Size is the size in bytes of the memory of a ring, and SizeWithoutSlab that of
	// one whose messages are all to go through the ring itself.
	Size            = SizeWithoutSlab + Slab
	SizeWithoutSlab = controlSize + Room

	controlSize = 4096
)

const (
	// line is how far apart indexes lie that different processors write: two
	// cache lines, since processors fetch their neighbours, too.
	line = 128

	// recordHeader is in front of each record: the length of its payload and
	// its kind, four bytes each. Records begin at multiples of it.
	recordHeader = 8

	// Inline is the size in bytes of the largest payload in the ring itself:
	// small enough for several to lie there.
	Inline = Room/8 - recordHeader

	// Whole is the size in bytes of the largest message that lies in the slab in
	// one piece. Longer ones are the caller's to cut.
	Whole = Slab

	// window is how much of the slab messages share, in bytes: a writer that is
	// ahead by more than that is ahead of the caches as well. One of more than
	// half of it begins when the slab is empty.
	window = 8 << 20
)

// shownBits is for the length of the longest payload in the ring.
const shownBits = 16

// Kinds of records.
const (
	kindInline = iota + 1 // the payload follows
	kindSlab              // eight bytes follow: where in the slab it is, and how long
	kindSkip              // the rest of the ring up to its end is not used
	kindTotal             // eight bytes follow: how long the message is whose parts come next

	kindMore = 1 << 8 // what follows this record belongs to the same message
)

// control is the beginning of the memory.
type control struct {
	tail   atomic.Uint64 // bytes of records that were ever published
	_      [line - 8]byte
	head   atomic.Uint64 // bytes of records that were ever released
	_      [line - 8]byte
	reader atomic.Uint64 // not 0: the reader sleeps until tail is there
	_      [line - 8]byte
	writer atomic.Uint32 // 1: the writer sleeps until records are released
	_      [line - 4]byte

	noReader, noWriter atomic.Uint32 // 1: that side has left
	_                  [line - 8]byte

	// shown is where the record of a message begins that is not committed, as
	// tail counts, and below that, in 16 bits, how many bytes of it are good.
	shown atomic.Uint64
	_     [line - 8]byte
}

// ErrCorrupt is returned for memory that no writer of this package has left.
var ErrCorrupt = errors.New("the ring holds what was not written as a message")

// parts cuts the memory of a ring up. The slab has all bytes, or none.
func parts(mem []byte) (c *control, room, slab []byte, err error) {
	if len(mem) != Size && len(mem) != SizeWithoutSlab || uintptr(unsafe.Pointer(unsafe.SliceData(mem)))%line != 0 {
		return nil, nil, nil, fmt.Errorf("memory of %d bytes for a ring: want %d or %d, aligned to %d", len(mem), Size, SizeWithoutSlab, line)
	}
	c = (*control)(unsafe.Pointer(unsafe.SliceData(mem)))
	return c, mem[controlSize:SizeWithoutSlab], mem[SizeWithoutSlab:], nil
}

// Clear makes memory that was used for something else that of a ring, which is to
// be empty.
func Clear(mem []byte) { clear(mem[:controlSize+recordHeader]) }

// padded is the size that a payload of n bytes takes in the ring.
func padded(n int) int { return (n + recordHeader - 1) &^ (recordHeader - 1) }

// word is the header of the record that begins at b, which is aligned to it.
func word(b []byte) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(unsafe.SliceData(b[:recordHeader])))
}

// header returns that of a record of a kind, which is not zero, and n bytes.
func header(kind, n int) uint64 { return uint64(kind)<<32 | uint64(uint32(n)) }

// headerParts are what header has joined.
func headerParts(h uint64) (kind, n int) { return int(h >> 32), int(uint32(h)) }
