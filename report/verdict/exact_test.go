package verdict

import (
	"math"
	"testing"
)

// counted is a decision whose pairs have these counts in turn.
func counted(unit string, pairs ...Pair) Decision {
	d := Decision{Benchmark: "Sort", Unit: unit, Exact: true}
	for i := range 20 {
		d.Pairs = append(d.Pairs, pairs[i%len(pairs)])
	}
	return d
}

func TestConstantCountsAreCertain(t *testing.T) {
	inf := math.Inf(1)
	tests := []struct {
		unit     string
		higher   bool
		pair     Pair
		verdict  Verdict
		improved bool
		ratio    float64
	}{
		{"allocs/op", false, Pair{0, 0}, Fine, false, 1},
		{"allocs/op", false, Pair{100, 100}, Fine, false, 1},
		{"allocs/op", false, Pair{0, 1}, Regressed, false, inf},
		{"allocs/op", false, Pair{1, 0}, Fine, true, 0},
		{"allocs/op", false, Pair{10, 11}, Regressed, false, 1.1},
		{"allocs/op", false, Pair{100, 103}, Fine, false, 1.03}, // exactly the margin
		{"allocs/op", false, Pair{100, 104}, Regressed, false, 1.04},
		{"allocs/op", false, Pair{103, 100}, Fine, false, 100.0 / 103},
		{"allocs/op", false, Pair{104, 100}, Fine, true, 100.0 / 104},
		{"B/op", false, Pair{0, 1}, Fine, false, 1}, // rounding
		{"B/op", false, Pair{16, 17}, Fine, false, 1},
		{"B/op", false, Pair{0, 8}, Regressed, false, inf},
		{"B/op", false, Pair{16, 24}, Regressed, false, 1.5},
		{"hits/op", true, Pair{4, 3}, Regressed, false, 0.75},
		{"hits/op", true, Pair{3, 4}, Fine, true, 4.0 / 3},
		{"hits/op", true, Pair{1, 0}, Regressed, false, 0},
		{"hits/op", true, Pair{0, 1}, Fine, true, inf},
	}
	for _, test := range tests {
		d := counted(test.unit, test.pair)
		d.Higher = test.higher
		r := judge(t, looking(10, 20), d)[0]
		if r.Verdict != test.verdict || r.Improved != test.improved || r.Ratio != test.ratio || r.Lo != test.ratio || r.Hi != test.ratio {
			t.Errorf("%s %v: %+v, want %s, improved %v, ratio %v", test.unit, test.pair, r, test.verdict, test.improved, test.ratio)
		}
		if p := map[bool]float64{true: 0, false: 1}[test.verdict == Regressed]; !r.Certain || r.N != 10 || r.Needs != 0 || r.P != p || r.Adjusted != p {
			t.Errorf("%s %v: %+v, want certain after ten pairs, p %v", test.unit, test.pair, r, p)
		}
	}
}

func TestCertainChangesTakeNothingFromTheOthers(t *testing.T) {
	p := looking(8)
	alone := judge(t, p, timed(against(8, 3)))[0]
	beside := judge(t, p, timed(against(8, 3)), counted("allocs/op", Pair{1, 2}), counted("B/op", Pair{8, 8}))[0]
	if !alone.Candidate || beside.Adjusted != alone.Adjusted || !beside.Candidate {
		t.Errorf("%+v, beside certain ones %+v", alone, beside)
	}
	varying := judge(t, p, timed(against(8, 3)), counted("allocs/op", Pair{1, 2}, Pair{2, 1}))[0]
	if varying.Adjusted != 2*alone.Adjusted {
		t.Errorf("adjusted p beside a count that varies = %v, want twice %v", varying.Adjusted, alone.Adjusted)
	}
	if r := judge(t, p, Decision{Exact: true, Pairs: []Pair{{1, 1}}})[0]; r.Certain || r.Needs != 8 {
		t.Errorf("one pair of counts: %+v, want eight", r)
	}
}

func TestVaryingCountsAreTested(t *testing.T) {
	tests := []struct {
		name    string
		pairs   []Pair
		verdict Verdict
	}{
		{"both wobble alike", []Pair{{100, 101}, {101, 100}, {100, 100}}, Fine},
		{"zeros", []Pair{{0, 0}, {0, 0}, {0, 0}, {0, 0}, {1, 0}, {0, 1}}, Fine},
		{"from none to some", []Pair{{0, 1}, {0, 2}}, Regressed},
		{"from some to none", []Pair{{1, 0}, {2, 0}}, Fine},
		{"more", []Pair{{100, 110}, {101, 111}}, Regressed},
		{"a negative count", []Pair{{100, 110}, {-1, 111}}, Unknown},
		{"a constant negative count", []Pair{{-1, -1}}, Unknown},
		{"no number", []Pair{{math.NaN(), math.NaN()}}, Unknown},
		{"no finite number", []Pair{{math.Inf(1), math.Inf(1)}}, Unknown},
	}
	for _, test := range tests {
		r := judge(t, looking(10, 20), counted("allocs/op", test.pairs...))[0]
		if r.Verdict != test.verdict || r.Certain {
			t.Errorf("%s: %+v, want %s by the test", test.name, r, test.verdict)
		}
	}
}

func TestExactUnits(t *testing.T) {
	for unit, want := range map[string]bool{"allocs/op": true, "B/op": true, "sec/op": false, "B/s": false} {
		if got := ExactUnit(unit); got != want {
			t.Errorf("%s: exact %v, want %v", unit, got, want)
		}
	}
}
