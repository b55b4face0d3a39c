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

// take returns the next chunk; false when all are given out. One that is to lie
// ready, as the first, second … behind what is in work, is refused as well where
// it would be missed: when there would not be as many for each other worker.
//
// A guided chunk is a quarter of a worker's share of what is left
// (Polychronopoulos and Kuck, "Guided self-scheduling", IEEE Transactions on
// Computers C-36, 1987): few large chunks first, so that handing out costs
// little, and single units last, so that the workers end together. It is the
// same in every mode, so every mode pays for the same number of hand-outs.
func (d *dispenser) take(behind uint64) (span, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := d.n - d.next
	if left == 0 {
		return span{}, false
	}
	chunks := left // guided ones are down to single units in the end
	if d.chunk > 1 {
		chunks = (left-1)/d.chunk + 1
	}
	if behind > 0 && chunks/behind <= d.workers {
		return span{}, false
	}
	size := d.chunk
	if size == 0 {
		size = max(1, left/(4*d.workers))
	}
	s := span{lo: d.next, hi: d.next + min(size, left)}
	d.next = s.hi
	return s, true
}
