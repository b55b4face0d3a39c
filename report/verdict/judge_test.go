package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// pairsOf returns pairs with the given changes.
func pairsOf(changes ...float64) []Pair {
	pairs := make([]Pair, len(changes))
	for i, c := range changes {
		pairs[i] = Pair{Base: 2, Head: 2 * math.Exp(c)}
	}
	return pairs
}

// around returns n different changes about a center, no farther than 0.01.
func around(center float64, n int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = center + 0.01*float64((i*7)%n-n/2)/float64(n)
	}
	return xs
}

// timed is a decision in sec/op with the given changes, one part after another.
func timed(changes ...[]float64) Decision {
	return Decision{Benchmark: "Sort", Unit: "sec/op", Pairs: pairsOf(slices.Concat(changes...)...)}
}

// swapped returns the decision with the sides swapped.
func swapped(d Decision) Decision {
	d.Pairs = slices.Clone(d.Pairs)
	for i, p := range d.Pairs {
		d.Pairs[i] = Pair{Base: p.Head, Head: p.Base}
	}
	return d
}

// looking is a plan for one decision.
func looking(looks ...int) Plan {
	p := Default()
	p.Looks = looks
	return p
}

func judge(t *testing.T, p Plan, ds ...Decision) []Result {
	t.Helper()
	results, err := p.Judge(ds)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func TestVerdicts(t *testing.T) {
	p := looking(10, 20)
	split := slices.Concat(around(0.06, 5), around(0, 5)) // of ten pairs, half
	tests := []struct {
		name      string
		decision  Decision
		verdict   Verdict
		candidate bool
		improved  bool
		look, n   int
		needs     int
	}{
		{"nothing measured", timed(), Inconclusive, false, false, 0, 0, 10},
		{"too few pairs for the first look", timed(around(0.2, 9)), Inconclusive, false, false, 0, 9, 10},
		{"no change", timed(around(0, 10)), Fine, false, false, 1, 10, 0},
		{"a change within the margin", timed(around(0.015, 10)), Fine, false, false, 1, 10, 0},
		{"better", timed(around(-0.1, 10)), Fine, false, true, 1, 10, 0},
		{"open after the first look", timed(split), Inconclusive, false, false, 1, 10, 20},
		{"on the way to the second look", timed(split, around(0.06, 9)), Inconclusive, false, false, 1, 10, 20},
		{"open after the last look", timed(split, split), Inconclusive, false, false, 2, 20, 0},
		{"fine at the second look", timed(around(0, 8), []float64{0.2, 0.3}, around(0, 10)), Fine, false, false, 2, 20, 0},
		{"a candidate", timed(around(0.06, 10)), Inconclusive, true, false, 1, 10, 20},
		{"a candidate with too few fresh pairs", timed(around(0.06, 19)), Inconclusive, true, false, 1, 10, 20},
		{"a confirmed candidate", timed(around(0.06, 10), around(0.06, 10)), Regressed, true, false, 1, 10, 0},
		{"a candidate that was not confirmed", timed(around(0.06, 10), around(0, 10)), Inconclusive, true, false, 1, 10, 0},
		{"a candidate of the last look", timed(around(0.06, 8), []float64{-1, -1.1}, around(0.06, 10)), Inconclusive, true, false, 2, 20, 30},
		{"pairs after the verdict", timed(around(0, 10), around(0.5, 30)), Fine, false, false, 1, 10, 0},
		{"pairs after the confirmation", timed(around(0.06, 20), around(-0.5, 30)), Regressed, true, false, 1, 10, 0},
	}
	for _, test := range tests {
		r := judge(t, p, test.decision)[0]
		if r.Verdict != test.verdict || r.Candidate != test.candidate || r.Improved != test.improved ||
			r.Look != test.look || r.N != test.n || r.Needs != test.needs || r.Err != nil {
			t.Errorf("%s: %+v", test.name, r)
		}
	}
}

func TestMarginIsOneOfTheRatio(t *testing.T) {
	for _, test := range []struct {
		margin, change float64
		want           Verdict
	}{
		{0, 0.001, Regressed}, {0, -0.001, Fine}, {0, 0, Inconclusive}, // all ties
		{0.03, 0.0301, Regressed}, {0.03, 0.0299, Fine},
		{0.5, 0.501, Regressed}, {0.5, 0.499, Fine},
		{2, 2.01, Regressed}, {2, 1.99, Fine},
	} {
		p := looking(10)
		p.Margin = test.margin
		d := Decision{Pairs: slices.Repeat([]Pair{{1, 1 + test.change}}, 20)}
		if r := judge(t, p, d)[0]; r.Verdict != test.want {
			t.Errorf("margin %v, change %v: %+v, want %s", test.margin, test.change, r, test.want)
		}
	}
}

func TestMoreIsBetter(t *testing.T) {
	p := looking(10)
	d := timed(around(-0.06, 20)) // head has 6 % less
	d.Higher = true
	r := judge(t, p, d)[0]
	if r.Verdict != Regressed {
		t.Errorf("throughput fell by 6 %%: %+v", r)
	}
	if !(r.Lo < r.Ratio && r.Ratio < r.Hi && r.Hi < 1/1.03 && r.Detectable < 1/1.03 && r.Confirmation.Ratio < 1) {
		t.Errorf("throughput fell by 6 %%: the ratios are not head/base: %+v", r)
	}
	if r := judge(t, p, swapped(d))[0]; r.Verdict != Fine || !r.Improved {
		t.Errorf("throughput rose by 6 %%: %+v", r)
	}
	few := judge(t, p, Decision{Higher: true, Pairs: d.Pairs[:3]})[0]
	if few.Lo != 0 || !math.IsInf(few.Hi, 1) || few.Detectable != 0 {
		t.Errorf("three pairs of a throughput: %+v, want no interval", few)
	}
}

func TestWithoutConfirmationACandidateIsRegressed(t *testing.T) {
	p := looking(10)
	p.Confirm = 0
	if r := judge(t, p, timed(around(0.06, 10)))[0]; r.Verdict != Regressed || !r.Candidate || r.Needs != 0 || r.Confirmation.N != 0 {
		t.Errorf("%+v, want regressed", r)
	}
}

func TestConfirmationIsATestOfItsOwn(t *testing.T) {
	p := looking(10)
	p.Confirm, p.ConfirmLevel = 5, 0.07
	tests := []struct {
		fresh     []float64
		p         float64
		confirmed bool
	}{
		{[]float64{0.05, 0.06, 0.07, 0.08, 0.09}, 1.0 / 32, true},
		{[]float64{0.025, 0.06, 0.07, 0.08, 0.09}, 2.0 / 32, true},
		{[]float64{0.02, 0.035, 0.07, 0.08, 0.09}, 3.0 / 32, false},
		{[]float64{0.02, 0.02, 0.02, 0.02, 0.02}, 1, false}, // worse, but by less than the margin
	}
	for _, test := range tests {
		r := judge(t, p, timed(around(0.06, 10), test.fresh))[0]
		c := r.Confirmation
		if c.N != 5 || c.P != test.p || c.Confirmed != test.confirmed || (r.Verdict == Regressed) != test.confirmed {
			t.Errorf("fresh %v: %+v, want p %v", test.fresh, r, test.p)
		}
		if want := math.Exp(newSample(test.fresh).center()); math.Abs(c.Ratio-want) > 1e-12 {
			t.Errorf("fresh %v: ratio %v, want %v", test.fresh, c.Ratio, want)
		}
	}
}

// against returns n changes whose signed-rank sum about the margin lacks the
// given one rank.
func against(n, rank int) []float64 {
	xs := make([]float64, n)
	for i := range xs {
		xs[i] = math.Log1p(0.03) + 0.001*float64(i+1)
	}
	if rank > 0 {
		xs[rank-1] = math.Log1p(0.03) - 0.001*float64(rank)
	}
	return xs
}

func TestLooksShareAlpha(t *testing.T) {
	// Rank 3 against has p = 5/256 = 0.0195, rank 2 has 3/256 = 0.0117.
	weighted := looking(8, 9)
	weighted.Weights = []float64{0.8, 0.2}
	tests := []struct {
		plan Plan
		rank int
		want bool
	}{
		{looking(8), 3, true},
		{looking(8, 9), 3, true},
		{looking(8, 9, 10), 3, false}, // 0.05/3 = 0.0167
		{looking(8, 9, 10), 2, true},
		{looking(8, 9, 10, 11), 3, false}, // 0.05/4 = 0.0125
		{weighted, 4, true},               // 7/256 = 0.0273 of 0.04
		{looking(8, 9), 4, false},
	}
	for _, test := range tests {
		r := judge(t, test.plan, timed(against(8, test.rank)))[0]
		if r.Candidate != test.want || (r.Adjusted <= test.plan.Alpha) != test.want {
			t.Errorf("looks at %v with %v, rank %d against: %+v, want candidate %v", test.plan.Looks, test.plan.Weights, test.rank, r, test.want)
		}
	}
}

func TestLooksShareBeta(t *testing.T) {
	for _, test := range []struct {
		plan Plan
		want Verdict
	}{{looking(8, 9), Fine}, {looking(8, 9, 10), Inconclusive}} {
		xs := against(8, 3) // turned about the margin: 5/256 = 0.0195
		for i := range xs {
			xs[i] = 2*math.Log1p(0.03) - xs[i]
		}
		if r := judge(t, test.plan, timed(xs))[0]; r.Verdict != test.want {
			t.Errorf("looks at %v: %+v, want %s", test.plan.Looks, r, test.want)
		}
	}
}

// What one decision leaves of the level when it crosses goes to the others, at
// the same look and at later ones. Those that are fine go on counting.
func TestDecisionsShareAlpha(t *testing.T) {
	p := looking(8, 9)
	p.Confirm = 0
	clear, close3 := against(8, 0), against(8, 3) // p = 1/256 and 5/256
	fine := around(-0.2, 8)
	tests := []struct {
		name      string
		decisions []Decision
		want      bool // of the first
		adjusted  float64
	}{
		{"alone", []Decision{timed(close3)}, true, 2 * 5.0 / 256},
		{"beside one that is fine", []Decision{timed(close3), timed(fine)}, false, 2 * 2 * 5.0 / 256},
		{"beside one that crosses", []Decision{timed(close3), timed(clear)}, true, 2 * 5.0 / 256},
		{"beside one of each", []Decision{timed(close3), timed(clear), timed(fine)}, false, 2 * 2 * 5.0 / 256},
		{"beside one without pairs", []Decision{timed(close3), timed()}, false, 2 * 2 * 5.0 / 256},
		{"beside one that cannot be judged", []Decision{timed(close3), {Pairs: []Pair{{}}}}, false, 2 * 2 * 5.0 / 256},
		// At the second look, rank 5 of 9 against has p = 10/512 = 0.0195.
		{"after one that crossed", []Decision{timed(around(0.03, 8)), timed(clear)}, false, 0},
		{"at the second look, alone", []Decision{timed(nine)}, true, 2 * 10.0 / 512},
		{"at the second look, after one that crossed", []Decision{timed(nine), timed(clear)}, true, 2 * 10.0 / 512},
		{"at the second look, after one that was fine", []Decision{timed(nine), timed(fine)}, false, 2 * 2 * 10.0 / 512},
	}
	for _, test := range tests {
		r := judge(t, p, test.decisions...)[0]
		if r.Candidate != test.want || test.adjusted != 0 && math.Abs(r.Adjusted-test.adjusted) > 1e-12 {
			t.Errorf("%s: %+v, want candidate %v, adjusted %v", test.name, r, test.want, test.adjusted)
		}
	}
}

// nine has nine changes that cross at a look at nine, and neither cross nor are
// fine at one at eight.
var nine = func() []float64 {
	xs := against(9, 5)
	slices.SortFunc(xs, func(a, b float64) int { return int(1e6 * (a - b)) })
	return xs
}()

func TestUnknownNamesThePair(t *testing.T) {
	p := looking(10)
	good := pairsOf(around(0, 10)...)
	for _, bad := range []struct {
		pair Pair
		want string
	}{
		{Pair{0, 1}, "Sort sec/op: pair 4: base: 0 sec/op is not above zero"},
		{Pair{1, -2}, "Sort sec/op: pair 4: head: -2 sec/op is not above zero"},
		{Pair{0, 0}, "pair 4: base: 0 sec/op"},
		{Pair{math.NaN(), 1}, "pair 4: base: NaN is not a finite number"},
		{Pair{1, math.Inf(1)}, "pair 4: head: +Inf is not a finite number"},
	} {
		d := timed()
		d.Pairs = slices.Insert(slices.Clone(good), 3, bad.pair)
		r := judge(t, p, d)[0]
		if r.Verdict != Unknown || r.Err == nil || !strings.Contains(r.Err.Error(), bad.want) || r.Needs != 0 {
			t.Errorf("%v: %+v, want unknown and %q", bad.pair, r, bad.want)
		}
		// What is not looked at does not matter.
		d.Pairs = append(slices.Clone(good), bad.pair)
		if r := judge(t, p, d)[0]; r.Verdict != Fine {
			t.Errorf("%v after the last look: %+v, want fine", bad.pair, r)
		}
	}
	d := timed(around(0.06, 19))
	d.Pairs[15].Head = 0
	if r := judge(t, p, d)[0]; r.Verdict != Unknown || !r.Candidate || r.Err == nil {
		t.Errorf("candidate with a bad fresh pair: %+v, want unknown", r)
	}
}

func TestJudgeRefuses(t *testing.T) {
	if _, err := looking(10).Judge(nil); err == nil {
		t.Error("no decisions at all were judged")
	}
	if _, err := (Plan{}).Judge([]Decision{timed()}); err == nil {
		t.Error("a plan without looks was followed")
	}
	many := make([]Decision, 100)
	if _, err := looking(10).Judge(many); err == nil || !strings.Contains(err.Error(), "100 decisions need at least 11") {
		t.Errorf("ten pairs for 100 decisions: %v", err)
	}
	for i := range many {
		many[i].Exact = true
	}
	if _, err := looking(10).Judge(many); err != nil {
		t.Errorf("ten pairs for 100 exact decisions: %v", err)
	}
}

// random returns a plan and decisions of all kinds of clarity that are judged by
// it.
func random(rng *rand.Rand) (Plan, []Decision) {
	ds := make([]Decision, 1+rng.IntN(5))
	p := Default()
	p.Confirm = []int{0, 5, 10}[rng.IntN(3)]
	p, err := p.Choose(len(ds), 12+rng.IntN(15))
	if err != nil {
		panic(err)
	}
	for i := range ds {
		center := rng.NormFloat64() * 0.04
		xs := coarse(rng, p.last()+p.Confirm-rng.IntN(3), []float64{0, 0.5}[rng.IntN(2)])
		for j, x := range xs {
			xs[j] = center + 0.02*x
		}
		ds[i] = timed(xs)
		ds[i].Benchmark = fmt.Sprint("B", i)
		ds[i].Higher = rng.IntN(2) == 1
	}
	return p, ds
}

func same(a, b float64) bool {
	return a == b || math.Abs(a-b) <= 1e-9*math.Abs(a) || math.IsNaN(a) && math.IsNaN(b)
}

func TestSwappedSidesAreMirrored(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 0))
	regressed := 0
	for range 300 {
		p, ds := random(rng)
		p.Looks, p.Weights = p.Looks[len(p.Looks)-1:], nil // one look, so that both sides stop there
		turned := make([]Decision, len(ds))
		for i, d := range ds {
			turned[i] = swapped(d)
		}
		results, mirror := judge(t, p, ds...), judge(t, p, turned...)
		for i, r := range results {
			m := mirror[i]
			if !same(r.Ratio, 1/m.Ratio) || !same(r.Lo, 1/m.Hi) || !same(r.Hi, 1/m.Lo) {
				t.Errorf("%v: %v in %v to %v, swapped %v in %v to %v", ds[i].Pairs, r.Ratio, r.Lo, r.Hi, m.Ratio, m.Lo, m.Hi)
			}
			if r.Verdict == Regressed {
				regressed++
				if m.Verdict != Fine || !m.Improved {
					t.Errorf("regressed, but swapped %+v", m)
				}
			}
			// Seen the other way round, what is better by being more is what is
			// better by being less of the swapped sides.
			other := turned[i]
			other.Higher = !other.Higher
			turned[i] = other
		}
		for i, m := range judge(t, p, turned...) {
			r := results[i]
			if m.Verdict != r.Verdict || m.Improved != r.Improved || m.P != r.P || m.Adjusted != r.Adjusted ||
				!same(m.Detectable, 1/r.Detectable) || !same(m.Ratio, 1/r.Ratio) || !same(m.Lo, 1/r.Hi) {
				t.Errorf("%+v, but with the direction and the sides turned %+v", r, m)
			}
		}
	}
	if regressed == 0 {
		t.Error("nothing regressed")
	}
}

