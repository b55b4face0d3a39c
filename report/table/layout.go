package table

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/results"
)

// A layout is text in aligned columns, with cells that may span several.
type layout struct {
	rows  [][]box
	cols  int
	tight map[int]bool // columns that a span must not widen
}

// A box is a cell of a layout.
type box struct {
	col, span int
	text      string
	align     alignment
	style     style

	// margin stands before the text and is aligned in the column, too. If it is
	// empty, a box with text outside the first column gets a space.
	margin string
}

type alignment int

const (
	left alignment = iota
	center
	right
)

// A style is the terminal's escape sequence for a colour.
type style string

const (
	plain style = ""
	green style = "\x1b[32m"
	red   style = "\x1b[31m"
	reset       = "\x1b[0m"
)

// row starts a row.
func (l *layout) row() { l.rows = append(l.rows, nil) }

// add adds a box to the last row, to the right of those in it.
func (l *layout) add(b box) {
	b.text = results.Printable(b.text)
	b.span = max(b.span, 1)
	if b.margin == "" && b.col > 0 && b.text != "" {
		b.margin = " "
	}
	l.cols = max(l.cols, b.col+b.span)
	last := len(l.rows) - 1
	l.rows[last] = append(l.rows[last], b)
}

// margins returns the width of each column's margin.
func (l *layout) margins() []int {
	margins := make([]int, l.cols)
	for _, row := range l.rows {
		for _, b := range row {
			margins[b.col] = max(margins[b.col], utf8.RuneCountInString(b.margin))
		}
	}
	return margins
}

// widths returns the width of each column, its margin included. Narrow boxes
// have their say first, so that a wide one finds what is already there.
func (l *layout) widths(margins []int) []int {
	boxes := slices.Concat(l.rows...)
	slices.SortStableFunc(boxes, func(a, b box) int { return a.span - b.span })
	widths := make([]int, l.cols)
	for _, b := range boxes {
		need := utf8.RuneCountInString(b.text) + margins[b.col]
		if b.span == 1 {
			widths[b.col] = max(widths[b.col], need)
		} else {
			l.widen(widths, b.col, b.col+b.span, need)
		}
	}
	return widths
}

// widen makes columns from to to-1 together at least need wide, by widening the
// narrow ones that are not tight as evenly as possible. If all are tight, the last
// one has to give.
func (l *layout) widen(widths []int, from, to, need int) {
	have := 0
	var loose []int
	for col := from; col < to; col++ {
		have += widths[col]
		if l.tight[col] {
			need -= widths[col]
			have -= widths[col]
		} else {
			loose = append(loose, col)
		}
	}
	if have >= need {
		return
	}
	if len(loose) == 0 {
		widths[to-1] += need
		return
	}
	slices.SortStableFunc(loose, func(a, b int) int { return widths[b] - widths[a] })
	for i, col := range loose {
		rest := len(loose) - i
		widths[col] = max(widths[col], (need+rest-1)/rest)
		need -= widths[col]
	}
}

// lines returns the rows as text.
func (l *layout) lines() []string {
	margins := l.margins()
	starts := make([]int, l.cols+1)
	for col, w := range l.widths(margins) {
		starts[col+1] = starts[col] + w
	}
	lines := make([]string, len(l.rows))
	for i, row := range l.rows {
		var line strings.Builder
		at := 0
		for _, b := range row {
			if strings.TrimSpace(b.text) == "" && strings.TrimSpace(b.margin) == "" {
				continue // else the line might end in spaces
			}
			start := starts[b.col] + margins[b.col]
			pad := b.indent(starts[b.col+b.span] - start)
			blank := start - utf8.RuneCountInString(b.margin) - at
			line.WriteString(strings.Repeat(" ", blank) + b.margin + strings.Repeat(" ", pad) + b.styled())
			at = start + pad + utf8.RuneCountInString(b.text)
		}
		lines[i] = line.String()
	}
	return lines
}

// indent returns how many spaces align the text in a width.
func (b box) indent(width int) int {
	room := width - utf8.RuneCountInString(b.text)
	switch b.align {
	case center:
		return room / 2
	case right:
		return room
	}
	return 0
}

func (b box) styled() string {
	if b.style == plain {
		return b.text
	}
	return string(b.style) + b.text + reset
}
