package verdict

import (
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// To play many checks: go test ./report/verdict -run Simulated -v -runs 10000
var runs = flag.Int("runs", 1000, "play so many checks for each simulated outcome")

// heavy returns noise with a robust spread of 1 % of which a part has ten times
// that.
func heavy(part float64) Noise {
	rng := rand.New(rand.NewPCG(1, 0))
	xs := make([]float64, 5000)
	for i := range xs {
		xs[i] = 0.01 * rng.NormFloat64()
		if rng.Float64() < part {
			xs[i] *= 10
		}
	}
	return Noise{Pairs: [][]float64{xs}}
}

// disturbed is noise of samples of which one in twenty takes longer.
func disturbed() Noise {
	rng := rand.New(rand.NewPCG(2, 0))
	var n Noise
	for range 5000 {
		n.Samples = append(n.Samples, 5e-3*math.Exp(0.007*rng.NormFloat64())+1e-3*max(0, rng.ExpFloat64()-3))
	}
	return n
}

func simulate(t *testing.T, s Simulation) []Outcome {
	t.Helper()
	s.Runs = *runs
	outcomes, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		t.Logf("%d of %d decisions changed by %+.1f %%: false alarms %.4f, power %.3f, missed %.4f, inconclusive %.4f; %.1f of %.0f pairs, %.0f %% saved",
			o.Changed, s.Decisions, 100*o.Change, o.FalseAlarms(), o.Power(), float64(o.Missed)/float64(max(1, o.Changed)*o.Runs), o.Inconclusive, o.Pairs, o.Fixed, 100*o.Saved())
	}
	return outcomes
}

// atMost reports whether a count of n has a true rate that may well be at most
// the given one: it lies less than three and a half standard errors above.
func atMost(count, n int, rate float64) bool {
	return float64(count)/float64(n) <= rate+3.5*math.Sqrt(rate*(1-rate)/float64(n))
}

// The family error is at its largest where all decisions are exactly at the
// margin and nothing need be confirmed. It must not exceed Alpha, and must not
// lie far below, or power is thrown away.
func TestSimulatedFamilyErrorIsAlpha(t *testing.T) {
	for _, noise := range []Noise{heavy(0), heavy(0.1), disturbed()} {
		for _, decisions := range []int{1, 10} {
			p, err := Default().Choose(decisions, 30)
			if err != nil {
				t.Fatal(err)
			}
			p.Confirm = 0
			o := simulate(t, Simulation{Plan: p, Noise: []Noise{noise}, Decisions: decisions, Seed: 1})
			if o[0].Alarms > 0 {
				t.Errorf("%d decisions without change: %d false alarms", decisions, o[0].Alarms)
			}
			if edge := o[1]; !atMost(edge.Alarms, edge.Runs, p.Alpha) || edge.FalseAlarms() < 0.3*p.Alpha {
				t.Errorf("%d decisions at the margin: false alarms %v, want nearly %v", decisions, edge.FalseAlarms(), p.Alpha)
			}
			if edge := o[1]; !atMost(edge.Missed, edge.Runs*decisions, p.Beta) || float64(edge.Missed) < 0.3*p.Beta*float64(edge.Runs*decisions) {
				t.Errorf("%d decisions at the margin: %d called fine, want nearly %v of them", decisions, edge.Missed, p.Beta)
			}
		}
	}
}