// What is printed beside a verdict agrees with it.
func TestNumbersAgreeWithTheVerdict(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	seen := map[Verdict]int{}
	for range 400 {
		p, ds := random(rng)
		for i, r := range judge(t, p, ds...) {
			seen[r.Verdict]++
			lo, hi, detectable := math.Log(r.Lo), math.Log(r.Hi), math.Log(r.Detectable)
			if ds[i].Higher {
				lo, hi, detectable = -hi, -lo, -detectable
			}
			const rounding = 1e-12
			margin := p.threshold()
			switch {
			case r.Look == 0:
				t.Errorf("no look was taken: %+v", r)
			case r.Verdict == Fine && hi > margin+rounding, r.Verdict != Fine && hi < margin-rounding:
				t.Errorf("%s, but the interval ends at %v: %+v", r.Verdict, r.Hi, r)
			case r.Candidate && lo < margin-rounding:
				t.Errorf("a candidate, but the interval starts at %v: %+v", r.Lo, r)
			case r.Candidate != (r.Adjusted <= p.Alpha+rounding):
				t.Errorf("adjusted p and candidate do not agree: %+v", r)
			case r.Improved != (r.Verdict == Fine && hi < -margin):
				t.Errorf("improved and the interval do not agree: %+v", r)
			case r.P > r.Adjusted, r.Ratio < r.Lo, r.Ratio > r.Hi, detectable < margin:
				t.Errorf("numbers are out of order: %+v", r)
			case r.Verdict == Regressed && !r.Candidate, r.Verdict == Regressed && r.Confirmation.Confirmed != (p.Confirm > 0):
				t.Errorf("regressed without confirmation: %+v", r)
			case !same(r.Level, 0.9):
				t.Errorf("level %v, want 0.9", r.Level)
			}
		}
	}
	for _, v := range []Verdict{Fine, Regressed, Inconclusive} {
		if seen[v] < 50 {
			t.Errorf("%s only %d times", v, seen[v])
		}
	}
}

