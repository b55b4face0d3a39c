package wording

import "testing"

func TestQuantity(t *testing.T) {
	for _, tt := range []struct {
		value float64
		unit  string
		want  string
	}{
		{62.1e-6, "sec/op", "62.1 µs"},
		{0, "sec/op", "0 s"},
		{1536, "B/op", "1.50 KiB"},
		{3e9, "B/s", "2.79 GiB/s"},
		{2048, "peak-PSS-B", "2.00 KiB"},
		{0.5, "voluntary-switches/op", "0.50"},
		{1234567, "allocs/op", "1.23 M"},
		{0.000123, "allocs/op", "0.00012"},
	} {
		if got := Breakable(Quantity(tt.value, tt.unit, Digits)); got != tt.want {
			t.Errorf("%v %s = %q, want %q", tt.value, tt.unit, got, tt.want)
		}
	}
}

func TestPercentHasATrueMinusAndNoNegativeZero(t *testing.T) {
	for _, tt := range []struct {
		v        float64
		decimals int
		want     string
	}{{0.031, 1, "3.1 %"}, {-0.25, 0, "−25 %"}, {-0.0001, 1, "0.0 %"}} {
		if got := Breakable(Percent(tt.v, tt.decimals)); got != tt.want {
			t.Errorf("%v = %q, want %q", tt.v, got, tt.want)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 pairs", 1: "1 pair", 2: "2 pairs"} {
		if got := Count(n, "pair"); got != want {
			t.Errorf("%d = %q, want %q", n, got, want)
		}
	}
}
