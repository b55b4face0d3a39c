package report

import (
	"strings"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// A blockLine is a line of a table of text whose cells have several lines each.
type blockLine [][]string

// writeBlocks writes a table below its head: the first column to the left of all
// others. Where they are wider than width, 0 being without end, it becomes
// several tables below each other.
func writeBlocks(b *strings.Builder, head []string, blocks []blockLine, width int) {
	lines := [][]string{head}
	for _, block := range blocks {
		lines = append(lines, block.lines()...)
	}
	for i, l := range lines {
		lines[i] = make([]string, len(l))
		for k, cell := range l {
			lines[i][k] = results.Printable(wording.Breakable(cell))
		}
	}
	const indent, gap = 4, 2
	widths := make([]int, len(head))
	for _, l := range lines {
		for i, cell := range l {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for from := 1; from < len(head); {
		if from > 1 {
			b.WriteByte('\n')
		}
		to, taken := from, indent+widths[0]
		for to < len(head) && (to == from || width == 0 || taken+gap+widths[to] <= width) {
			taken += gap + widths[to]
			to++
		}
		for _, l := range lines {
			cells := []string{strings.Repeat(" ", indent) + padded(l[0], widths[0])}
			for i := from; i < to; i++ {
				cells = append(cells, padded(l[i], widths[i]))
			}
			b.WriteString(strings.TrimRight(strings.Join(cells, strings.Repeat(" ", gap)), " ") + "\n")
		}
		from = to
	}
}

func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// lines returns the lines of text that the line of the table takes.
func (l blockLine) lines() [][]string {
	height := 1
	for _, cell := range l {
		height = max(height, len(cell))
	}
	all := make([][]string, height)
	for i := range all {
		for _, cell := range l {
			text := ""
			if i < len(cell) {
				text = cell[i]
			}
			all[i] = append(all[i], text)
		}
	}
	return all
}