// The same pairs about another change make a candidate if and only if that is
// beyond what could be detected.
func TestDetectableIsTheSmallestChangeThatIsSeen(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	for range 200 {
		n, m := 8+rng.IntN(12), 1+rng.IntN(3)
		p := looking(n)
		p.Confirm = 0
		ds := make([]Decision, m)
		xs := coarse(rng, n, []float64{0, 0.5}[rng.IntN(2)])
		for i := range xs {
			xs[i] *= 0.02
		}
		ds[0] = timed(xs)
		for i := 1; i < m; i++ {
			ds[i] = timed(around(-0.5, n)) // fine, but of the family
		}
		if p.Check(m) != nil {
			continue
		}
		r := judge(t, p, ds...)[0]
		for _, off := range []struct {
			by   float64
			want bool
		}{{1e-9, true}, {-1e-9, false}} {
			shifted := slices.Clone(xs)
			for i := range shifted {
				shifted[i] += math.Log(r.Detectable) - math.Log(r.Ratio) + off.by
			}
			ds[0] = timed(shifted)
			if got := judge(t, p, ds...)[0]; got.Candidate != off.want {
				t.Errorf("%v, shifted to %v%+g: candidate %v", xs, r.Detectable, off.by, got.Candidate)
			}
		}
	}
}