func TestSimulatedPowerWithHeavyTails(t *testing.T) {
	for _, test := range []struct {
		noise       Noise
		five, ten   float64 // power at 5 % and 10 %
		saved, open float64
	}{
		{heavy(0), 0.99, 0.99, 0.6, 0.01},
		{heavy(0.1), 0.87, 0.98, 0.5, 0.02},
		{heavy(0.2), 0.65, 0.95, 0.4, 0.05},
		{disturbed(), 0.87, 0.97, 0.5, 0.02},
	} {
		p, err := Default().Choose(10, 30)
		if err != nil {
			t.Fatal(err)
		}
		o := simulate(t, Simulation{Plan: p, Noise: []Noise{test.noise}, Decisions: 10, Effects: []float64{0.05, 0.10}, Seed: 1})
		if null := o[0]; null.Alarms > 0 || null.Inconclusive > test.open || null.Saved() < test.saved {
			t.Errorf("no change: %+v, want at most %v inconclusive and at least %v saved", null, test.open, test.saved)
		}
		if edge := o[1]; !atMost(edge.Alarms, edge.Runs, p.Alpha*p.ConfirmLevel) {
			t.Errorf("at the margin, confirmed: false alarms %v, want at most %v", edge.FalseAlarms(), p.Alpha*p.ConfirmLevel)
		}
		if five, ten := o[2].Power(), o[3].Power(); five < test.five || ten < test.ten {
			t.Errorf("power at 5 %% and 10 %%: %v, %v; want %v, %v", five, ten, test.five, test.ten)
		}
	}
}

// With a chance of at least its level, all intervals that the looks of a
// decision could give hold the true change.
func TestSimulatedIntervalsCoverAtAllLooks(t *testing.T) {
	p, err := Default().Choose(1, 30)
	if err != nil {
		t.Fatal(err)
	}
	draw, err := heavy(0.1).draw()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 0))
	ns := nulls{}
	missed := 0
	for range *runs {
		xs := make([]float64, p.last())
		for i := range xs {
			xs[i] = 0.02 + draw(rng)
		}
		for k, n := range p.Looks {
			s := newSample(xs[:n])
			if s.lower(ns.of(n), p.Alpha*p.weight(k)) > 0.02 || s.upper(ns.of(n), p.Beta*p.weight(k)) < 0.02 {
				missed++
				break
			}
		}
	}
	if !atMost(missed, *runs, p.Alpha+p.Beta) || float64(missed) < 0.3*(p.Alpha+p.Beta)*float64(*runs) {
		t.Errorf("%d of %d times an interval missed, want nearly %v", missed, *runs, p.Alpha+p.Beta)
	}
}

func TestSimulationIsThatOfJudge(t *testing.T) {
	p, err := Default().Choose(3, 20)
	if err != nil {
		t.Fatal(err)
	}
	noise := []Noise{heavy(0.1), disturbed()}
	s := Simulation{Plan: p, Noise: noise, Decisions: 3, Effects: []float64{0.06}, Runs: 40, Seed: 5}
	outcomes, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}

	// The same draws, as pairs; of six decisions in a row, each noise has three.
	first, err := noise[0].draw()
	if err != nil {
		t.Fatal(err)
	}
	second, err := noise[1].draw()
	if err != nil {
		t.Fatal(err)
	}
	inTurn := []func(*rand.Rand) float64{first, second, first, second, first, second}
	rng := rand.New(rand.NewPCG(5, 0))
	want := Outcome{Change: 0.06, Changed: 1, Runs: 40, Fixed: 60}
	pairs, open := 0, 0
	for run := range s.Runs {
		ds := make([]Decision, 3)
		for i, draw := range inTurn[run%2*3:][:3] {
			xs := make([]float64, p.last()+p.Confirm)
			for j := range xs {
				xs[j] = draw(rng)
				if i == run%3 {
					xs[j] += math.Log(1.06)
				}
			}
			ds[i] = timed(xs)
		}
		for i, r := range judge(t, p, ds...) {
			pairs += r.N + r.Confirmation.N
			switch {
			case r.Verdict == Inconclusive:
				open++
			case i == run%3 && r.Verdict == Regressed:
				want.Found++
			case i == run%3:
				want.Missed++
			case r.Verdict == Regressed:
				want.Alarms++
			}
		}
	}
	want.Inconclusive, want.Pairs = float64(open)/120, float64(pairs)/40
	if got := outcomes[2]; got != want {
		t.Errorf("simulated %+v, judged %+v", got, want)
	}
	if again, err := s.Run(); err != nil || !reflect.DeepEqual(again[2], outcomes[2]) {
		t.Errorf("again: %+v, %v; want %+v", again, err, outcomes[2])
	}
	s.Seed++
	if other, err := s.Run(); err != nil || reflect.DeepEqual(other[2], outcomes[2]) {
		t.Errorf("another seed: %+v, %v; want another outcome", other, err)
	}
}

