package report

import (
	"slices"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// A gridLine is a line of the table of a row.
type gridLine struct {
	Mode    string
	Workers int
	First   bool     // of its number of workers
	Cells   []string // one for each column; empty where nothing was measured
}

// A gridColumn is a column of the table of a row.
type gridColumn struct {
	head string
	cell func(mode string, workers int) string
}

// gridColumns returns the columns that the table of a row can have.
func (s *Suite) gridColumns(r *Row) []gridColumn {
	metric := func(head, unit string) gridColumn {
		return gridColumn{head, func(m string, w int) string { return cellText(r.values(m, w, unit), unit) }}
	}
	return []gridColumn{
		metric("time per unit", results.SecPerOp),
		{"speedup over serial", func(m string, w int) string { return ratioText(ratioOf(r.base(), r.values(m, w, results.SecPerOp))) }},
		metric("throughput", results.BytesPerSec),
		{"CPU time per unit", func(m string, w int) string { return cellText(r.cpuSum(m, w), results.SecPerOp) }},
		metric("peak memory", s.memoryUnit()),
		metric("p99 of a unit", results.P99Sec),
		metric("start-up", results.StartupSec),
	}
}

// grid returns the table of a row: a line for each mode and number of workers,
// and a column for each metric that was measured.
func (s *Suite) grid(r *Row) (head []string, lines []gridLine) {
	for _, w := range r.Workers {
		for i, m := range s.modes(r, w, results.SecPerOp) {
			lines = append(lines, gridLine{Mode: m, Workers: w, First: i == 0})
		}
	}
	for _, c := range s.gridColumns(r) {
		cells := make([]string, len(lines))
		for i, l := range lines {
			cells[i] = c.cell(l.Mode, l.Workers)
		}
		if !slices.ContainsFunc(cells, func(text string) bool { return text != "" }) {
			continue
		}
		head = append(head, c.head)
		for i := range lines {
			lines[i].Cells = append(lines[i].Cells, cells[i])
		}
	}
	return head, lines
}

// cellText says 62.1 µs ± 1.2 %, or nothing if nothing was measured.
func cellText(values []float64, unit string) string {
	if len(values) == 0 {
		return ""
	}
	v := summarise(values)
	return quantity(v.Center, unit) + plusMinus(v)
}

func ratioText(r Ratio) string {
	if !r.Known() {
		return ""
	}
	return times(r.Center) + plusMinus(Interval{r.Center, r.Lo, r.Hi})
}

// plusMinus says how far the interval reaches from the center, in percent.
func plusMinus(v Interval) string {
	reach := max(v.Hi-v.Center, v.Center-v.Lo) / v.Center
	switch {
	case v.Center == 0:
		return ""
	case reach > 1e9:
		return wording.NBSP + "± ∞"
	}
	return wording.NBSP + "±" + wording.NBSP + percent(reach)
}