// A driver that measures only what is needed comes to the same results as
// somebody who has all pairs, and asks for no pair in vain.
func TestOneRoundAfterAnother(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	for range 100 {
		p, all := random(rng)
		for i := range all {
			for len(all[i].Pairs) < p.last()+p.Confirm {
				all[i].Pairs = append(all[i].Pairs, Pair{1, 1 + 0.2*rng.Float64()})
			}
		}
		ds := slices.Clone(all)
		for i := range ds {
			ds[i].Pairs = nil
		}
		var results []Result
		for {
			results = judge(t, p, ds...)
			more := false
			for i, r := range results {
				if n := len(ds[i].Pairs); r.Needs > n {
					more = true
					ds[i].Pairs = all[i].Pairs[:n+1]
				} else if r.Needs > 0 {
					t.Fatalf("needs %d of %d: %+v", r.Needs, n, r)
				}
			}
			if !more {
				break
			}
		}
		for i, want := range judge(t, p, all...) {
			got := results[i]
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("round after round: %+v\nall at once: %+v", got, want)
			}
			if n := len(ds[i].Pairs); n != got.N+got.Confirmation.N {
				t.Errorf("%d pairs measured for %+v", n, got)
			}
		}
	}
}

func TestChangeOfHugeAndTinyValues(t *testing.T) {
	got, err := Decision{}.change(Pair{Base: 5e-324, Head: math.MaxFloat64})
	if back, _ := (Decision{}).change(Pair{Base: math.MaxFloat64, Head: 5e-324}); err != nil || math.IsInf(got, 0) || got != -back {
		t.Errorf("change = %v, %v, and back %v", got, err, back)
	}
}
