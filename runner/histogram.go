package runner

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A histogram counts unit latencies in nanoseconds, with two significant
// digits from 1 ns to an hour, in about 40 KB.
type histogram struct{ h *hdrhistogram.Histogram }

const longestUnit = int64(time.Hour)

func newHistogram() *histogram {
	return &histogram{hdrhistogram.New(1, longestUnit, 2)}
}

func (h *histogram) record(d time.Duration) {
	// Values in range cannot fail.
	_ = h.h.RecordValue(min(max(int64(d), 1), longestUnit))
}

func (h *histogram) reset() { h.h.Reset() }

func (h *histogram) merge(g *histogram) { h.h.Merge(g.h) }

// quantile returns the q-th quantile, in seconds; false where fewer units were
// seen than it takes for one to lie beyond it.
func (h *histogram) quantile(q float64) (float64, bool) {
	if float64(h.h.TotalCount())*(1-q) < 1-1e-9 {
		return 0, false
	}
	return time.Duration(h.h.ValueAtQuantile(100 * q)).Seconds(), true
}

// export and importHistogram carry a histogram between processes.
func (h *histogram) export() ([]byte, error) {
	return h.h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
}

func importHistogram(b []byte) (*histogram, error) {
	h, err := hdrhistogram.Decode(b)
	if err != nil {
		return nil, err
	}
	return &histogram{h}, nil
}
