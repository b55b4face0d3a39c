package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// costs returns what processes cost beside time: to start, to keep and to use.
func (s *Suite) costs() []string {
	texts := []string{s.startCost(), s.spawnCost(), s.memoryCost(), s.cpuCost()}
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// startCost says how long bringing up workers takes.
func (s *Suite) startCost() string {
	parts := s.typical(results.StartupSec, []string{"goroutine", "thread", "process", "hybrid"})
	if len(parts) < 2 {
		return ""
	}
	return "Bringing the workers up takes " + list(parts) + " (" + s.over() + "); it is not part of the times per unit."
}

// memoryCost says how much memory the modes need.
func (s *Suite) memoryCost() string {
	unit := s.memoryUnit()
	parts := s.typical(unit, []string{serial, "goroutine", "thread", "process", "spawn", "hybrid"})
	if len(parts) < 2 {
		return ""
	}
	text := "At its peak, the memory is " + list(parts) + " (" + s.over() + ")"
	if r := s.ratios("process", "goroutine", unit); len(r) > 0 {
		text += fmt.Sprintf("; process needs %s what goroutine does", span(r))
	}
	return text + "."
}

// memoryUnit returns the metric of memory that the suite has.
func (s *Suite) memoryUnit() string {
	for _, r := range s.Rows {
		for at := range r.cells {
			if len(r.values(at.mode, at.workers, results.PeakPSS)) > 0 {
				return results.PeakPSS
			}
		}
	}
	return results.PeakRSS
}

// spawnCost says what it costs to start a process for each unit.
func (s *Suite) spawnCost() string {
	most, least := math.Inf(-1), math.Inf(1)
	var hardest, mildest string
	for _, r := range s.Rows {
		w := s.headline(r)
		v := ratioOf(r.values("spawn", w, results.SecPerOp), r.values("process", w, results.SecPerOp))
		if !v.Known() {
			continue
		}
		if v.Center > most {
			most, hardest = v.Center, r.Workload
		}
		if v.Center < least {
			least, mildest = v.Center, r.Workload
		}
	}
	switch hardest {
	case "":
		return ""
	case mildest:
		return fmt.Sprintf("A process for each unit (spawn) takes %s as long as a warm pool of processes (%s).", times(most), hardest)
	}
	return fmt.Sprintf("A process for each unit (spawn) takes from %s as long as a warm pool of processes (%s) to %s (%s).",
		times(least), mildest, times(most), hardest)
}

// cpuCost compares the CPU time per unit of processes and goroutines.
func (s *Suite) cpuCost() string {
	r := s.cpuRatios("process", "goroutine")
	if len(r) == 0 {
		return ""
	}
	return fmt.Sprintf("A unit costs %s the CPU time in process that it costs in goroutine, dispatcher included.", span(r))
}

// cpuRatios returns how many times the CPU time one mode takes of another's, in
// each row in which that was measured.
func (s *Suite) cpuRatios(mode, with string) []float64 {
	var all []float64
	for _, r := range s.Rows {
		w := s.headline(r)
		v := r.cpu(mode, w).Center / r.cpu(with, w).Center
		if v > 0 && !math.IsInf(v, 0) {
			all = append(all, v)
		}
	}
	return all
}

// cpu returns the CPU seconds per unit, user and system, of a mode.
func (r *Row) cpu(mode string, workers int) Interval { return summarise(r.cpuSum(mode, workers)) }

// cpuSum adds user and system time sample by sample, so that an interval is
// that of the sum.
func (r *Row) cpuSum(mode string, workers int) []float64 {
	user, sys := r.values(mode, workers, results.UserPerOp), r.values(mode, workers, results.SysPerOp)
	if len(user) != len(sys) {
		return nil // not of the same samples
	}
	sum := make([]float64, len(user))
	for i := range user {
		sum[i] = user[i] + sys[i]
	}
	return sum
}

// ratios returns how many times as large a metric is in one mode as in another,
// in each row that has both.
func (s *Suite) ratios(mode, with, unit string) []float64 {
	var all []float64
	for _, r := range s.Rows {
		w := s.headline(r)
		if v := ratioOf(r.values(mode, w, unit), r.values(with, w, unit)); v.Known() {
			all = append(all, v.Center)
		}
	}
	return all
}

// typical says of each mode how much it has of a metric: the median of the
// rows' medians.
func (s *Suite) typical(unit string, modes []string) []string {
	var parts []string
	for _, m := range modes {
		var centers []float64
		for _, r := range s.Rows {
			w := s.headline(r)
			if m == serial {
				w = 1
			}
			if v := r.values(m, w, unit); len(v) > 0 {
				centers = append(centers, summarise(v).Center)
			}
		}
		if len(centers) > 0 {
			slices.Sort(centers)
			parts = append(parts, quantity(median(centers), unit)+" in "+m)
		}
	}
	return parts
}

// over says what a typical value is the median of.
func (s *Suite) over() string {
	var workers []string
	for _, r := range s.Rows {
		if w := wording.Count(s.headline(r), "worker"); !slices.Contains(workers, w) {
			workers = append(workers, w)
		}
	}
	text := strings.Join(workers, " or ")
	if len(s.Rows) > 1 {
		text += ", median over the workloads"
	}
	return text
}
