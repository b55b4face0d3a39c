package verdict

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// levels returns a series that is n long at each level in turn, with a spread
// of 1 %.
func levels(seed uint64, n int, at ...float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	var xs []float64
	for _, level := range at {
		for range n {
			xs = append(xs, level*math.Exp(0.01*rng.NormFloat64()))
		}
	}
	return xs
}

func TestChangesAreFoundWhereTheyAre(t *testing.T) {
	outlier := levels(3, 30, 1)
	outlier[12] = 3
	tests := []struct {
		name   string
		series []float64
		want   []int
	}{
		{"none", levels(1, 30, 1), nil},
		{"one value far out", outlier, nil},
		{"a step", levels(1, 15, 1, 1.05), []int{15}},
		{"the same step in nanoseconds", levels(1, 15, 1e-9, 1.05e-9), []int{15}},
		{"there and back", levels(2, 10, 1, 1.1, 1), []int{10, 20}},
		{"stairs", levels(4, 10, 1, 1.05, 1.1, 1.2), []int{10, 20, 30}},
		{"a step in the last three", append(levels(5, 17, 1), 1.2, 1.21, 1.19), []int{17}},
		{"constant", slices.Repeat([]float64{7}, 30), nil},
		{"two constants", append(slices.Repeat([]float64{7}, 10), slices.Repeat([]float64{8}, 10)...), []int{10}},
		{"empty", nil, nil},
		{"too short", []float64{1, 1, 2}, nil},
		{"shortest", []float64{1, 1, 2, 2}, nil}, // of six ways to divide it, two are as good
	}
	for _, test := range tests {
		got, err := Trend{}.Changes(test.series)
		var at []int
		for i, c := range got {
			at = append(at, c.At)
			start, end := 0, len(test.series)
			if i > 0 {
				start = got[i-1].At
			}
			if i+1 < len(got) {
				end = got[i+1].At
			}
			if c.Before != Median(test.series[start:c.At]) || c.After != Median(test.series[c.At:end]) || !(c.P > 0 && c.P <= 0.05) {
				t.Errorf("%s: %+v does not have the levels beside it", test.name, c)
			}
		}
		if err != nil || !slices.Equal(at, test.want) {
			t.Errorf("%s: changes at %v, %v; want %v", test.name, at, err, test.want)
		}
	}
}

func TestChangesComeAsOftenByChanceAsTheLevelSays(t *testing.T) {
	found := 0
	const series = 300
	for seed := range uint64(series) {
		changes, err := Trend{Permutations: 99, Level: 0.1, Seed: seed}.Changes(levels(seed, 14, 1))
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) > 0 {
			found++
		}
	}
	if !atMost(found, series, 0.1) || found < series/30 {
		t.Errorf("%d of %d series without a change have one, want nearly 0.1", found, series)
	}
}

func TestChangesAreDeterministic(t *testing.T) {
	xs := levels(6, 12, 1, 1.03, 1)
	before := slices.Clone(xs)
	a, errA := Trend{Seed: 1}.Changes(xs)
	b, errB := Trend{Seed: 1}.Changes(xs)
	if errA != nil || errB != nil || !reflect.DeepEqual(a, b) || len(a) == 0 {
		t.Errorf("%v, %v and %v, %v", a, errA, b, errB)
	}
	if !slices.Equal(xs, before) {
		t.Error("the series was altered")
	}
}

// The definition, term by term: Matteson and James 2014, eq. 5 to 7.
func TestSplitAgainstItsDefinition(t *testing.T) {
	mean := func(xs, ys []float64, pairs float64) float64 {
		sum := 0.0
		for _, x := range xs {
			for _, y := range ys {
				sum += math.Abs(x - y)
			}
		}
		return sum / pairs
	}
	rng := rand.New(rand.NewPCG(1, 0))
	for range 100 {
		xs := coarse(rng, rng.IntN(14), 0)
		wantTau, wantQ := 0, 0.0
		for tau := 2; tau <= len(xs)-2; tau++ {
			for kappa := tau + 2; kappa <= len(xs); kappa++ {
				x, y := xs[:tau], xs[tau:kappa]
				n, m := float64(len(x)), float64(len(y))
				q := m * n / (m + n) * (2*mean(x, y, m*n) - mean(x, x, n*(n-1)) - mean(y, y, m*(m-1)))
				if wantTau == 0 || q > wantQ {
					wantTau, wantQ = tau, q
				}
			}
		}
		if tau, q := split(xs); tau != wantTau || math.Abs(q-wantQ) > 1e-9 {
			t.Errorf("%v: %d with %v, want %d with %v", xs, tau, q, wantTau, wantQ)
		}
	}
}

func TestTrendRefuses(t *testing.T) {
	tests := []struct {
		trend  Trend
		series []float64
		want   string
	}{
		{Trend{}, []float64{1, 0}, "value 2 of the series: 0"},
		{Trend{}, []float64{math.NaN()}, "value 1 of the series: NaN"},
		{Trend{Exact: true}, []float64{0, -1}, "value 2 of the series: -1"},
		{Trend{Level: 1}, nil, "level 1"},
		{Trend{Level: math.NaN()}, nil, "level NaN"},
		{Trend{Permutations: -1}, nil, "-1 permutations"},
		{Trend{}, make([]float64, maxSeries+1), "2001 values"},
	}
	for _, test := range tests {
		if _, err := test.trend.Changes(test.series); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.trend, err, test.want)
		}
	}
}
