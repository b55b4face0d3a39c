package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
)

func labels(ts []plot.Tick) string {
	var out []string
	for _, t := range ts {
		out = append(out, strings.ReplaceAll(t.Label, "\u00a0", " "))
	}
	return strings.Join(out, ", ")
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name string
		got  []plot.Tick
		want string
	}{
		{"nanoseconds", linearTicks(1.3e-9, 6, unitOf("sec/op")), "0, 0.25 ns, 0.5 ns, 0.75 ns, 1 ns, 1.25 ns"},
		{"seconds", linearTicks(7, 6, unitOf("sec")), "0, 2 s, 4 s, 6 s"},
		{"binary", linearTicks(3.5*(1<<30), 6, unitOf("peak-B")), "0, 1 GiB, 2 GiB, 3 GiB"},
		{"rate", linearTicks(900<<20, 6, unitOf("B/s")), "0, 200 MiB/s, 400 MiB/s, 600 MiB/s, 800 MiB/s"},
		{"count", linearTicks(2800, 6, unitOf("units/s")), "0, 0.5k, 1k, 1.5k, 2k, 2.5k"},
		{"nothing above zero", linearTicks(1, 6, unitOf("switches/op")), "0, 0.2, 0.4, 0.6, 0.8, 1"},
		{"octaves", octaves(0.5, 8).ticks, "0.5×, 1×, 2×, 4×, 8×"},
		{"many octaves", octaves(0.01, 64).ticks, "1/64×, 1/16×, 1/4×, 1×, 4×, 16×, 64×"},
		{"one octave", octaves(1, 1).ticks, "1×, 2×"},
		{"decades", decades(90e-6, 12e-3, unitOf("sec")).ticks, "50 µs, 100 µs, 200 µs, 500 µs, 1 ms, 2 ms, 5 ms, 10 ms, 20 ms"},
		{"more decades", decades(1e-9, 1, unitOf("sec")).ticks, "1 ns, 1 µs, 1 ms, 1 s"},
		{"bytes", decades(40e3, 5e9, unitOf("B/s")).ticks, "32 KiB/s, 1 MiB/s, 32 MiB/s, 1 GiB/s, 32 GiB/s"},
		{"few bytes", decades(900, 5000, unitOf("B")).ticks, "512 B, 1 KiB, 2 KiB, 4 KiB, 8 KiB"},
		{"one value", decades(1e-3, 1e-3, unitOf("sec")).ticks, "1 ms, 2 ms"},
	} {
		if got := labels(c.got); got != c.want {
			t.Errorf("%s: ticks %s, want %s", c.name, got, c.want)
		}
	}
}

func TestShortNumbers(t *testing.T) {
	for _, c := range []struct {
		unit string
		v    float64
		want string
	}{
		{"sec/op", 1.234e-9, "1.23 ns"},
		{"sec/op", 0.0625, "62.5 ms"},
		{"sec/op", 999.96e-6, "1.00 ms"},
		{"sec", 0, "0 s"},
		{"B", 9 << 20, "9.00 MiB"},
		{"B", 512, "512 B"},
		{"x", 0.021, "0.021×"},
		{"x", 1.978, "1.98×"},
		{"x", 15.62, "15.6×"},
		{"switches/op", 0.5, "0.50"},
		{"units/s", 2210, "2.21k"},
	} {
		if got := strings.ReplaceAll(unitOf(c.unit).short(c.v), "\u00a0", " "); got != c.want {
			t.Errorf("%g %s = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestTicksAreOnTheirAxis(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		lo := math.Pow(10, 600*rng.Float64()-300)
		hi := clampLog(lo * math.Pow(10, 12*rng.Float64()*rng.Float64()))
		lo = clampLog(lo)
		for _, a := range []axis{decades(lo, hi, unitOf("sec")), octaves(lo, hi)} {
			if a.min > lo || a.max < hi || !(a.min < a.max) {
				t.Fatalf("the axis from %g to %g does not hold %g to %g", a.min, a.max, lo, hi)
			}
			if n := len(a.ticks); n < 1 || n > 10 {
				t.Fatalf("%d ticks from %g to %g", n, lo, hi)
			}
			for _, tick := range a.ticks {
				if !a.holds(tick.Value) {
					t.Fatalf("tick %g is off the axis from %g to %g", tick.Value, a.min, a.max)
				}
			}
		}
	}
}

func TestSpreadKeepsLabelsApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const gap, lo, hi = 10, 0, 200
	for range 2000 {
		want := make([]vg.Length, rng.IntN(20))
		for i := range want {
			want[i] = vg.Length(rng.Float64() * rng.Float64() * hi)
		}
		slices.Sort(want)
		got := spread(want, gap, lo, hi)
		apart := true
		for i := range want {
			if got[i] < lo-1e-9 || got[i] > hi+1e-9 {
				t.Fatalf("%v of %v is out of bounds", got, want)
			}
			if i > 0 {
				if got[i]-got[i-1] < gap-1e-9 {
					t.Fatalf("%v of %v are too close", got, want)
				}
				apart = apart && want[i]-want[i-1] >= gap
			}
		}
		if apart && !slices.Equal(got, want) {
			t.Fatalf("%v, which are apart, were moved to %v", want, got)
		}
	}
	if got := spread([]vg.Length{50, 52, 54}, gap, lo, hi); !slices.Equal(got, []vg.Length{42, 52, 62}) {
		t.Errorf("three close places were spread to %v, want them around their middle", got)
	}
}
