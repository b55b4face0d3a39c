package report

import (
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// Noise returns what made the suite's run noisy.
func (s *Suite) Noise() []string {
	return samples.JudgeNoise(samples.NoiseOf(append(s.ordered(), s.control...)))
}

// A reading is one measure of the machine's noise, as the page shows it.
type reading struct{ Name, Value, Help string }

// readings returns what was measured of the machine's noise. What was not is
// not among them.
func (s *Suite) readings() []reading {
	n := samples.NoiseOf(append(s.ordered(), s.control...))
	var all []reading
	if v := summarise(n.Control); len(n.Control) > 0 {
		all = append(all, reading{"control kernel", withInterval(v, results.SecPerOp), "time of the same fixed work, measured once a round"})
	}
	if len(n.Steal) > 0 {
		all = append(all, reading{"CPU time stolen", percent(summarise(n.Steal).Center), "median share that the hypervisor took away during a sample"})
	}
	if len(n.Pressure) > 0 {
		all = append(all, reading{"CPU pressure", percent(summarise(n.Pressure).Center), "median share of the control kernel's time in which some task waited for a CPU"})
	}
	return all
}
