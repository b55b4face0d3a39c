package verdict

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
)

func TestStepDown(t *testing.T) {
	tests := []struct {
		name     string
		ps       []float64
		family   int
		rejected []bool
		divisors []int
		adjusted []float64
	}{
		{"alone", []float64{0.05}, 1, []bool{true}, []int{1}, []float64{0.05}},
		{"the second has an easier level", []float64{0.04, 0.02}, 2, []bool{true, true}, []int{1, 2}, []float64{0.04, 0.04}},
		{"one failure stops all after it", []float64{0.03, 0.04}, 2, []bool{false, false}, []int{2, 2}, []float64{0.06, 0.06}},
		{"those not given count", []float64{0.02}, 3, []bool{false}, []int{3}, []float64{0.06}},
		{"adjusted stay at 1", []float64{0.5, 0.9}, 4, []bool{false, false}, []int{4, 4}, []float64{1, 1}},
	}
	for _, test := range tests {
		for i, got := range stepDown(test.ps, test.family, 0.05) {
			if got.rejected != test.rejected[i] || got.divisor != test.divisors[i] || math.Abs(got.adjusted-test.adjusted[i]) > 1e-12 {
				t.Errorf("%s: p=%v: %+v, want %v, %d, %v", test.name, test.ps[i], got, test.rejected[i], test.divisors[i], test.adjusted[i])
			}
		}
	}
}

// Holm's procedure is the closed test with Bonferroni's for each intersection:
// it rejects a hypothesis if every set that has it is rejected (Marcus, Peritz
// and Gabriel 1976, Biometrika 63:655).
func TestStepDownIsTheClosedTest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	const level = 0.05
	for range 500 {
		family := 1 + rng.IntN(7)
		all := make([]float64, family)
		for i := range all {
			all[i] = 1
		}
		ps := all[:1+rng.IntN(family)]
		for i := range ps {
			ps[i] = math.Round(rng.Float64()*rng.Float64()*100) / 1000
		}
		for i, step := range stepDown(ps, family, level) {
			rejected, adjusted := true, 0.0
			for set := range 1 << family {
				if set>>i&1 == 0 {
					continue
				}
				size, smallest := float64(bits.OnesCount(uint(set))), 1.0
				for j, p := range all {
					if set>>j&1 == 1 {
						smallest = min(smallest, p)
					}
				}
				rejected = rejected && smallest <= level/size
				adjusted = max(adjusted, min(1, smallest*size))
			}
			if step.rejected != rejected || math.Abs(step.adjusted-adjusted) > 1e-12 {
				t.Errorf("%v of %d: p=%v: %+v, want %v, %v", ps, family, ps[i], step, rejected, adjusted)
			}
		}
	}
}
