package samples

import (
	"fmt"
	"math"
	"slices"

	"github.com/gvp-bench/gvp/results"
)

// A Noise is what the samples of a run tell about the machine itself.
type Noise struct {
	Control  []float64 // sec/op of the control kernel, in the order of the rounds
	Pressure []float64 // cpu-pressure-ratio while the control kernel ran
	Steal    []float64 // steal-ratio of all samples
}

// NoiseOf gathers the noise from the series of a run.
func NoiseOf(series []*Series) Noise {
	var n Noise
	for _, s := range series {
		n.Steal = append(n.Steal, s.Unit(results.StealRatio)...)
		if c, ok := s.Cell(); ok && c.Workload == results.ControlWorkload {
			n.Control = append(n.Control, s.Unit(results.SecPerOp)...)
			n.Pressure = append(n.Pressure, s.Unit(results.PressureRatio)...)
		}
	}
	return n
}

// Above these a run is noisy.
const (
	// The control kernel does the same work each round, so its spread is the
	// machine's. The 95 % interval of a median of 10 samples is about
	// ±1.96·1.25/√10 = 0.8 of it: at 2 % no figure is better than ±1.6 %.
	maxControlSpread = 0.02

	// Stolen time is missing from every wall time, so figures are wrong by
	// about this share, and not in all cells alike.
	maxSteal = 0.01

	// The control kernel is a single worker: where a task waits for a CPU
	// while it runs, some other program wants one. An idle machine's own
	// housekeeping stays well below this share of the time.
	maxPressure = 0.05
)

// JudgeNoise returns a warning, with the way out, for each respect in which a
// run was noisy. They belong next to the run's figures. Of what was not
// measured it says nothing.
func JudgeNoise(n Noise) []string {
	var warnings []string
	if len(n.Control) > 1 {
		if spread := robustCV(n.Control); spread > maxControlSpread {
			warnings = append(warnings, fmt.Sprintf(
				"noisy machine: the control kernel, the same work each round, varied by %s (above %s): close other programs, fix the CPU frequency, or take more rounds",
				percent(spread), percent(maxControlSpread)))
		}
	}
	if len(n.Steal) > 0 {
		if steal := mean(n.Steal); steal > maxSteal {
			warnings = append(warnings, fmt.Sprintf(
				"noisy machine: the hypervisor took away %s of the CPU time (above %s): measure on a dedicated machine, or at another time",
				percent(steal), percent(maxSteal)))
		}
	}
	if len(n.Pressure) > 0 {
		if p := median(n.Pressure); p > maxPressure {
			warnings = append(warnings, fmt.Sprintf(
				"noisy machine: tasks waited for a CPU in %s of the time in which only the control kernel should have run (above %s): close other programs",
				percent(p), percent(maxPressure)))
		}
	}
	return warnings
}

// robustCV is the coefficient of variation with the median for the mean and
// 1.4826·MAD, which estimates σ of normal samples, for σ (Rousseeuw, Croux:
// "Alternatives to the median absolute deviation", JASA 88, 1993): one sample
// that an interrupt hit does not make a run noisy.
func robustCV(xs []float64) float64 {
	m := median(xs)
	if m == 0 {
		return 0
	}
	dev := make([]float64, len(xs))
	for i, x := range xs {
		dev[i] = math.Abs(x - m)
	}
	return 1.4826 * median(dev) / m
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

func mean(xs []float64) float64 {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return sum / float64(len(xs))
}

func percent(ratio float64) string { return fmt.Sprintf("%.3g %%", 100*ratio) }
