package table

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results"
)

// Columns of the text layout: a label, then for each column of the table the
// center, its interval and footnotes, and for all but the first one the
// difference, its p-value and footnotes.
const (
	centerBoxes = 3
	deltaBoxes  = 3
)

// firstBox returns the first layout column of column i of the table.
func firstBox(i int) int {
	if i == 0 {
		return 1
	}
	return 1 + centerBoxes + (i-1)*(centerBoxes+deltaBoxes)
}

// WriteText writes the tables as text for a font of fixed width, laid out like
// benchstat's. With colour, differences that are improvements are green and
// those that are the opposite are red.
func (t *Tables) WriteText(w io.Writer, colour bool) error {
	out := bufio.NewWriter(w)
	for i, table := range t.Tables {
		if i > 0 {
			fmt.Fprintln(out)
		}
		for _, s := range t.newKeys(i) {
			fmt.Fprintf(out, "%s: %s\n", results.Printable(s.Key), results.Printable(s.Value))
		}
		table.writeText(out, colour)
	}
	return out.Flush()
}

func (t *Table) writeText(out io.Writer, colour bool) {
	l := &layout{tight: make(map[int]bool)}
	notes := new(footnotes)
	t.layHeader(l)
	for _, r := range t.Rows {
		t.layRow(l, r, notes, colour)
	}
	if len(t.Rows) > 1 {
		t.layGeomean(l, notes)
	}
	for _, line := range l.lines() {
		fmt.Fprintln(out, line)
	}
	for i, text := range notes.texts {
		fmt.Fprintf(out, "%s %s\n", superscript(i+1), results.Printable(text))
	}
}

// layHeader lays the keys of the columns, where neighbours that have a value in
// common share it, and the units.
func (t *Table) layHeader(l *layout) {
	edge := box{col: firstBox(len(t.Cols)), margin: " │"}
	for level := range t.Cols[0].Keys {
		l.row()
		for from := 0; from < len(t.Cols); {
			to := from + 1
			for to < len(t.Cols) && sharesKeys(t.Cols[from], t.Cols[to], level) {
				to++
			}
			first := firstBox(from)
			l.add(box{col: first, span: firstBox(to) - first, text: t.Cols[from].Keys[level].Value, align: center, margin: " │ "})
			from = to
		}
		l.add(edge)
	}
	l.row()
	for i := range t.Cols {
		first, end := firstBox(i), firstBox(i+1)
		l.add(box{col: first, span: centerBoxes, text: t.Unit, align: center, margin: " │ "})
		if i > 0 {
			l.add(box{col: first + centerBoxes, span: deltaBoxes, text: "vs base", margin: "  "})
		}
		for inner := first + 1; inner < end; inner++ {
			l.tight[inner] = true
		}
	}
	l.add(edge)
}

// sharesKeys reports whether two columns have the same keys up to level.
func sharesKeys(a, b Column, level int) bool {
	for k := range level + 1 {
		if a.Keys[k] != b.Keys[k] {
			return false
		}
	}
	return true
}

func (t *Table) layRow(l *layout, r Row, notes *footnotes, colour bool) {
	scale := t.scale(r)
	l.row()
	l.add(box{text: r.Label})
	for i, c := range r.Cells {
		if c == nil {
			continue
		}
		first := firstBox(i)
		own, compared := c.notes()
		l.add(box{col: first, text: scale.Format(c.Summary.Center), align: right})
		l.add(box{col: first + 1, text: c.Range(), align: right, margin: " ± "})
		l.add(box{col: first + 2, text: notes.refer(own)})
		if c.Base == nil {
			continue
		}
		delta := box{col: first + centerBoxes, text: c.Delta(), align: right}
		if colour {
			delta.style = effectStyle(t.Effect(c))
		}
		l.add(delta)
		l.add(box{col: first + centerBoxes + 1, text: "(" + c.P() + ")"})
		l.add(box{col: first + centerBoxes + 2, text: notes.refer(compared)})
	}
}

func effectStyle(effect int) style {
	switch {
	case effect > 0:
		return green
	case effect < 0:
		return red
	}
	return plain
}

func (t *Table) layGeomean(l *layout, notes *footnotes) {
	l.row()
	l.add(box{text: geomeanLabel})
	for i, g := range t.Geomean {
		first := firstBox(i)
		if g.HasCenter() {
			l.add(box{col: first, text: t.scaled(g), align: right})
		}
		switch {
		case i > 0 && g.HasRatio():
			l.add(box{col: first + centerBoxes, text: g.Delta(), align: right})
		case i > 0:
			l.add(box{col: first + centerBoxes, text: g.Delta()})
		}
		l.add(box{col: firstBox(i+1) - 1, text: notes.refer(g.Warnings)})
	}
}

// geomeanLabel is the label of the row of geometric means.
const geomeanLabel = "geomean"

// footnotes are the warnings of a table, each text once, in the order in which
// they are first referred to.
type footnotes struct{ texts []string }

// refer returns the marks of some warnings.
func (f *footnotes) refer(warnings []error) string {
	marks := make([]string, len(warnings))
	for i, n := range f.numbers(warnings) {
		marks[i] = superscript(n)
	}
	return strings.Join(marks, " ")
}

// numbers returns the numbers of some warnings, from 1.
func (f *footnotes) numbers(warnings []error) []int {
	numbers := make([]int, len(warnings))
next:
	for i, w := range warnings {
		for n, text := range f.texts {
			if text == w.Error() {
				numbers[i] = n + 1
				continue next
			}
		}
		f.texts = append(f.texts, w.Error())
		numbers[i] = len(f.texts)
	}
	return numbers
}

// superscript returns n in raised digits.
func superscript(n int) string {
	digits := []rune("⁰¹²³⁴⁵⁶⁷⁸⁹")
	return strings.Map(func(d rune) rune { return digits[d-'0'] }, strconv.Itoa(n))
}
