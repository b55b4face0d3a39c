package runner

import "testing"

// Chunks cover the units once, in order, and guided ones only get smaller, down
// to single units.
func TestDispenserGivesOutEveryUnitOnce(t *testing.T) {
	for _, n := range []uint64{0, 1, 2, 7, 100, 12345} {
		for _, workers := range []uint64{1, 2, 16} {
			for _, chunk := range []uint64{0, 1, 10, 1 << 20} {
				d := dispenser{n: n, chunk: chunk, workers: workers}
				var at, last, chunks uint64
				for s, ok := d.take(0); ok; s, ok = d.take(0) {
					if s.lo != at || s.hi <= s.lo || s.hi > n {
						t.Fatalf("n=%d workers=%d chunk=%d: %v follows unit %d", n, workers, chunk, s, at)
					}
					size := s.hi - s.lo
					if chunk == 0 && chunks > 0 && size > last {
						t.Errorf("n=%d workers=%d: a chunk of %d follows one of %d", n, workers, size, last)
					}
					at, last, chunks = s.hi, size, chunks+1
				}
				if at != n {
					t.Errorf("n=%d workers=%d chunk=%d: ended at %d", n, workers, chunk, at)
				}
				if chunk == 0 && n > 0 && last != 1 {
					t.Errorf("n=%d workers=%d: the last chunk has %d units, want 1", n, workers, last)
				}
			}
		}
	}
}

// A unit that lies ready behind a long one, while another worker has nothing to
// do, would make two workers as slow as one.
func TestNothingIsTakenAheadThatAnotherWorkerCouldBegin(t *testing.T) {
	for workers := uint64(1); workers <= 8; workers++ {
		for n := uint64(1); n <= 4*workers; n++ {
			for _, chunk := range []uint64{0, 1} {
				for behind := uint64(1); behind <= 3; behind++ {
					d := dispenser{n: n, chunk: chunk, workers: workers}
					for {
						left := d.n - d.next
						s, ok := d.take(behind)
						if !ok {
							break
						}
						if s.hi-s.lo != 1 && chunk == 1 || left < behind*(workers+1) {
							t.Errorf("%d workers, %d of %d units left: %v was taken as the %d. behind another", workers, left, n, s, behind)
						}
					}
					if left := d.n - d.next; chunk == 1 && left != min(n, behind*(workers+1)-1) || left < min(n, workers) {
						t.Errorf("%d workers, %d units: %d left for them", workers, n, left)
					}
				}
				d := dispenser{n: n, chunk: chunk, workers: workers}
				if _, ok := d.take(0); !ok {
					t.Errorf("%d workers, %d units: none to begin with", workers, n)
				}
			}
		}
	}
}

// Chunks of many units are counted as chunks: those that a worker has ready are
// none that others would have to do without.
func TestNoLargeChunkIsTakenAheadThatAnotherWorkerCouldBegin(t *testing.T) {
	for workers := uint64(2); workers <= 8; workers++ {
		for _, chunk := range []uint64{2, 7, 64, 1000} {
			for n := uint64(1); n <= 40*chunk; n += 1 + chunk/3 {
				d := dispenser{n: n, chunk: chunk, workers: workers}
				for behind := uint64(0); ; behind++ {
					chunks := (d.n - d.next + chunk - 1) / chunk
					if _, ok := d.take(behind); !ok {
						break
					}
					if behind > 0 && chunks < behind*(workers+1) {
						t.Fatalf("%d workers, %d of %d units left, %d in a chunk: one was taken as the %d. behind another", workers, d.n-d.next, n, chunk, behind)
					}
				}
			}
		}
	}
}
