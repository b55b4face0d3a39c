package report

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// grains returns points of the given sizes with one sample each.
func grains(sizes []float64, sec func(size float64) float64) []Grain {
	var points []Grain
	for _, size := range sizes {
		points = append(points, Grain{Size: size, samples: []float64{sec(size)}})
	}
	return points
}

// geometric returns sizes from lo to hi, each that many times the one before.
func geometric(lo, hi, by float64) []float64 {
	var sizes []float64
	for v := lo; v <= hi*(1+1e-9); v *= by {
		sizes = append(sizes, v)
	}
	return sizes
}

func metgOf(t *testing.T, points []Grain) METG {
	t.Helper()
	m := METG{Mode: "goroutine", Cores: 1, Points: points}
	if !m.measured() {
		t.Fatal("nothing is said of it")
	}
	return m
}

// Where a task is charged a fixed time beside its work, the rate of work is
// 1 − charged/granularity, so that half of a peak of 1 − charged/largest is
// reached with a granularity of 2·charged/(1 + charged/largest).
func TestMETGOfAFixedChargeIsTwiceTheCharge(t *testing.T) {
	for _, c := range []struct{ by, within float64 }{{1.05, 0.001}, {2, 0.05}, {math.Sqrt(10), 0.12}} {
		for _, charged := range []float64{3e-8, 1e-6, 4.4e-4} {
			points := grains(geometric(1e-9, 1e-1, c.by), func(work float64) float64 { return charged + work })
			m := metgOf(t, points)
			want := 2 * charged / (1 + charged/m.Most)
			if got := m.Seconds.Center; math.Abs(got/want-1) > c.within {
				t.Errorf("sizes %.3g apart, %g s charged: METG is %g, want %g", c.by, charged, got, want)
			}
		}
	}
}

// A mode that has one of two cores has the same tasks at twice the granularity.
func TestMETGChargesForIdleCores(t *testing.T) {
	sizes := geometric(1e-9, 1e-1, 2)
	one := metgOf(t, grains(sizes, func(work float64) float64 { return 1e-6 + work })).Seconds.Center
	two := metgOf(t, grains(sizes, func(work float64) float64 { return 2 * (1e-6 + work) })).Seconds.Center
	if math.Abs(two/one-2) > 1e-9 {
		t.Errorf("METG is %g with a core of one and %g with a core of two", one, two)
	}
}

func TestMETGBeyondTheSizes(t *testing.T) {
	sizes := geometric(1e-6, 1e-2, 10)
	for _, c := range []struct {
		name    string
		charged float64
		want    float64
	}{
		{"nothing is charged", 0, 0},
		{"half as much as the smallest", 0.5e-6, 0},
		{"as much as the second", 1e-5, 2e-5},
		{"twice as much as the largest", 2e-2, math.Inf(1)},
		{"more than shows in the largest", 1e6, math.Inf(1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := metgOf(t, grains(sizes, func(work float64) float64 { return c.charged + work }))
			got := m.Seconds.Center
			if c.want == 0 || math.IsInf(c.want, 1) {
				if got != c.want {
					t.Errorf("METG is %g, want %g", got, c.want)
				}
				return
			}
			if math.Abs(got/c.want-1) > 0.3 {
				t.Errorf("METG is %g, want about %g", got, c.want)
			}
		})
	}
}

func TestMETGIsSaidAlsoWhereItIsBeyondTheSizes(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		seconds      Interval
		text, around string
	}{
		{Interval{2e-6, 1e-6, 3e-6}, "2.00 µs", "1.00 µs to 3.00 µs"},
		{Interval{2e-6, 0, inf}, "2.00 µs", "<100 ns to >5.00 ms"},
		{Interval{0, 0, 2e-7}, "<100 ns", "<100 ns to 200 ns"},
		{Interval{0, 0, 0}, "<100 ns", "<100 ns"},
		{Interval{inf, 1e-3, inf}, ">5.00 ms", "1.00 ms to >5.00 ms"},
		{Interval{inf, inf, inf}, ">5.00 ms", ">5.00 ms"},
		{Interval{2e-6, -inf, inf}, "2.00 µs", "unknown: fewer than 6 samples"},
	} {
		m := METG{Mode: "process", Seconds: c.seconds, Least: 1e-7, Most: 5e-3}
		if got := wording.Breakable(m.text(m.Seconds.Center)); got != c.text {
			t.Errorf("METG of %v is %q, want %q", c.seconds, got, c.text)
		}
		if got := wording.Breakable(m.interval()); got != c.around {
			t.Errorf("interval of %v is %q, want %q", c.seconds, got, c.around)
		}
	}
}

