package multiproc

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"
)

// A claim is the beginning of an order that lies in memory which both sides
// have. An order is one or more units, each of some tasks. The worker claims a
// unit before it begins with it; the pool takes units back, from the last on,
// that are not claimed. Both change one word, so that each unit is done by one
// worker, and nobody waits.
type claim struct {
	state *atomic.Uint32 // nil for an order that is the worker's once it is sent
	end   uint64         // where in the ring it ends
}

// The state has the number of units that the worker may do, and above that of
// those that it has claimed.
const claimedShift = 16

// mostUnits is how many units an order has at most.
const mostUnits = 1 << 10

// claimSize is the size in bytes of the beginning of an order: its state, the
// number of its tasks if their arguments are a block, else 0, how many of them are
// a unit, and how many bytes there are to skip before the arguments; four each.
const claimSize = 16

// appendClaim begins an order of so many units.
func appendClaim(dst []byte, units, tasks, unit, skip int) []byte {
	dst = binary.NativeEndian.AppendUint32(dst, uint32(units))
	dst = binary.NativeEndian.AppendUint32(dst, uint32(tasks))
	dst = binary.NativeEndian.AppendUint32(dst, uint32(unit))
	return binary.NativeEndian.AppendUint32(dst, uint32(skip))
}

// blockIn returns how many tasks an order is whose arguments are a block, and how
// many are a unit; else 0.
func blockIn(order []byte) (tasks, unit int) {
	return int(binary.NativeEndian.Uint32(order[4:])), int(binary.NativeEndian.Uint32(order[8:]))
}

// skipIn returns how many bytes there are to skip in an order after the name of the
// function.
func skipIn(order []byte) uint64 { return uint64(binary.NativeEndian.Uint32(order[12:])) }

// claimOf returns the claim of an order that lies in shared memory.
func claimOf(order []byte, end uint64) claim {
	return claim{(*atomic.Uint32)(unsafe.Pointer(unsafe.SliceData(order))), end}
}

// take claims the next unit. It reports false if there is none.
func (c claim) take() bool {
	for {
		s := c.state.Load()
		if claimed, units := s>>claimedShift, s&(1<<claimedShift-1); claimed >= units {
			return false
		}
		if c.state.CompareAndSwap(s, s+1<<claimedShift) {
			return true
		}
	}
}

// leave takes back what is not claimed but for the first least units of the
// order, and returns how many units are left.
func (c claim) leave(least int) (left int) {
	for {
		s := c.state.Load()
		claimed, units := int(s>>claimedShift), int(s&(1<<claimedShift-1))
		left = min(units, max(claimed, least))
		if left == units || c.state.CompareAndSwap(s, uint32(claimed<<claimedShift|left)) {
			return left
		}
	}
}

// claimed is how many units the worker has begun with.
func (c claim) claimed() int { return int(c.state.Load() >> claimedShift) }
