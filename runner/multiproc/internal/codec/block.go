package codec

import (
	"reflect"
	"unsafe"
)

// A BlockCodec writes and reads values of a fixed size one beside the other, as
// the message of a slice of them.
type BlockCodec[T any] struct {
	slice *Codec[[]T]
	size  int // of a value
}

// BlockOf returns the codec for blocks of T; false if T has no fixed size, or is
// larger than most bytes.
func BlockOf[T any](most int) (*BlockCodec[T], bool) {
	t := reflect.TypeFor[T]()
	if !Flat(t) || t.Size() == 0 || t.Size() > uintptr(most) {
		return nil, false
	}
	slice, err := For[[]T]()
	if err != nil || slice.form != memories {
		return nil, false
	}
	return &BlockCodec[T]{slice, int(t.Size())}, true
}

// Append appends values to dst, with the header in front.
func (c *BlockCodec[T]) Append(dst []byte, values []T) []byte {
	dst = append(dst, c.slice.header[:]...)
	return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*c.size)...)
}

// Count checks a block and returns the number of values in it.
func (c *BlockCodec[T]) Count(block []byte) (int, error) {
	if err := c.slice.check(block); err != nil {
		return 0, c.slice.unfit(err)
	}
	return (len(block) - headerSize) / c.size, nil
}

// Value returns the value at an index of a block that [BlockCodec.Count] has
// found good.
func (c *BlockCodec[T]) Value(block []byte, i int) (v T) {
	at := headerSize + i*c.size
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size), block[at:at+c.size])
	return v
}

// CopyTo copies the values of a block that is good, as many as there is room for.
func (c *BlockCodec[T]) CopyTo(dst []T, block []byte) {
	copy(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(dst))), len(dst)*c.size), block[headerSize:])
}

// Begin writes the header of a block whose values are put one by one.
func (c *BlockCodec[T]) Begin(block []byte) { copy(block, c.slice.header[:]) }

// Put writes the value at an index of a block and returns its length up to there.
func (c *BlockCodec[T]) Put(block []byte, i int, v T) (length int) {
	at := headerSize + i*c.size
	return at + copy(block[at:at+c.size], unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size))
}

// Fits is how many values a block of so many bytes has room for.
func (c *BlockCodec[T]) Fits(bytes int) int {
	return max(0, bytes-headerSize) / c.size
}
