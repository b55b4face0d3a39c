package gate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// hogs are what a program that takes the machine adds to ln(head/base) of a pair:
// as much to one side as to the other, which it cannot tell apart.
var hogs = map[string]func(*rand.Rand) float64{
	"as recorded": either(recordedControls["taken by other programs"]),
	"normal, 40 %": func(rng *rand.Rand) float64 {
		return 0.4 * rng.NormFloat64()
	},
	"each sample longer by 25 % on average": func(rng *rand.Rand) float64 {
		return math.Log1p(0.25*rng.ExpFloat64()) - math.Log1p(0.25*rng.ExpFloat64())
	},
}

// TestHogHalfwayIsInconclusiveOrRight plays checks of ten benchmarks in which a
// program takes the machine from some pair on: the middle of the first look, of all
// rounds, or just before fresh pairs are to confirm. Whatever it adds, equal sides
// regress in no more checks than Alpha allows, and what is 10 % slower is called fine
// no more often than Beta does. Exactly at the margin both hold, and are as hard to
// keep as can be.
func TestHogHalfwayIsInconclusiveOrRight(t *testing.T) {
	const benchmarks, quiet = 10, 0.01
	checksPlayed := 300
	if testing.Short() {
		checksPlayed = 20
	}
	plan, err := verdict.Default().Choose(benchmarks, 30)
	if err != nil {
		t.Fatal(err)
	}
	n := plan.Looks[len(plan.Looks)-1] + plan.Confirm
	// Three and a half standard errors above a rate are more than chance gives.
	most := func(rate float64, of int) float64 {
		return float64(of)*rate + 3.5*math.Sqrt(float64(of)*rate*(1-rate))
	}
	for name, hog := range hogs {
		for _, from := range []int{plan.Looks[0] / 2, plan.Looks[0], n / 2} {
			for _, slower := range []float64{0, plan.Margin, 0.1} {
				rng := rand.New(rand.NewPCG(uint64(from), 1))
				series := func(benchmark string, slower float64) Series {
					s := Series{Benchmark: benchmark, Unit: "sec/op"}
					for i := range n {
						x := math.Log1p(slower) + quiet*rng.NormFloat64()
						if i >= from {
							x += hog(rng)
						}
						s.Pairs = append(s.Pairs, verdict.Pair{Base: 1e-3, Head: 1e-3 * math.Exp(x)})
					}
					return s
				}
				alarms, fine := 0, 0
				for range checksPlayed {
					in := Input{Plan: plan, Series: []Series{series(checks.ControlName, 0)}}
					for i := range benchmarks {
						in.Series = append(in.Series, series(fmt.Sprint("B", i), slower))
					}
					o := judge(t, in)
					if o.Verdict == Regressed {
						alarms++
					}
					fine += len(o.with(verdict.Fine))
				}
				all := checksPlayed * benchmarks
				if slower <= plan.Margin && float64(alarms) > most(plan.Alpha, checksPlayed) {
					t.Errorf("%s from pair %d on: %d of %d checks of sides that are %v slower have a regression", name, from, alarms, checksPlayed, slower)
				}
				if slower >= plan.Margin && float64(fine) > most(plan.Beta, all) {
					t.Errorf("%s from pair %d on: %d of %d that are %v slower are called fine", name, from, fine, all, slower)
				}
			}
		}
	}
}
