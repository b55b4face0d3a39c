package verdict

import (
	"encoding/binary"
	"math"
	"testing"
)

// FuzzJudge feeds arbitrary numbers to a plan for two decisions.
func FuzzJudge(f *testing.F) {
	pairs := func(ds ...Decision) []byte {
		var b []byte
		for _, d := range ds {
			for _, p := range d.Pairs {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.Base))
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.Head))
			}
		}
		return b
	}
	f.Add(0.03, true, false, pairs(timed(around(0, 20)), timed(around(0.1, 20))))
	f.Add(0.0, false, true, pairs(counted("", Pair{1, 2}), counted("", Pair{0, 0}, Pair{0, 1})))
	f.Add(1e300, false, false, pairs(timed(around(0, 7)), timed(around(0, 7))))
	f.Add(math.NaN(), false, true, pairs(Decision{Pairs: []Pair{{0, -1}, {math.Inf(1), math.NaN()}, {5e-324, math.MaxFloat64}}}))
	f.Fuzz(func(t *testing.T, margin float64, higher, exact bool, data []byte) {
		var all []Pair
		for ; len(data) >= 16; data = data[16:] {
			all = append(all, Pair{
				Base: math.Float64frombits(binary.LittleEndian.Uint64(data)),
				Head: math.Float64frombits(binary.LittleEndian.Uint64(data[8:])),
			})
		}
		half := len(all) / 2
		p := Plan{Margin: margin, Alpha: 0.2, Beta: 0.3, Looks: []int{5, 8}, Confirm: 4, ConfirmLevel: 0.2}
		results, err := p.Judge([]Decision{
			{Unit: "x", Pairs: all[:half], Higher: higher, Exact: exact},
			{Unit: "B/op", Pairs: all[half:], Higher: !higher},
		})
		if (err == nil) != (margin >= 0 && !math.IsInf(margin, 0)) {
			t.Fatalf("margin %v: %v", margin, err)
		}
		for _, r := range results {
			switch r.Verdict {
			case Fine, Regressed:
				if r.N < 5 || !r.Known() || r.Needs != 0 {
					t.Errorf("decided on too little: %+v", r)
				}
			case Inconclusive, Unknown:
			default:
				t.Errorf("verdict %q", r.Verdict)
			}
			for _, x := range []float64{r.Lo, r.Hi, r.Level, r.P, r.Adjusted, r.Detectable, r.Confirmation.P, r.Confirmation.Ratio} {
				if math.IsNaN(x) || x < 0 {
					t.Errorf("a number is missing: %+v", r)
				}
			}
			if r.Lo > r.Hi || r.N > 0 && (r.Ratio < r.Lo || r.Ratio > r.Hi) || r.P > 1 || r.Adjusted > 1 {
				t.Errorf("numbers are out of order: %+v", r)
			}
			if (r.Err != nil) != (r.Verdict == Unknown) || r.Known() != (r.N > 0) {
				t.Errorf("nothing says what is wrong: %+v", r)
			}
		}
	})
}

// FuzzChanges feeds arbitrary numbers to the search for changes.
func FuzzChanges(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x00\x40\x00\x00\x00\x00\x00\x00\x00\x40"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var series []float64
		for ; len(data) >= 8 && len(series) < 40; data = data[8:] {
			series = append(series, math.Float64frombits(binary.LittleEndian.Uint64(data)))
		}
		changes, err := Trend{Permutations: 19}.Changes(series)
		last := 0
		for _, c := range changes {
			if err != nil || c.At < last+minSegment || c.At > len(series)-minSegment || math.IsNaN(c.P) || math.IsNaN(c.Before) || math.IsNaN(c.After) {
				t.Errorf("%v: %+v, %v", series, changes, err)
			}
			last = c.At
		}
	})
}
