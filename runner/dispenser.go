package runner

import "sync"

// A dispenser gives out the units of a sample, chunk by chunk. It may be asked
// by several goroutines at once.
type dispenser struct {
	n       uint64 // units in all
	chunk   uint64 // of that many units; 0 means guided
	workers uint64

	mu   sync.Mutex
	next uint64
}

// take returns the next chunk; false when all are given out.
//
// A guided chunk is a quarter of a worker's share of what is left
// (Polychronopoulos and Kuck, "Guided self-scheduling", IEEE Transactions on
// Computers C-36, 1987): few large chunks first, so that handing out costs
// little, and single units last, so that the workers end together. It is the
// same in every mode, so every mode pays for the same number of hand-outs.
func (d *dispenser) take() (span, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.next >= d.n {
		return span{}, false
	}
	left := d.n - d.next
	size := d.chunk
	if size == 0 {
		size = max(1, left/(4*d.workers))
	}
	s := span{d.next, d.next + min(size, left)}
	d.next = s.hi
	return s, true
}
