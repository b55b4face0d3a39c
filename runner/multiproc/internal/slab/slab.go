// Package slab hands out blocks of memory that a process shares with others, for
// messages that are too large to be copied more often than need be. The process
// that owns the memory keeps the books; others get blocks lent, to read or to
// fill, and say in the memory when they are through with one.
package slab

import (
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"
)

// headerSize is the size in bytes of what is in front of each block: the word by
// which who has it lent gives it back, in cache lines of its own. Processors fetch
// them in pairs.
const headerSize = 128

// unit is what the sizes of blocks are multiples of: a page.
const unit = 4096

// A Slab is the owner's side of the memory.
type Slab struct {
	mem []byte

	mu     sync.Mutex
	blocks []*Block // those that are in use, by rising place
}

// A Block is a part of a slab that is in use.
type Block struct {
	lo, hi int
	to     any // whom it is lent to; nil if it is not
}

// New returns the slab in mem, which begins at a page. It may have none.
func New(mem []byte) *Slab { return &Slab{mem: mem} }

// Take returns a block with room for n bytes, the first that is free; nil if there
// is none.
func (s *Slab) Take(n int) *Block {
	if n < 0 || n > len(s.mem)-headerSize {
		return nil
	}
	size := (headerSize + n + unit - 1) &^ (unit - 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	lo, at := 0, 0
	for ; at < len(s.blocks) && s.blocks[at].lo-lo < size; at++ {
		lo = s.blocks[at].hi
	}
	if lo+size > len(s.mem) {
		return nil
	}
	b := &Block{lo: lo, hi: lo + size}
	s.blocks = slices.Insert(s.blocks, at, b)
	return b
}

// sweep takes back what was lent and is not needed any more.
func (s *Slab) sweep() {
	s.blocks = slices.DeleteFunc(s.blocks, func(b *Block) bool {
		return b.to != nil && word(s.mem, b.lo).Load() == 0
	})
}

// Bytes returns the first n bytes of a block.
func (s *Slab) Bytes(b *Block, n int) []byte {
	at := b.lo + headerSize
	return s.mem[at : at+n : at+n]
}

// Place returns where a block is, for [At].
func (b *Block) Place() int { return b.lo }

// Find returns the block that data is the beginning of; nil if it is none of the
// slab's.
func (s *Slab) Find(data []byte) *Block {
	if len(s.mem) == 0 || cap(data) == 0 {
		return nil
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(data))) - uintptr(unsafe.Pointer(unsafe.SliceData(s.mem)))
	if at >= uintptr(len(s.mem)) || at < headerSize {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at(int(at) - headerSize)
}

// at returns the block at a place; nil if none begins there.
func (s *Slab) at(place int) *Block {
	i, ok := slices.BinarySearchFunc(s.blocks, place, func(b *Block, place int) int { return b.lo - place })
	if !ok {
		return nil
	}
	return s.blocks[i]
}

// Lend lends a block. Whoever it is lent to gives it back by [Return].
func (s *Slab) Lend(b *Block, to any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	word(s.mem, b.lo).Store(1)
	b.to = to
}

// Lent returns the block at a place, of which n bytes are used, if it is lent to
// whom is said; otherwise nil.
func (s *Slab) Lent(place, n int, to any) *Block {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.at(place); b != nil && b.to == to && n >= 0 && n <= b.hi-b.lo-headerSize {
		return b
	}
	return nil
}

// Keep ends the lending of a block that its borrower has filled. One that was
// handed on meanwhile stays so.
func (s *Slab) Keep(b *Block, from any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.to == from {
		b.to = nil
	}
}

// Free ends the use of a block.
func (s *Slab) Free(b *Block) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.blocks, b); i >= 0 {
		s.blocks = slices.Delete(s.blocks, i, i+1)
	}
}

// FreeFrom is Free, unless the block was handed on meanwhile.
func (s *Slab) FreeFrom(b *Block, from any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.blocks, b); i >= 0 && b.to == from {
		s.blocks = slices.Delete(s.blocks, i, i+1)
	}
}

// FreeAll ends the use of all that is lent to somebody who has ended.
func (s *Slab) FreeAll(to any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocks = slices.DeleteFunc(s.blocks, func(b *Block) bool { return b.to == to })
}

// Len returns how many blocks are in use.
func (s *Slab) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	return len(s.blocks)
}

// At returns n bytes of the block at a place, in the memory as a borrower has it;
// nil if that is beyond it.
func At(mem []byte, place, n int) []byte {
	if place < 0 || place%unit != 0 || n < 0 || place > len(mem)-headerSize || n > len(mem)-headerSize-place {
		return nil
	}
	at := place + headerSize
	return mem[at : at+n : at+n]
}

// Return gives back what At has returned, or the beginning of it. It reports
// whether data was of that memory.
func Return(mem, data []byte) bool {
	if len(mem) == 0 || cap(data) == 0 {
		return false
	}
	at := uintptr(unsafe.Pointer(unsafe.SliceData(data))) - uintptr(unsafe.Pointer(unsafe.SliceData(mem)))
	if at >= uintptr(len(mem)) || at < headerSize {
		return false
	}
	word(mem, int(at)-headerSize).Store(0)
	return true
}

// word is the one in front of a block.
func word(mem []byte, place int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&mem[place]))
}
