package multiproc

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// A claim is the beginning of an order that lies in memory which both sides
// have. The worker claims the order before it begins with it, or the pool takes
// it back before that: whoever comes first, and the other one leaves it alone.
type claim struct {
	state *atomic.Uint32 // nil for an order that is the worker's once it is sent
	end   uint64         // where in the ring it ends
}

// claimSize is the size in bytes of the beginning of an order: its state, and how
// many tasks it is if their arguments are a block, else 0; four bytes each.
const claimSize = 8

// States of an order.
const (
	isOffered = iota // by the pool
	isClaimed        // by the worker
	isBack           // with the pool
)

// claimOf returns the claim of an order that lies in shared memory.
func claimOf(msg []byte, end uint64) claim {
	return claim{(*atomic.Uint32)(unsafe.Pointer(unsafe.SliceData(msg))), end}
}

// settle has the order be in a state, if nobody was faster. It reports whether
// it is.
func (c claim) settle(state uint32) bool { return c.state.CompareAndSwap(isOffered, state) }

// blockIn returns how many tasks an order is whose arguments are a block; else 0.
func blockIn(msg []byte) int { return int(binary.LittleEndian.Uint32(msg[4:])) }
