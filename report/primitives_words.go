package report

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// primitivesTitle names the section.
const primitivesTitle = "What each primitive charges"

// sideNames are the heads of the columns.
var sideNames = map[results.Side]string{
	results.GoroutineSide: "goroutines", results.ProcessSide: "processes", results.PythonSide: "Python", results.UnknownSide: "others",
}

// A comparison is a ratio that is said: of one side's charge over another's.
type comparison struct {
	side, over results.Side
	head       string // of its column
	take       string // how a sentence about it begins
}

var comparisons = []comparison{
	{results.ProcessSide, results.GoroutineSide, "process / goroutine", "Processes take"},
	{results.PythonSide, results.ProcessSide, "Python / process", "Python takes"},
}

// Sentence says what processes charge over goroutines, and Python over
// processes, from primitive to primitive; nothing if there is no pair.
func (p *Primitives) Sentence() string {
	var parts []string
	for _, c := range comparisons {
		if text := comparedIn(p.All, c); text != "" {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}

// comparedIn says how many times as long one side takes as another, from
// primitive to primitive; nothing if none is done by both.
func comparedIn(primitives []Primitive, c comparison) string {
	type ratio struct {
		name  string
		times float64
	}
	var all []ratio
	for _, one := range primitives {
		if r := one.Ratio(c.side, c.over); r.Known() && one.Unit == results.SecPerOp {
			all = append(all, ratio{strings.TrimSuffix(one.Name+", "+paramWords(one.Params, ", "), ", "), r.Center})
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.SortStableFunc(all, func(a, b ratio) int { return cmp.Compare(a.times, b.times) })
	least, most := all[0], all[len(all)-1]
	if len(all) == 1 {
		return fmt.Sprintf("%s %s as long as %s (%s)", c.take, times(least.times), sideNames[c.over], least.name)
	}
	var sorted []float64
	for _, r := range all {
		sorted = append(sorted, r.times)
	}
	return fmt.Sprintf("%s %s as long as %s, median over %s, from %s (%s) to %s (%s)",
		c.take, times(median(sorted)), sideNames[c.over], wording.Count(len(all), "primitive"), times(least.times), least.name, times(most.times), most.name)
}

// Definition says what the numbers are.
func (p *Primitives) Definition() string {
	text := "Medians, with the reach of their 95" + wording.NBSP + "% confidence intervals; of several ways, the fastest is first, and the ratios are of these."
	if p.unbounded() {
		text += fmt.Sprintf(" Where there is no interval there are too few samples for one: it takes %d.", leastSamples)
	}
	return text
}

// unbounded reports whether some way has too few samples for an interval.
func (p *Primitives) unbounded() bool {
	return slices.ContainsFunc(p.All, func(one Primitive) bool {
		return slices.ContainsFunc(one.Ways, func(w Way) bool { return !w.Charge.bounded() })
	})
}

// table returns the table: a line for each primitive, with what each way of a
// side charges, and the ratios. Columns in which nothing stands are left out.
func (p *Primitives) table() (head []string, lines []blockLine) {
	head = []string{"primitive"}
	for _, one := range p.All {
		label := one.Label()
		if one.Unit != results.SecPerOp {
			label += ", " + one.Unit
		}
		lines = append(lines, blockLine{{label}})
	}
	column := func(name string, cell func(Primitive) []string) {
		var cells [][]string
		some := false
		for _, one := range p.All {
			c := cell(one)
			cells = append(cells, c)
			some = some || len(c) > 0
		}
		if !some {
			return
		}
		head = append(head, name)
		for i := range lines {
			lines[i] = append(lines[i], cells[i])
		}
	}
	for _, side := range sides {
		column(sideNames[side], func(one Primitive) []string {
			var texts []string
			for _, w := range one.of(side) {
				texts = append(texts, w.By+" "+w.text(one.Unit))
			}
			return texts
		})
	}
	for _, c := range comparisons {
		column(c.head, func(one Primitive) []string {
			r := one.Ratio(c.side, c.over)
			if !r.Known() {
				return nil
			}
			text := times(r.Center)
			if r.Bounded() {
				text += plusMinus(Interval{r.Center, r.Lo, r.Hi})
			}
			return []string{text}
		})
	}
	return head, lines
}

// text says what the way charges: 31.3 µs ± 1.2 %, without an interval that is
// not known.
func (w Way) text(unit string) string {
	text := quantity(w.Charge.Center, unit)
	if w.Charge.bounded() {
		text += plusMinus(w.Charge)
	}
	return text
}

// titleOf names the section, with the file where there are several.
func (r *Report) titleOf(p *Primitives) string {
	if len(r.Primitives) < 2 {
		return primitivesTitle
	}
	return p.Label + ": " + primitivesTitle
}

// primitivesText returns the section of the report as text.
func (r *Report) primitivesText(o TextOptions) string {
	var b strings.Builder
	for _, p := range r.Primitives {
		title := results.Printable(r.titleOf(p))
		if o.Color {
			title = boldStyle + title + resetStyle
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		if text := p.Sentence(); text != "" {
			b.WriteString(wrapped(text, o.Width))
		}
		b.WriteString(wrapped(p.Definition(), o.Width))
		head, lines := p.table()
		writeBlocks(&b, head, lines, o.Width)
	}
	return b.String()
}

// PrimitivesMarkdown returns the section in Markdown; nothing if there is none.
func (r *Report) PrimitivesMarkdown() []byte {
	var b bytes.Buffer
	for _, p := range r.Primitives {
		fmt.Fprintf(&b, "\n### %s\n\n", inline(r.titleOf(p)))
		if text := p.Sentence(); text != "" {
			fmt.Fprintf(&b, "%s\n\n", inline(text))
		}
		head, lines := p.table()
		b.WriteByte('|')
		for _, cell := range head {
			b.WriteString(" " + inline(cell) + " |")
		}
		b.WriteString("\n|" + strings.Repeat(" :-- |", len(head)) + "\n")
		for _, l := range lines {
			b.WriteByte('|')
			for _, cell := range l {
				var words []string
				for _, text := range cell {
					words = append(words, inline(text))
				}
				b.WriteString(" " + strings.Join(words, "<br>") + " |")
			}
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "\n%s\n", inline(p.Definition()))
	}
	return b.Bytes()
}
