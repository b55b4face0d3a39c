package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

// A preset is a set of options by one name. A sample costs its target, 15 %
// more for warming up and some 20 ms for its host; calibrating a cell costs
// about a third of that, once; and the control kernel is a cell more. All
// presets take 6 rounds at least: fewer give no finite 95 % interval for a
// median.
type preset struct {
	Name string `json:"name"`
	Help string `json:"help"`

	// Workloads are those measured of a bench binary that has one of them;
	// empty means all.
	Workloads []string `json:"workloads,omitempty"`

	// Workers are the numbers of workers, in CPUs; 0 is one worker.
	Workers []float64 `json:"workersPerCPU"`

	Params map[string][]string `json:"params,omitempty"` // by workload.name

	// Together are the names of parameters whose values go together: see
	// [campaign.Options].
	Together []string `json:"together,omitempty"`

	Rounds      int           `json:"rounds"`
	Target      time.Duration `json:"target"`                // of a sample, ns
	ProfileTime time.Duration `json:"profileTime,omitempty"` // of each mode of each workload, ns
}

const (
	quickPreset       = "quick"
	defaultPreset     = "default"
	granularityPreset = "granularity"
	decisionPreset    = "decision"
)

func presets() []preset {
	return []preset{
		{
			// On 2 CPUs 27 cells × 6 × 78 ms: 13 s, and 2 s to calibrate.
			Name:      quickPreset,
			Help:      "under 30 s: one workload that computes and one that waits, one worker and a worker per CPU",
			Workloads: []string{"hash", "sleep"},
			Workers:   []float64{0, 1},
			Rounds:    6,
			Target:    50 * time.Millisecond,
		},
		{
			// On 2 CPUs 79 cells × 6 × 310 ms: 147 s, 8 s to calibrate and 25 s
			// of profiles, so that a first `make report`, which builds for a
			// minute, stays under five. Oversubscription is thorough's subject.
			Name:        defaultPreset,
			Help:        "under 5 min on two CPUs: all workloads, with one worker, one per two CPUs and one per CPU",
			Workers:     []float64{0, 0.5, 1},
			Rounds:      6,
			Target:      250 * time.Millisecond,
			ProfileTime: 500 * time.Millisecond,
		},
		{
			Name:    "thorough",
			Help:    "half an hour and more: 20 rounds of longer samples, more parameters and numbers of workers",
			Workers: []float64{0, 0.5, 1, 2, 4},
			Params: map[string][]string{
				"hash.size":      {"1KiB", "64KiB", "1MiB"},
				"sleep.duration": {"1ms", "10ms"},
			},
			Rounds:      20,
			Target:      250 * time.Millisecond,
			ProfileTime: 2 * time.Second,
		},
		{
			// Half a decade from size to size, from a task that is hardly more
			// than a call, 10 ns or so, to one that is worth a process of its own.
			Name:      granularityPreset,
			Help:      "about 2 min: tasks from 10 ns to 50 ms, for the smallest with which a mode does half of its best",
			Workloads: []string{"spin"},
			Workers:   []float64{1},
			Params: map[string][]string{
				"spin.iterations": {
					"10", "30", "100", "300", "1000", "3000", "10000", "30000", "100000",
					"300000", "1000000", "3000000", "10000000", "30000000",
				},
			},
			Rounds: 7,
			Target: 50 * time.Millisecond,
		},
		{
			// A decade from size to size. What mixed computes takes about as long
			// as it waits. 127 cells × 6 × 150 ms, and some 400 ms more for each of
			// a third of them, whose tasks are as long as the sample is to be, or longer.
			Name:      decisionPreset,
			Help:      "about 4 min: tasks that compute, wait or do both, from 1 µs to 100 ms, for the mode that suits each",
			Workloads: []string{"spin", "sleep", "mixed"},
			Workers:   []float64{1},
			Params: map[string][]string{
				"spin.iterations":  {"1000", "10000", "100000", "1000000", "10000000", "100000000"},
				"sleep.duration":   {"1us", "10us", "100us", "1ms", "10ms", "100ms"},
				"mixed.iterations": {"500", "5000", "50000", "500000", "5000000", "50000000"},
				"mixed.wait":       {"1us", "5us", "50us", "500us", "5ms", "50ms"},
			},
			Together: []string{"mixed.iterations", "mixed.wait"},
			Rounds:   6,
			Target:   50 * time.Millisecond,
		},
	}
}

// presetNames completes the names of the presets.
func presetNames(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	for _, p := range presets() {
		names = append(names, cobra.CompletionWithDesc(p.Name, p.Help))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// findPreset returns the preset of that name.
func findPreset(name string) (preset, error) {
	var names []string
	for _, p := range presets() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return preset{}, unknown("preset", name, names)
}

// options returns what the preset means for a bench binary, on a machine with
// that many CPUs.
func (p preset) options(catalog results.Catalog, cpus int) campaign.Options {
	o := campaign.Options{Rounds: p.Rounds, Target: p.Target, ProfileTime: p.ProfileTime}
	for _, w := range catalog.Workloads {
		if slices.Contains(p.Workloads, w.Name) {
			o.Workloads = append(o.Workloads, w.Name)
		}
	}
	for _, perCPU := range p.Workers {
		n := max(1, int(perCPU*float64(cpus)))
		if !slices.Contains(o.Workers, n) {
			o.Workers = append(o.Workers, n)
		}
	}
	return o
}

// paramsFor returns the preset's parameters for the chosen workloads, those
// that they have.
func (p preset) paramsFor(catalog results.Catalog, chosen []string) map[string][]string {
	found := map[string][]string{}
	for _, w := range catalog.Workloads {
		if len(chosen) > 0 && !slices.Contains(chosen, w.Name) {
			continue
		}
		for _, param := range w.Params {
			name := strings.Join([]string{w.Name, param.Name}, ".")
			if values, ok := p.Params[name]; ok {
				found[name] = values
			}
		}
	}
	return found
}