func TestMETGOfMissingSizes(t *testing.T) {
	work := func(size float64) float64 { return 1e-6 + size }
	all := grains(geometric(1e-8, 1e-2, 10), work)
	gap := slices.Clone(all)
	gap[0].samples, gap[4].samples = nil, nil
	m := metgOf(t, gap)
	if want := metgOf(t, all).Seconds.Center; m.Seconds.Center != want || len(m.Points) != len(all)-2 {
		t.Errorf("without two sizes, METG is %g of %d sizes, want %g of %d", m.Seconds.Center, len(m.Points), want, len(all)-2)
	}
	for n := range 2 {
		m := METG{Points: all[:n]}
		if m.measured() {
			t.Errorf("something is said of %d sizes: %v", n, m.Seconds)
		}
	}
}

// Other programs slow a size down that is large enough.
func TestMETGPassesOverALargerSizeThatIsSlow(t *testing.T) {
	points := grains(geometric(1e-8, 1e-2, 10), func(size float64) float64 { return 1e-6 + size })
	want := metgOf(t, slices.Clone(points)).Seconds.Center
	points[4].samples[0] *= 5
	if got := metgOf(t, points).Seconds.Center; got != want {
		t.Errorf("METG is %g, want %g", got, want)
	}
}

func TestMETGIntervalHoldsItAndIsAlwaysTheSame(t *testing.T) {
	n := newNoise(3)
	points := func(samples int) []Grain {
		var all []Grain
		for _, work := range geometric(1e-8, 1e-2, 3) {
			all = append(all, Grain{Size: work, samples: n.around(1e-6+work, samples)})
		}
		return all
	}
	ten := points(10)
	m, again := metgOf(t, slices.Clone(ten)), metgOf(t, slices.Clone(ten))
	if m.Seconds != again.Seconds {
		t.Errorf("the same samples have the intervals %v and %v", m.Seconds, again.Seconds)
	}
	if v := m.Seconds; !(v.Lo > 0 && v.Lo <= v.Center && v.Center <= v.Hi && v.Lo < v.Hi && v.Hi < 3*v.Lo) {
		t.Errorf("interval %v", v)
	}
	if v := metgOf(t, points(5)).Seconds; !math.IsInf(v.Lo, -1) || !math.IsInf(v.Hi, 1) {
		t.Errorf("five samples have the interval %v, want none", v)
	}
}

// TestMETGIsWhereAScanFindsIt follows curves of any shape, which rise and then
// do not, in small steps.
func TestMETGIsWhereAScanFindsIt(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for seed := range 300 {
		sec, rate := 1e-8, 0.01
		var points []Grain
		for range 4 + rng.IntN(12) {
			points = append(points, Grain{Size: rate * sec, samples: []float64{sec}})
			sec *= 1.2 + 5*rng.Float64()
			rate *= 0.7 + rng.ExpFloat64()
		}
		// Some points fall back, and a last one is on the level of the one before,
		// so that the peak is in sight.
		points = append(points, Grain{Size: points[len(points)-1].Size * 4, samples: []float64{points[len(points)-1].samples[0] * 4}})
		m := metgOf(t, points)
		want := scan(m.Points)
		if got := m.Seconds.Center; got != want && math.Abs(got/want-1) > 1e-3 {
			t.Errorf("seed %d: METG is %g, a scan finds %g", seed, got, want)
		}
	}
}

// scan returns the first granularity, in steps of a ten-thousandth of the way
// from size to size, at which the rate is half of the peak's.
func scan(points []Grain) float64 {
	peak := 0.0
	for _, g := range points {
		peak = max(peak, g.rate())
	}
	const steps = 10_000
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		for k := range steps + 1 {
			t := float64(k) / steps
			if a.rate()+(b.rate()-a.rate())*t >= peak/2 {
				if i == 1 && k == 0 {
					return 0
				}
				return math.Exp(math.Log(a.Seconds.Center) + t*(math.Log(b.Seconds.Center)-math.Log(a.Seconds.Center)))
			}
		}
	}
	return math.Inf(1)
}
