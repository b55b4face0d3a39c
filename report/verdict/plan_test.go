package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestChoose(t *testing.T) {
	tests := []struct {
		decisions, rounds int
		want              []int
	}{
		{1, 30, []int{7, 11, 18, 30}},
		{10, 30, []int{10, 14, 21, 30}},
		{10, 20, []int{10, 13, 16, 20}},
		{10, 12, []int{9, 12}},
		{10, 8, []int{8}},
		{100, 30, []int{13, 17, 23, 30}},
		{1, 5, []int{5}},
		{0, 5, []int{5}},
	}
	for _, test := range tests {
		p, err := Default().Choose(test.decisions, test.rounds)
		if err != nil || !slices.Equal(p.Looks, test.want) {
			t.Errorf("%d decisions in %d rounds: looks at %v, %v; want %v", test.decisions, test.rounds, p.Looks, err, test.want)
		}
	}
}

func TestChooseAlwaysPlansWhatCanDecide(t *testing.T) {
	levels := Default()
	for _, levels.Alpha = range []float64{0.001, 0.05, 0.4} {
		for _, levels.Beta = range []float64{0.001, 0.05, 0.4} {
			for _, decisions := range []int{1, 2, 7, 40, 1000} {
				for rounds := 1; rounds <= 40; rounds++ {
					p, err := levels.Choose(decisions, rounds)
					need := least(min(levels.Alpha/float64(decisions), levels.Beta))
					if (err == nil) != (rounds >= need) {
						t.Errorf("alpha %v, beta %v, %d decisions in %d rounds, where %d are needed: %v", levels.Alpha, levels.Beta, decisions, rounds, need, err)
					}
					if err == nil && (p.Looks[len(p.Looks)-1] != rounds || p.Check(decisions) != nil) {
						t.Errorf("%d decisions in %d rounds: looks at %v, %v", decisions, rounds, p.Looks, p.Check(decisions))
					}
				}
			}
		}
	}
}

func TestChooseSaysHowManyRoundsItTakes(t *testing.T) {
	_, err := Default().Choose(10, 7)
	if err == nil || !strings.Contains(err.Error(), "10 decisions at alpha 0.05 and beta 0.05 need at least 8") {
		t.Errorf("10 decisions in 7 rounds: %v", err)
	}
	if _, err := Default().Choose(10, MaxPairs+1); err == nil {
		t.Error("more rounds than can be counted out were planned")
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	tests := []struct {
		spoil func(*Plan)
		want  string // none if empty
	}{
		{func(*Plan) {}, ""},
		{func(p *Plan) { p.Margin = 0 }, ""},
		{func(p *Plan) { p.Confirm, p.ConfirmLevel = 0, 0 }, ""},
		{func(p *Plan) { p.Weights = []float64{0.4, 0.2, 0.2, 0.2} }, ""},
		{func(p *Plan) { p.Margin = -0.01 }, "margin -0.01"},
		{func(p *Plan) { p.Margin = math.NaN() }, "margin NaN"},
		{func(p *Plan) { p.Margin = math.Inf(1) }, "margin +Inf"},
		{func(p *Plan) { p.Alpha = 0 }, "alpha 0"},
		{func(p *Plan) { p.Alpha = math.NaN() }, "alpha NaN"},
		{func(p *Plan) { p.Beta = 0.5 }, "beta 0.5"},
		{func(p *Plan) { p.Confirm = -1 }, "confirmation by -1 pairs"},
		{func(p *Plan) { p.Confirm = 3 }, "confirmation by 3 pairs at level 0.1"},
		{func(p *Plan) { p.ConfirmLevel = 1 }, "confirmation by 10 pairs at level 1"},
		{func(p *Plan) { p.Looks = nil }, "no looks"},
		{func(p *Plan) { p.Looks, p.Confirm, p.Final = []int{12}, 0, true }, ""},
		{func(p *Plan) { p.Looks, p.Final = []int{12}, true }, "10 to confirm, of pairs that will be no more"},
		{func(p *Plan) { p.Looks = []int{10, 10} }, "[10 10]"},
		{func(p *Plan) { p.Looks = []int{0, 10} }, "[0 10]"},
		{func(p *Plan) { p.Looks = []int{10, MaxPairs + 1} }, "[10 1001]"},
		{func(p *Plan) { p.Looks = []int{9, 14, 21, 30} }, "a look at 9 pairs with 0.25 of alpha 0.05 and beta 0.05 can never decide: 10 decisions need at least 10"},
		{func(p *Plan) { p.Weights = []float64{0.5, 0.5} }, "2 weights for 4 looks"},
		{func(p *Plan) { p.Weights = []float64{0.5, 0.5, 0.5, -0.5} }, "weights"},
		{func(p *Plan) { p.Weights = []float64{0.25, 0.25, 0.25, 0.26} }, "weights"},
		{func(p *Plan) { p.Weights = []float64{0.25, 0.25, 0.25, math.NaN()} }, "weights"},
		{func(p *Plan) { p.Weights = []float64{0.1, 0.3, 0.3, 0.3} }, "a look at 10 pairs with 0.1 of"},
	}
	for _, test := range tests {
		p, err := Default().Choose(10, 30)
		if err != nil {
			t.Fatal(err)
		}
		test.spoil(&p)
		err = p.Check(10)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: %v, want %q", p, err, test.want)
		}
	}
}

// TestChanceThatWhatIsRealIsConfirmed is the table of Default: a change of 5 % against
// a margin of 3 %, a spread of 1 %, and one pair in ten with ten times that.
func TestChanceThatWhatIsRealIsConfirmed(t *testing.T) {
	const draws = 20000 // a standard error of at most 0.0035
	rng := rand.New(rand.NewPCG(1, 0))
	p := Default()
	for _, test := range []struct {
		pairs         int
		level, chance float64
	}{{5, 0.05, 0.72}, {6, 0.05, 0.78}, {8, 0.05, 0.75}, {10, 0.05, 0.90}, {8, 0.1, 0.93}, {10, 0.1, 0.95}, {12, 0.1, 0.95}} {
		f, xs, confirmed := newNull(test.pairs), make([]float64, test.pairs), 0
		for range draws {
			for i := range xs {
				x := 0.01 * rng.NormFloat64()
				if rng.IntN(10) == 0 {
					x *= 10
				}
				xs[i] = math.Log1p(0.05) + x
			}
			if newSample(xs).worse(f, p.threshold()) <= test.level {
				confirmed++
			}
		}
		if got := float64(confirmed) / draws; math.Abs(got-test.chance) > 0.015 {
			t.Errorf("%d pairs at %v: a chance of %v, want %v", test.pairs, test.level, got, test.chance)
		}
	}
}

// The chance that a rank sum of up to n is against, which decides how many
// pairs must confirm: see Default.
func TestOnePairFarOutCannotVetoAConfirmation(t *testing.T) {
	p := Default()
	for n := 5; n <= 10; n++ {
		f := newNull(n)
		xs := make([]float64, n)
		for i := range xs {
			xs[i] = float64(i + 1)
		}
		xs[n-1] = -xs[n-1]
		chance := newSample(xs).worse(f, 0)
		if got, want := chance <= 0.05, n >= 10; got != want {
			t.Errorf("%d pairs, the largest against: p = %v", n, chance)
		}
		if got, want := chance <= 0.1, n >= 8; got != want {
			t.Errorf("%d pairs, the largest against: p = %v", n, chance)
		}
		if n == p.Confirm && chance > p.ConfirmLevel {
			t.Errorf("one of %d pairs can veto", n)
		}
	}
}
