package gate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gvp-bench/gvp/report/verdict"
)

// recordedControls are ln(head/base) of the pairs of the control, recorded by checks
// of equal sides on a virtual machine of two CPUs.
var recordedControls = map[string][]float64{
	"shared with a few other programs": { // spread 2.9 %
		0.0195, -0.0475, 0.0226, 0.0688, -0.0223, 0.0657, 0.0267, 0.0597, 0.0272, 0.0049, 0.0283, 0.0327,
		0.0476, -0.0136, 0.0178, 0.0091, 0.0384, -0.0401, -0.0001, 0.0287, -0.0512, -0.0082, -0.0329,
		0.0039, 0.0068, 0.0528, 0.0409, -0.0008, -0.0032, 0.0376,
	},
	"taken by other programs": { // spread 20 %
		0.0334, -0.0521, -0.3777, 0.0826, -0.0642, -0.0676, -0.1727, 0.0170, -0.0568, 0.2570, 0.3901,
		0.2889, 0.0193, -0.1897, -0.0088, -0.0969, 0.0601, -0.3482, 0.1763, 0.4528, 0.2098, 0.1915,
		-0.2037, -0.0560, 0.1064, -0.0325, 0.3008, 0.2259, -0.0946, 0.4107,
	},
}

// moves plays controls of n pairs with noise that is drawn, shifted by a true change,
// and returns in which part of them the guard sees one side favoured.
func moves(n int, shift float64, draw func(*rand.Rand) float64) float64 {
	const runs = 1000
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	moved := 0
	for range runs {
		pairs := make([]verdict.Pair, n)
		for i := range pairs {
			pairs[i] = verdict.Pair{Base: 1, Head: math.Exp(shift + draw(rng))}
		}
		if newControl(pairs, Guard{}.withDefaults(verdict.Default().Margin)).Moved {
			moved++
		}
	}
	return float64(moved) / runs
}

// either gives a recorded change a random sign, as two equal sides have.
func either(recorded []float64) func(*rand.Rand) float64 {
	return func(rng *rand.Rand) float64 {
		return recorded[rng.IntN(len(recorded))] * float64(1-2*rng.IntN(2))
	}
}

// TestControlSeldomDoubtsEqualSides plays checks in which nothing favours a side. One
// in a hundred may be doubted, however much the machine varies; a thousand of them
// tell that from three.
func TestControlSeldomDoubtsEqualSides(t *testing.T) {
	noises := map[string]func(*rand.Rand) float64{
		"normal, 100 %":   func(rng *rand.Rand) float64 { return rng.NormFloat64() },
		"one in ten wild": func(rng *rand.Rand) float64 { return 0.1 * rng.NormFloat64() * math.Pow(10, float64(rng.IntN(10)/9)) },
	}
	for name, recorded := range recordedControls {
		noises[name] = either(recorded)
	}
	for name, draw := range noises {
		for _, n := range []int{10, 30} {
			if got := moves(n, 0, draw); got > 0.02 {
				t.Errorf("%s: %.1f %% of those of %d pairs are doubted, want 1 %%", name, 100*got, n)
			}
		}
	}
}

// TestControlSeesThatASideIsFavoured is that the guard is not blind either.
func TestControlSeesThatASideIsFavoured(t *testing.T) {
	quiet := either(recordedControls["shared with a few other programs"])
	for _, c := range []struct {
		n            int
		shift, least float64
	}{{10, 0.08, 0.9}, {30, 0.05, 0.9}} {
		for _, side := range []float64{1, -1} {
			if got := moves(c.n, side*c.shift, quiet); got < c.least {
				t.Errorf("a shift of %v is seen in %.0f %% of those of %d pairs, want %.0f %%", side*c.shift, 100*got, c.n, 100*c.least)
			}
		}
	}
}
