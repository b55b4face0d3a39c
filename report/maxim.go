package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// busyShare is the share of the serial mode's time that a workload spends on a
// CPU from which on it counts as one that computes. Below it, the workload
// waits for a part of its time that another worker could use.
const busyShare = 0.9

// Summary returns the sentences about all rows of the suite together.
func (s *Suite) Summary() []string {
	var all []string
	busy, waiting := s.kinds()
	if text := s.aboutBusy(busy); text != "" {
		all = append(all, text)
	}
	if text := s.aboutWaiting(waiting); text != "" {
		all = append(all, text)
	}
	return append(all, s.costs()...)
}

// kinds splits the rows into those that keep a CPU busy and those that wait, as
// their serial samples show it. A row without such samples is neither.
func (s *Suite) kinds() (busy, waiting []*Row) {
	for _, r := range s.Rows {
		share := onCPU(r)
		switch {
		case math.IsNaN(share):
		case share >= busyShare:
			busy = append(busy, r)
		default:
			waiting = append(waiting, r)
		}
	}
	return busy, waiting
}

// onCPU returns the share of the serial mode's time in which the row has a CPU,
// or NaN if that was not measured. It is that of the sample with the largest:
// other programs can only take a CPU away, while work that waits does so in
// every sample.
func onCPU(r *Row) float64 {
	cpu, wall := r.cpuSum(serial, 1), r.base()
	if len(cpu) == 0 || len(cpu) != len(wall) {
		return math.NaN()
	}
	most := 0.0
	for i := range cpu {
		most = max(most, cpu[i]/wall[i])
	}
	return most
}

// aboutBusy says what is left of "processes for CPU".
func (s *Suite) aboutBusy(rows []*Row) string {
	goroutine, process := s.speedups(rows, "goroutine"), s.speedups(rows, "process")
	if len(goroutine) == 0 || len(process) == 0 {
		return ""
	}
	match := s.match(rows, "process", "goroutine")
	var b strings.Builder
	fmt.Fprintf(&b, "“Processes for CPU work”: where the CPU is the limit (%s), goroutines reach %s serial and processes %s; %s.",
		names(rows), span(goroutine), span(process), match.words("process", "goroutine"))
	if single := s.speedups(rows, "gomaxprocs1"); len(single) > 0 {
		fmt.Fprintf(&b, " On one CPU at a time (gomaxprocs1, the nearest thing to Python's GIL), goroutines reach %s.", span(single))
	}
	switch {
	case match.blind:
	case slices.Max(goroutine) < 1.1 && slices.Max(process) < 1.1:
		b.WriteString(" More workers gained nothing here, of either kind.")
	case slices.Min(goroutine) < 1.1:
	case match.faster == 0:
		b.WriteString(" Go needs no processes to use the CPUs.")
	case match.faster == match.total():
		b.WriteString(" Here the maxim holds for Go, too.")
	default:
		b.WriteString(" Which is better depends on the workload.")
	}
	return b.String()
}

// aboutWaiting says what is left of "threads for I/O".
func (s *Suite) aboutWaiting(rows []*Row) string {
	var parts []string
	for _, mode := range []string{"goroutine", "gomaxprocs1", "thread", "process"} {
		if v := s.speedups(rows, mode); len(v) > 0 {
			parts = append(parts, mode+" "+span(v))
		}
	}
	if len(parts) < 2 {
		return ""
	}
	text := fmt.Sprintf("“Threads for I/O”: where workers wait (%s), the modes reach, over serial: %s", names(rows), strings.Join(parts, ", "))
	if len(s.speedups(rows, "gomaxprocs1")) == 0 || len(s.speedups(rows, "goroutine")) == 0 {
		return text + "."
	}
	match := s.match(rows, "gomaxprocs1", "goroutine")
	return text + "; " + match.words("gomaxprocs1", "goroutine") + "."
}

// speedups returns what a mode reaches over serial in each row that has it.
func (s *Suite) speedups(rows []*Row, mode string) []float64 {
	var all []float64
	for _, r := range rows {
		if v := ratioOf(r.base(), r.values(mode, s.headline(r), results.SecPerOp)); v.Known() {
			all = append(all, v.Center)
		}
	}
	return all
}

// A match is how two modes compare over several rows.
type match struct {
	faster, slower, tied int

	blind bool // there are too few samples for any difference to show
}

func (m match) total() int { return m.faster + m.slower + m.tied }

// match compares two modes in each row that has both, with p-values corrected
// for the number of rows.
func (s *Suite) match(rows []*Row, mode, with string) match {
	var ratios []Ratio
	var ps []float64
	for _, r := range rows {
		w := s.headline(r)
		v := ratioOf(r.values(mode, w, results.SecPerOp), r.values(with, w, results.SecPerOp))
		if v.Known() {
			ratios = append(ratios, v)
			ps = append(ps, v.P)
		}
	}
	var m match
	for _, r := range ratios {
		m.blind = m.blind || smallestP(r.N1, r.N2)*float64(len(ratios)) > alpha
	}
	for i, p := range holm(ps, len(ps)) {
		switch {
		case p > alpha || ratios[i].Center == 1:
			m.tied++
		case ratios[i].Center < 1:
			m.faster++
		default:
			m.slower++
		}
	}
	return m
}

// words says: process is faster than goroutine in none of 3 workloads, slower
// in 1, and in 2 this run could tell no difference.
func (m match) words(mode, with string) string {
	if m.blind {
		return fmt.Sprintf("there are too few samples to compare %s with %s", mode, with)
	}
	if m.total() == 1 {
		switch {
		case m.faster == 1:
			return mode + " is faster than " + with
		case m.slower == 1:
			return mode + " is slower than " + with
		}
		return fmt.Sprintf("this run could tell no difference between %s and %s", mode, with)
	}
	n := wording.Count(m.total(), "workload")
	switch m.total() {
	case m.faster:
		return fmt.Sprintf("%s is faster than %s in all %s", mode, with, n)
	case m.slower:
		return fmt.Sprintf("%s is slower than %s in all %s", mode, with, n)
	case m.tied:
		return fmt.Sprintf("this run could tell no difference between %s and %s in any of %s", mode, with, n)
	}
	return fmt.Sprintf("of %s, %s is faster than %s in %s, slower in %s, and in %s this run could tell no difference",
		n, mode, with, none(m.faster), none(m.slower), none(m.tied))
}

func none(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprint(n)
}

// names lists the workloads of rows, each once.
func names(rows []*Row) string {
	var words []string
	for _, r := range rows {
		if !slices.Contains(words, r.Workload) {
			words = append(words, r.Workload)
		}
	}
	return strings.Join(words, ", ")
}

// span says 1.90–1.97×.
func span(v []float64) string {
	lo, hi := factor(slices.Min(v)), factor(slices.Max(v))
	if lo == hi {
		return lo + "×"
	}
	return lo + "–" + hi + "×"
}
