package verdict

import (
	"math"
	"slices"
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
		{"B/op", false, Pair{0, 1}, Fine, false, 1}, // nothing that an operation allocates
		{"B/op", false, Pair{16, 23}, Fine, false, 1},
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

// TestWhatTheRuntimeAllocatesIsNoChange has what a thread that is started in some
// of the processes adds to them, as it was recorded.
func TestWhatTheRuntimeAllocatesIsNoChange(t *testing.T) {
	const stray = 5320 / 9
	tests := []struct {
		name       string
		base, head float64
		verdict    Verdict
	}{
		{"none at all", 0, 0, Fine},
		{"as much as before", 100, 100, Fine},
		{"more", 100, 110, Regressed},
		{"from none to some", 0, 8, Regressed},
		{"less", 110, 100, Fine},
	}
	for _, test := range tests {
		var pairs []Pair
		for i := range 10 {
			p := Pair{test.base, test.head}
			switch i {
			case 1, 4:
				p.Head += stray
			case 2, 7:
				p.Base += stray
			}
			pairs = append(pairs, p)
		}
		r := judge(t, looking(10, 20), counted("B/op", pairs...))[0]
		if r.Verdict != test.verdict || !r.Certain || r.Ratio != test.head/test.base && test.head != test.base {
			t.Errorf("%s: %+v, want %s for certain", test.name, r, test.verdict)
		}
	}
}

// A few bytes that come and go are of no operation, however often they do.
func TestWhatIsSpreadOverAllOperationsIsNoChange(t *testing.T) {
	for _, test := range []struct {
		name    string
		pairs   []Pair
		verdict Verdict
		certain bool
	}{
		{"next to nothing", []Pair{{0, 1}, {3, 0}, {1, 7}}, Fine, true},
		{"beside what varies", []Pair{{0, 7}, {900, 907}, {7, 0}}, Fine, false},
		{"a byte more than what is usual", slices.Concat(slices.Repeat([]Pair{{7, 8}}, 9), []Pair{{0, 8}}), Fine, true},
		{"an object more than what is usual", slices.Concat(slices.Repeat([]Pair{{7, 15}}, 9), []Pair{{0, 15}}), Regressed, true},
		{"an object more", []Pair{{0, 8}, {1, 9}, {3, 12}}, Regressed, true},
		{"an object more than what varies", []Pair{{0, 24}, {100, 124}, {50, 74}}, Regressed, false},
	} {
		r := judge(t, looking(10, 20), counted("B/op", test.pairs...))[0]
		if r.Verdict != test.verdict || r.Certain != test.certain {
			t.Errorf("%s: %+v, want %s, certain %v", test.name, r, test.verdict, test.certain)
		}
	}
}

// TestCountsThatOftenVaryAreSeldomCertain counts out how often a count that has
// something on top in a part of the processes, alike on both sides, is called
// regressed for certain at a look at n pairs.
func TestCountsThatOftenVaryAreSeldomCertain(t *testing.T) {
	few, err := Default().Choose(1, 5)
	first, err2 := Default().Choose(1, 30)
	if err != nil || err2 != nil || few.Looks[0] != 5 || first.Looks[0] != 7 {
		t.Fatalf("first looks at %v and %v, %v, %v; want 5 and 7", few.Looks, first.Looks, err, err2)
	}
	for n := 5; n <= 40; n++ {
		worst := 0.0
		for q := 0.01; q < 1; q += 0.01 {
			base, ways := 0.0, 1.0 // in which k of n have it
			for k := range n/4 + 1 {
				base += ways * math.Pow(q, float64(k)) * math.Pow(1-q, float64(n-k))
				ways *= float64(n-k) / float64(k+1)
			}
			worst = max(worst, math.Pow(q, float64(n))*base)
		}
		most := 0.007
		if n >= 10 {
			most = 0.00008
		} else if n >= 7 {
			most = 0.0009
		}
		if worst > most {
			t.Errorf("%d pairs: with a chance of %v, want at most %v", n, worst, most)
		}
		// And it is that rule.
		for extra := range n + 1 {
			counts := make([]float64, n)
			for i := range extra {
				counts[i] = 7
			}
			usual, steady := (Decision{}).usual(counts)
			if want := extra <= n/4 || extra == n; steady != want || steady && extra < n && usual != 0 {
				t.Errorf("%v: usual %v, steady %v, want %v", counts, usual, steady, want)
			}
		}
	}
}

func TestVaryingCountsAreTested(t *testing.T) {
	tests := []struct {
		name    string
		pairs   []Pair
		verdict Verdict
	}{
		{"both wobble alike", []Pair{{100, 101}, {101, 100}, {100, 100}}, Fine},
		{"zeros", []Pair{{0, 0}, {0, 0}, {0, 0}, {1, 0}, {0, 1}, {1, 1}}, Fine},
		{"seldom the least", []Pair{{100, 100}, {99, 100}, {100, 99}}, Fine},
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
