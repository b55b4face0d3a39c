package runner

import (
	"testing"
	"testing/synctest"
	"time"
)

// Batches hold more chunks while they are done in no time, up to what the
// connection has room for, and fewer again when they take long.
func TestBatchesFitTheTimeThatTheyTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b batches
		b.begin()
		b.add(b.size)
		for _, step := range []struct {
			took time.Duration
			want int
		}{
			{0, 2}, {shortBatch, 4}, {shortBatch + 1, 4}, {longBatch - 1, 4}, {0, 8}, {0, 16}, {longBatch, 8},
			{0, 16}, {0, 32}, {0, 64}, {0, 128}, {0, 256}, {0, 256},
			{time.Second, 128}, {time.Hour, 64}, {longBatch, 32}, {longBatch, 16}, {longBatch, 8}, {longBatch, 4}, {longBatch, 2}, {longBatch, 1}, {longBatch, 1},
		} {
			b.add(b.size)
			time.Sleep(step.took)
			b.done()
			if b.size != step.want {
				t.Fatalf("after %v: batches of %d, want %d", step.took, b.size, step.want)
			}
			if b.len() != 1 || b.chunks != b.sizes[0] {
				t.Fatalf("out: %d chunks in batches of %v", b.chunks, b.sizes)
			}
		}
	})
}
