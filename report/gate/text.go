package gate

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
)

// TextOptions say how something is written for people. The zero value is plain
// text with lines as long as they come, for a file.
type TextOptions struct {
	Color bool // escape sequences of a terminal
	Width int  // of the terminal, in columns; 0 means without end
}

// style is an escape sequence of a terminal.
type style string

const (
	plain  style = ""
	bold   style = "\x1b[1m"
	red    style = "\x1b[1;31m"
	green  style = "\x1b[32m"
	yellow style = "\x1b[33m"
	reset        = "\x1b[0m"
)

func (o TextOptions) styled(s style, text string) string {
	if !o.Color || s == plain {
		return text
	}
	return string(s) + text + reset
}

// leastWidth is the narrowest terminal that lines are made to fit.
const leastWidth = 20

// WriteText writes the outcome for a terminal: what needs attention first in the
// table, and the verdict in the last line, where it is in sight.
func (o *Outcome) WriteText(w io.Writer, t TextOptions) error {
	_, err := w.Write(o.text(t))
	return err
}

func (o *Outcome) text(t TextOptions) []byte {
	if t.Width > 0 {
		t.Width = max(t.Width, leastWidth)
	}
	var b strings.Builder
	base, head := o.sides()
	t.paragraph(&b, "", "base "+base+", head "+head)
	if len(o.Decisions) > 0 {
		b.WriteString("\n")
		o.textTable(&b, t)
		t.paragraph(&b, "", o.legend())
	}
	var failed []string
	for _, f := range o.Failures {
		failed = append(failed, f.String())
		failed = append(failed, stderrLines(f.Stderr)...)
	}
	t.section(&b, "Why", bold, o.whys())
	for _, e := range o.Explanations {
		t.section(&b, "What got slower in "+e.Benchmark, bold, e.Lines())
	}
	if doubt := o.Control.Doubt(); doubt != "" {
		t.section(&b, "The machine: take these numbers with care", yellow, []string{doubt})
	}
	t.section(&b, "Not measured", yellow, failed)
	var facts []string
	for _, f := range o.facts() {
		if f[0] == "not judged" || f[0] == "control" {
			facts = append(facts, f[0]+": "+f[1])
		}
	}
	t.section(&b, "Notes", bold, facts)
	b.WriteString("\n")
	var closing strings.Builder
	t.paragraph(&closing, "", o.Closing())
	b.WriteString(t.verdictLine(o.Verdict, closing.String()))
	return []byte(b.String())
}

// verdictLine colours the verdict at the start of the closing line.
func (o TextOptions) verdictLine(v Verdict, text string) string {
	if rest, ok := strings.CutPrefix(text, string(v)); ok {
		return o.styled(map[Verdict]style{Fine: green, Regressed: red}[v].or(yellow), string(v)) + rest
	}
	return text
}

func (s style) or(other style) style {
	if s == plain {
		return other
	}
	return s
}

// whys says what decisions rest on, once for all that rest on the same.
func (o *Outcome) whys() []string {
	var order []string
	of := make(map[string][]string)
	for _, d := range bySeverity(o.Decisions) {
		text := d.Why()
		if text == "" {
			continue
		}
		if of[text] == nil {
			order = append(order, text)
		}
		of[text] = append(of[text], d.String())
	}
	for i, text := range order {
		order[i] = some(of[text]) + ": " + text
	}
	return order
}

// mostStderr is how many lines of what a process wrote are shown.
const mostStderr = 5

// stderrLines are those that say most: from a panic on, or else the last ones. What
// every test binary prints says nothing.
func stderrLines(text string) []string {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	lines = slices.DeleteFunc(lines, func(line string) bool {
		key, _, _ := strings.Cut(line, ":")
		return slices.Contains([]string{"goos", "goarch", "pkg", "cpu", "PASS", "FAIL"}, key)
	})
	from := slices.IndexFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ")
	})
	switch {
	case from >= 0:
		lines = lines[from:min(len(lines), from+mostStderr)]
	case len(lines) > mostStderr:
		lines = lines[len(lines)-mostStderr:]
	}
	for i := range lines {
		lines[i] = "  it wrote: " + strings.TrimSpace(lines[i])
	}
	return lines
}

// legend says what the columns of the table are.
func (o *Outcome) legend() string {
	level := 1 - o.Plan.Alpha - o.Plan.Beta
	return fmt.Sprintf("change: head over base with its %s interval; n: pairs, and fresh ones to confirm; p: of being worse by no more than %s, corrected for all decisions; seen: the smallest change for the worse that could have been seen",
		whole(level), whole(o.Plan.Margin))
}

// A column of the table of decisions.
type column struct {
	head string
	left bool // words stand to the left, numbers to the right
	cell func(Decision) string
}

var (
	nameColumns = []column{
		{"benchmark", true, func(d Decision) string { return d.Benchmark }},
		{"unit", true, func(d Decision) string { return d.Unit }},
	}
	valueColumns = []column{
		{"base", false, func(d Decision) string { return quantity(d.Base, d.Unit) }},
		{"head", false, func(d Decision) string { return quantity(d.Head, d.Unit) }},
		{"change", false, Decision.changeText},
	}
	intervalColumns = []column{{"interval", false, Decision.intervalText}}
	verdictColumns  = []column{{verdictHead, true, Decision.verdictText}}
	testColumns     = []column{{"n", false, Decision.nText}, {"p", false, Decision.pText}, {"seen", false, Decision.detectable}}
)

