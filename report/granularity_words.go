package report

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// metgName is what the number is called, in tables and in charts.
const metgName = "METG(50" + wording.NBSP + "%)"

// Title names the section: Granularity of spin.
func (g Granularity) Title() string {
	title := "Granularity of " + g.Workload
	switch g.Chunk {
	case "":
	case "1":
		title += ", tasks handed out one by one"
	default:
		title += ", tasks handed out " + g.Chunk + " at a time"
	}
	return title
}

// String says what the sentence says, of what, with plain spaces.
func (g Granularity) String() string { return wording.Breakable(g.Title() + ": " + g.Sentence()) }

// Sentence says what the smallest tasks are that a mode is still good for: in
// the modes in which they are smallest and largest, serial left out.
func (g Granularity) Sentence() string {
	ms := slices.DeleteFunc(slices.Clone(g.Modes), func(m METG) bool { return m.Mode == serial && len(g.Modes) > 1 })
	slices.SortStableFunc(ms, func(a, b METG) int { return cmp.Compare(a.Seconds.Center, b.Seconds.Center) })
	first, last := ms[0], ms[len(ms)-1]
	text := first.sentence()
	switch at := last.Seconds.Center; {
	case last.Mode == first.Mode:
	case at == 0 || math.IsInf(at, 1):
		text += "; " + last.sentence()
	default:
		text += "; " + last.Mode + " keeps half down to tasks of " + seconds(at)
	}
	return text + "."
}

// sentence says how small tasks may be in the mode.
func (m METG) sentence() string {
	if math.IsInf(m.Seconds.Center, 1) {
		return fmt.Sprintf("%s does not come to half of its peak rate of work with tasks of up to %s", m.Mode, seconds(m.Most))
	}
	if m.Seconds.Center == 0 {
		return fmt.Sprintf("%s keeps more than half of its peak rate of work down to the smallest tasks, of %s", m.Mode, seconds(m.Least))
	}
	return fmt.Sprintf("%s keeps half of its peak rate of work down to tasks of %s", m.Mode, seconds(m.Seconds.Center))
}

// Definition says what the numbers are.
func (g Granularity) Definition() string {
	return fmt.Sprintf("%s is the smallest granularity of tasks with which a mode still does half of its peak rate of work: "+
		"granularity is wall time × cores / tasks, the cores being one for each of %s, as far as the machine has them. "+
		"The size of a task is %s, from %s to %s; efficiency is the time of the work itself, as serial shows it, over the time of the cores.",
		metgName, wording.Count(g.Workers, "worker"), g.Param, g.paramValue(g.rows[0]), g.paramValue(g.rows[len(g.rows)-1]))
}

func (g Granularity) paramValue(r *Row) string {
	for _, p := range r.Params {
		if p.Name == g.Param {
			return p.Value
		}
	}
	return ""
}

// granularityHead is the head of the table of a [Granularity].
var granularityHead = []string{"mode", metgName, "95" + wording.NBSP + "% interval", "peak efficiency"}

// lines returns the table: a line for each mode.
func (g Granularity) lines() [][]string {
	var all [][]string
	for _, m := range g.Modes {
		all = append(all, []string{m.Mode, m.text(m.Seconds.Center), m.interval(), percent(m.Peak)})
	}
	return all
}

// text writes a granularity, or the bound that it is known to be beyond.
func (m METG) text(v float64) string {
	switch {
	case v == 0:
		return "<" + seconds(m.Least)
	case math.IsInf(v, 1):
		return ">" + seconds(m.Most)
	}
	return seconds(v)
}

func (m METG) interval() string {
	if math.IsInf(m.Seconds.Lo, -1) {
		return fmt.Sprintf("unknown: fewer than %d samples", leastSamples)
	}
	lo, hi := m.text(m.Seconds.Lo), m.text(m.Seconds.Hi)
	if lo == hi {
		return lo
	}
	return lo + " to " + hi
}

func seconds(v float64) string { return quantity(v, results.SecPerOp) }

// granularityText returns the section of the report as text.
func (r *Report) granularityText(o TextOptions) string {
	var b strings.Builder
	for _, s := range r.Suites {
		for _, g := range s.Granularities() {
			title := results.Printable(r.named(s, []string{g.Title()})[0])
			if o.Color {
				title = boldStyle + title + resetStyle
			}
			fmt.Fprintf(&b, "\n%s\n%s", title, wrapped(g.Sentence(), o.Width))
			writeAligned(&b, append([][]string{granularityHead}, g.lines()...))
		}
	}
	return b.String()
}

// writeAligned writes lines of cells below each other, the first one to the left
// and the others to the right.
func writeAligned(b *strings.Builder, lines [][]string) {
	widths := make([]int, len(lines[0]))
	for _, l := range lines {
		for i, cell := range l {
			widths[i] = max(widths[i], utf8.RuneCountInString(results.Printable(wording.Breakable(cell))))
		}
	}
	for _, l := range lines {
		first := results.Printable(l[0])
		b.WriteString("    " + first + strings.Repeat(" ", widths[0]-utf8.RuneCountInString(first)))
		for i, cell := range l[1:] {
			cell = results.Printable(wording.Breakable(cell))
			b.WriteString("  " + strings.Repeat(" ", widths[i+1]-utf8.RuneCountInString(cell)) + cell)
		}
		b.WriteString("\n")
	}
}

// GranularityMarkdown returns the sections on granularity in Markdown; nothing
// if there are none.
func (r *Report) GranularityMarkdown() []byte {
	var b bytes.Buffer
	for _, s := range r.Suites {
		for _, g := range s.Granularities() {
			fmt.Fprintf(&b, "\n### %s\n\n%s\n", inline(r.named(s, []string{g.Title()})[0]), inline(g.Sentence()))
			b.WriteByte('\n')
			for i, l := range append([][]string{granularityHead}, g.lines()...) {
				b.WriteByte('|')
				for _, cell := range l {
					b.WriteString(" " + inline(cell) + " |")
				}
				b.WriteByte('\n')
				if i == 0 {
					b.WriteString("| :-- |" + strings.Repeat(" --: |", len(l)-1) + "\n")
				}
			}
			fmt.Fprintf(&b, "\n%s\n", inline(g.Definition()))
		}
	}
	return b.Bytes()
}
