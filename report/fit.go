package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results/samples"
)

// leastLabel is how short a label may become, in columns.
const leastLabel = 8

// fitted returns the table with its labels shortened as much as a width asks
// for: those of rows first, then what stands above the columns.
func fitted(t *table.Table, tables *table.Tables, width int) *table.Table {
	if excess := textWidth(t, tables) - width; excess > 0 {
		labels := make([]string, len(t.Rows))
		for i, r := range t.Rows {
			labels[i] = r.Label
		}
		short := *t
		short.Rows = slices.Clone(t.Rows)
		for i, label := range shortened(labels, max(leastLabel, longest(labels)-excess)) {
			short.Rows[i].Label = label
		}
		t = &short
	}
	for level := range t.Cols[0].Keys {
		if excess := textWidth(t, tables) - width; excess > 0 {
			t = withKeys(t, level, excess)
		}
	}
	return t
}

// withKeys returns the table with the values of the columns' keys of a level
// shortened, by excess in all of them together.
func withKeys(t *table.Table, level, excess int) *table.Table {
	values := make([]string, len(t.Cols))
	for i, c := range t.Cols {
		values[i] = c.Keys[level].Value
	}
	limit := max(leastLabel, longest(values)-(excess+len(values)-1)/len(values))
	short := *t
	short.Cols = slices.Clone(t.Cols)
	for i, value := range shortened(values, limit) {
		keys := slices.Clone(t.Cols[i].Keys)
		keys[level] = samples.Setting{Key: keys[level].Key, Value: value}
		short.Cols[i].Keys = keys
	}
	return &short
}

func longest(labels []string) int {
	n := 0
	for _, l := range labels {
		n = max(n, utf8.RuneCountInString(l))
	}
	return n
}

// shortened cuts labels to limit columns. Different ones stay different: they
// lose their middle instead of their end if those are alike, and are numbered
// if that does not help.
func shortened(labels []string, limit int) []string {
	for _, tail := range []int{0, limit / 2, limit - 3} {
		short := make([]string, len(labels))
		for i, l := range labels {
			short[i] = cut(l, limit, tail)
		}
		if distinct(labels, short) {
			return short
		}
	}
	short := make([]string, len(labels))
	numbers := make(map[string]int)
	for i, l := range labels {
		if numbers[l] == 0 {
			numbers[l] = len(numbers) + 1
		}
		if short[i] = l; utf8.RuneCountInString(l) > limit {
			number := fmt.Sprintf("…%d", numbers[l])
			short[i] = string([]rune(l)[:max(0, limit-utf8.RuneCountInString(number))]) + number
		}
	}
	return short
}

// cut takes out of s what is too much for limit columns, so that tail ones are
// left at the end.
func cut(s string, limit, tail int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit-1-tail]) + "…" + string(r[len(r)-tail:])
}

// distinct reports whether different labels have different short forms.
func distinct(labels, short []string) bool {
	of := make(map[string]string)
	for i, s := range short {
		if l, ok := of[s]; ok && l != labels[i] {
			return false
		}
		of[s] = labels[i]
	}
	return true
}

// escapes matches what changes the colour of a terminal's text.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// wrapLines breaks the lines of text that are longer than width columns, at
// spaces where there are any.
func wrapLines(text string, width int) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		for roomOf(line) > width {
			n := breakAt(line, width)
			b.WriteString(strings.TrimRight(line[:n], " ") + "\n")
			line = "  " + strings.TrimLeft(line[n:], " ")
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// roomOf returns how much room text takes.
func roomOf(text string) int { return utf8.RuneCountInString(escapes.ReplaceAllString(text, "")) }

// breakAt returns where in a line that is longer than width to break it.
func breakAt(line string, width int) int {
	at, n := 0, 0 // n columns are in line[:at]
	space := 0
	for at < len(line) {
		if m := escapes.FindStringIndex(line[at:]); m != nil && m[0] == 0 {
			at += m[1]
			continue
		}
		if n == width {
			break
		}
		r, size := utf8.DecodeRuneInString(line[at:])
		at += size
		n++
		if r == ' ' && strings.TrimSpace(line[:at]) != "" {
			space = at
		}
	}
	if at < len(line) && line[at] == ' ' {
		return at
	}
	if space > 0 {
		return space
	}
	return at
}