// verdictHead is that of the column which has a colour.
const verdictHead = "verdict"

// textTable writes the table: as one if it fits, or as two below each other, or
// as a list where not even those do.
func (o *Outcome) textTable(b *strings.Builder, t TextOptions) {
	sorted := bySeverity(o.Decisions)
	one := slices.Concat(nameColumns, valueColumns, intervalColumns, verdictColumns, testColumns)
	upper := slices.Concat(nameColumns, valueColumns, verdictColumns)
	lower := slices.Concat(nameColumns, intervalColumns, testColumns)
	if text, ok := t.table(one, sorted); ok {
		b.WriteString(text)
		return
	}
	if text, ok := t.table(upper, sorted); ok {
		if more, ok := t.table(lower, sorted); ok {
			b.WriteString(text + "\n" + more)
			return
		}
	}
	o.textList(b, t, sorted)
}

// leastName is how far the names of benchmarks are shortened to keep a table.
const leastName = 12

// table returns the table of decisions; ok says whether it fits.
func (o TextOptions) table(columns []column, all []Decision) (text string, ok bool) {
	widths := make([]int, len(columns))
	rows := make([][]string, 1+len(all))
	total := 2 * (len(columns) - 1)
	for i, c := range columns {
		rows[0] = append(rows[0], c.head)
		for k, d := range all {
			rows[k+1] = append(rows[k+1], wording.Breakable(results.Printable(c.cell(d))))
		}
		for _, r := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(r[i]))
		}
		total += widths[i]
	}
	if over := total - o.Width; o.Width > 0 && over > 0 {
		if widths[0] -= over; widths[0] < leastName {
			return "", false
		}
	}
	var b strings.Builder
	for k, r := range rows {
		r[0] = shortened(r[0], widths[0])
		var line strings.Builder
		for i, cell := range r {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch {
			case k == 0:
				cell = o.styled(bold, cell)
			case columns[i].head == verdictHead:
				cell = o.styled(all[k-1].style(), cell)
			}
			if columns[i].left {
				cell, pad = cell+pad, ""
			}
			line.WriteString(pad + cell + "  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String(), true
}

func (d Decision) style() style {
	switch {
	case d.Verdict == verdict.Regressed:
		return red
	case d.improved():
		return green
	case d.Verdict == verdict.Fine:
		return plain
	}
	return yellow
}

// textList is the table where the terminal is too narrow for it.
func (o *Outcome) textList(b *strings.Builder, t TextOptions, sorted []Decision) {
	for _, d := range sorted {
		var item strings.Builder
		t.paragraph(&item, "  ", fmt.Sprintf("%s: %s %s: %s to %s, %s, n %s, p %s, seen %s",
			d.verdictText(), d.Benchmark, d.Unit, quantity(d.Base, d.Unit), quantity(d.Head, d.Unit), d.withInterval(), d.nText(), d.pText(), d.detectable()))
		text := item.String()
		if rest, ok := strings.CutPrefix(text, d.verdictText()); ok {
			text = t.styled(d.style(), d.verdictText()) + rest
		}
		b.WriteString(text)
	}
}

// section writes a title with items below it; nothing if there are none.
func (o TextOptions) section(b *strings.Builder, title string, s style, items []string) {
	if len(items) == 0 {
		return
	}
	title = results.Printable(title)
	if o.Width > 0 {
		title = shortened(title, o.Width)
	}
	b.WriteString("\n" + o.styled(s, title) + "\n")
	for _, item := range items {
		var text strings.Builder
		o.paragraph(&text, "    ", "  • "+item)
		b.WriteString(text.String())
	}
}

// paragraph writes text in lines that fit, all but the first behind an indent.
// Words that are longer than a line are broken.
func (o TextOptions) paragraph(b *strings.Builder, indent, text string) {
	start := text[:len(text)-len(strings.TrimLeft(text, " "))]
	line, bare := start, true
	room := func() int { return o.Width - utf8.RuneCountInString(line) }
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' }) {
		word = wording.Breakable(results.Printable(word))
		if !bare {
			if o.Width > 0 && 1+utf8.RuneCountInString(word) > room() {
				b.WriteString(line + "\n")
				line = indent
			} else {
				line += " "
			}
		}
		bare = false
		for o.Width > 0 && utf8.RuneCountInString(word) > room() {
			head := []rune(word)[:max(1, room())]
			b.WriteString(line + string(head) + "\n")
			line, word = indent, word[len(string(head)):]
		}
		line += word
	}
	b.WriteString(line + "\n")
}

// shortened cuts what is too long out of the middle: the ends of benchmark names
// tell them apart.
func shortened(text string, width int) string {
	r := []rune(text)
	if len(r) <= width {
		return text
	}
	if width < 3 {
		return string(r[:max(0, width)])
	}
	tail := (width - 1) * 2 / 3
	return string(r[:width-1-tail]) + "…" + string(r[len(r)-tail:])
}
