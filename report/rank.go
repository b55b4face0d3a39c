package report

import (
	"cmp"
	"math"
	"slices"

	"golang.org/x/perf/benchmath"

	"github.com/gvp-bench/gvp/results"
)

// A Finding is what the samples say about one row at one number of workers:
// which concurrent mode took least time, and how the others compare with it.
type Finding struct {
	Row     *Row
	Workers int

	Best    string   // the mode with the lowest median of sec/op
	Seconds Interval // of a unit in the best mode
	Speedup Ratio    // of the best mode over serial; not known without serial
	Rivals  []Rival  // the other concurrent modes, fastest first
	N       [2]int   // fewest and most samples of a mode
	spread  []Ratio  // speedups of the best mode and of those not told apart from it
}

// An Interval is a median with its 95 % confidence interval, which is ±Inf if
// the sample is too small for one.
type Interval struct{ Center, Lo, Hi float64 }

// bounded reports whether there is an interval.
func (v Interval) bounded() bool { return !math.IsInf(v.Lo, 0) && !math.IsInf(v.Hi, 0) }

// A Rival is a mode compared with the best.
type Rival struct {
	Mode string

	// Time is how many times as long a unit takes as in the best mode.
	Time Ratio

	// P is the p-value of Time, corrected by Holm's method (Holm, A simple
	// sequentially rejective multiple test procedure, Scandinavian Journal of
	// Statistics 6, 1979) for the number of pairs of modes: the best is chosen
	// by the samples that it is then compared by, so that any of all pairs may
	// be among those that are looked at.
	P float64

	// Tied says that the difference may well be chance: P is above 0.05.
	Tied bool

	// Blind says that so few samples could not have shown any difference,
	// however large.
	Blind bool
}

// Findings returns what the samples say about each row with a concurrent mode,
// at the number of workers that [Report.Findings] names.
func (s *Suite) Findings() []Finding { return s.findings() }

// rank is what Findings does the first time.
func (s *Suite) rank() []Finding {
	var all []Finding
	for _, r := range s.Rows {
		if f, ok := s.finding(r, s.headline(r)); ok {
			all = append(all, f)
		}
	}
	return all
}

// finding ranks the concurrent modes of a row. There is none to rank if no mode
// has times.
func (s *Suite) finding(r *Row, workers int) (Finding, bool) {
	modes := s.concurrent(r, workers, results.SecPerOp)
	if len(modes) == 0 {
		return Finding{}, false
	}
	values := make(map[string][]float64)
	for _, m := range modes {
		values[m] = r.values(m, workers, results.SecPerOp)
	}
	slices.SortStableFunc(modes, func(a, b string) int {
		return cmp.Compare(summarise(values[a]).Center, summarise(values[b]).Center)
	})
	best := modes[0]
	f := Finding{
		Row: r, Workers: workers,
		Best: best, Seconds: summarise(values[best]),
		Speedup: ratioOf(r.base(), values[best]),
		N:       [2]int{len(values[best]), len(values[best])},
	}
	for _, m := range modes[1:] {
		n := len(values[m])
		f.N = [2]int{min(f.N[0], n), max(f.N[1], n)}
		f.Rivals = append(f.Rivals, Rival{Mode: m, Time: ratioOf(values[m], values[best])})
	}
	judge(f.Rivals)
	f.spread = []Ratio{f.Speedup}
	for _, v := range f.Rivals {
		if v.Tied {
			f.spread = append(f.spread, ratioOf(r.base(), values[v.Mode]))
		}
	}
	return f, true
}

// judge decides which rivals are slower than the best for certain. Where all
// modes are alike, the chance that it calls any slower is at most alpha.
func judge(rivals []Rival) {
	family := pairs(len(rivals) + 1)
	ps := make([]float64, len(rivals))
	for i, v := range rivals {
		ps[i] = v.Time.P
		if !v.Time.Known() {
			ps[i] = 1
		}
	}
	for i, p := range holm(ps, family) {
		v := &rivals[i]
		v.P = p
		v.Tied = p > alpha
		v.Blind = smallestP(v.Time.N1, v.Time.N2)*float64(family) > alpha
	}
}

// pairs returns how many pairs n modes make.
func pairs(n int) int { return n * (n - 1) / 2 }

// holm returns p-values corrected for the number of a family of tests. Where ps
// are not all of the family, the others count as if they were larger, which can
// only make the corrected ones too large.
func holm(ps []float64, family int) []float64 {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ps[a], ps[b]) })
	corrected := make([]float64, len(ps))
	most := 0.0
	for rank, i := range order {
		most = max(most, min(1, ps[i]*float64(family-rank)))
		corrected[i] = most
	}
	return corrected
}

// smallestP returns the smallest p-value that the two-sided test can give for
// samples of these sizes: two of all ways in which they can lie among each
// other.
func smallestP(n1, n2 int) float64 {
	if n1 == 0 || n2 == 0 {
		return 1
	}
	ways, _ := math.Lgamma(float64(n1 + n2 + 1))
	a, _ := math.Lgamma(float64(n1 + 1))
	b, _ := math.Lgamma(float64(n2 + 1))
	return math.Min(1, 2*math.Exp(a+b-ways))
}

// ties returns the modes that cannot be told apart from the best, that first.
func (f Finding) ties() []string {
	modes := []string{f.Best}
	for _, v := range f.Rivals {
		if v.Tied {
			modes = append(modes, v.Mode)
		}
	}
	return modes
}

// slower returns the modes that are slower than the best for certain.
func (f Finding) slower() []Rival {
	return slices.DeleteFunc(slices.Clone(f.Rivals), func(v Rival) bool { return v.Tied })
}

// blind reports whether some mode has too few samples to be told apart.
func (f Finding) blind() bool {
	return slices.ContainsFunc(f.Rivals, func(v Rival) bool { return v.Blind })
}

// summarise returns the median of values and its interval, as in the tables.
func summarise(values []float64) Interval {
	if len(values) == 0 {
		return Interval{math.NaN(), math.Inf(-1), math.Inf(1)}
	}
	sum := benchmath.AssumeNothing.Summary(benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds), confidence)
	return Interval{sum.Center, sum.Lo, sum.Hi}
}