func TestAnEffectWithinTheMarginIsAFalseAlarm(t *testing.T) {
	p := looking(20)
	p.Confirm, p.Alpha = 0, 0.4
	o := simulate(t, Simulation{Plan: p, Noise: []Noise{heavy(0)}, Decisions: 1, Effects: []float64{0.0299, 0.0301}})
	if within, beyond := o[2], o[3]; within.Alarms == 0 || within.Alarms != within.Found || beyond.Alarms != 0 || beyond.Found < within.Found {
		t.Errorf("just within the margin %+v, just beyond %+v", within, beyond)
	}
}

func TestNoiseIsCentredAndSymmetric(t *testing.T) {
	for _, n := range []Noise{{Pairs: [][]float64{{0.29, 0.30, 0.33, 0.30}}}, {Pairs: [][]float64{{0.29, 0.30, 0.33}, nil, {-2.3, -2.1, -2.2}}}, {Samples: []float64{1, 1.1, 1.3}}} {
		draw, err := n.draw()
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(1, 0))
		seen := map[float64]int{}
		for range 20000 {
			seen[draw(rng)]++
		}
		for x, count := range seen {
			if math.Abs(x) > 0.3 || math.Abs(float64(count-seen[-x])) > 500 {
				t.Errorf("%+v: %v drawn %d times, its opposite %d times", n, x, count, seen[-x])
			}
		}
		if len(seen) < 3 {
			t.Errorf("%+v: only %v drawn", n, seen)
		}
	}
}

func TestSimulationWithoutNumbers(t *testing.T) {
	o, err := Simulation{Plan: looking(10), Noise: []Noise{heavy(0), heavy(0.1)}}.Run()
	if err != nil || len(o) != 2 || o[0].Runs != 1000 || o[1].Changed != 2 {
		t.Errorf("%+v, %v; want 1000 checks of two decisions", o, err)
	}
}

func TestSimulationRefuses(t *testing.T) {
	good := Simulation{Plan: looking(10), Noise: []Noise{heavy(0)}, Runs: 1}
	tests := []struct {
		spoil func(*Simulation)
		want  string
	}{
		{func(s *Simulation) { s.Noise = nil }, "0 decisions"},
		{func(s *Simulation) { s.Noise, s.Decisions = nil, 1 }, "no noise"},
		{func(s *Simulation) { s.Noise = []Noise{{}} }, "noise 1: 0 pairs and 0 samples"},
		{func(s *Simulation) { s.Noise = []Noise{{Pairs: [][]float64{{}}}} }, "noise 1: 0 pairs and 0 samples"},
		{func(s *Simulation) { s.Noise[0].Samples = []float64{1} }, "want one of both"},
		{func(s *Simulation) { s.Noise = []Noise{{Samples: []float64{1, 0}}} }, "noise 1: sample 2: 0"},
		{func(s *Simulation) { s.Noise = []Noise{{Pairs: [][]float64{{math.NaN()}}}} }, "noise 1: pair 1: NaN"},
		{func(s *Simulation) { s.Noise = []Noise{{Pairs: [][]float64{{1}, {1e308}}}} }, "noise 1: pair 2: 1e+308"},
		{func(s *Simulation) { s.Decisions = 1000 }, "plan: a look at 10 pairs"},
		{func(s *Simulation) { s.Runs = -1 }, "-1 checks"},
		{func(s *Simulation) { s.Effects = []float64{-1} }, "effect -1"},
		{func(s *Simulation) { s.Effects = []float64{math.NaN()} }, "effect NaN"},
	}
	for _, test := range tests {
		s := good
		s.Noise = []Noise{good.Noise[0]}
		test.spoil(&s)
		if _, err := s.Run(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.want, err)
		}
	}
}
