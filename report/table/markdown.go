package table

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results"
)

// WriteMarkdown writes the tables in GitHub's Markdown, to be pasted into an
// issue or a pull request. Differences that are improvements are marked 🟢 and
// those that are the opposite 🔴, since a pasted table has no colours.
func (t *Tables) WriteMarkdown(w io.Writer) error {
	out := bufio.NewWriter(w)
	for i, table := range t.Tables {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if keys := t.newKeys(i); len(keys) > 0 {
			for k, s := range keys {
				if k > 0 {
					fmt.Fprint(out, " · ")
				}
				fmt.Fprintf(out, "%s: %s", escapeMarkdown(s.Key), escapeMarkdown(s.Value))
			}
			fmt.Fprint(out, "\n\n")
		}
		table.writeMarkdown(out)
	}
	return out.Flush()
}

func (t *Table) writeMarkdown(out io.Writer) {
	notes := new(footnotes)
	head, rule := []string{escapeMarkdown(t.Unit)}, []string{":--"}
	for i, c := range t.Cols {
		head, rule = append(head, escapeMarkdown(c.Label())), append(rule, "--:")
		if i > 0 {
			head, rule = append(head, "vs base"), append(rule, "--:")
		}
	}
	writeMarkdownRow(out, head)
	writeMarkdownRow(out, rule)
	for _, r := range t.Rows {
		writeMarkdownRow(out, t.markdownRow(r, notes))
	}
	if len(t.Rows) > 1 {
		writeMarkdownRow(out, t.markdownGeomean(notes))
	}
	for i, text := range notes.texts {
		fmt.Fprintf(out, "\n%d. %s\n", i+1, escapeMarkdown(text))
	}
}

func writeMarkdownRow(out io.Writer, fields []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(fields, " | "))
}

func (t *Table) markdownRow(r Row, notes *footnotes) []string {
	scale := t.scale(r)
	fields := []string{escapeMarkdown(r.Label)}
	for i, c := range r.Cells {
		center, delta := "", ""
		if c != nil {
			own, compared := c.notes()
			center = scale.Format(c.Summary.Center) + " ± " + c.Range() + notes.referMarkdown(own)
			if c.Base != nil {
				delta = markdownEffect(t.Effect(c)) + escapeMarkdown(c.Delta()) + " (" + c.P() + ")" + notes.referMarkdown(compared)
			}
		}
		fields = append(fields, center)
		if i > 0 {
			fields = append(fields, delta)
		}
	}
	return fields
}

func markdownEffect(effect int) string {
	switch {
	case effect > 0:
		return "🟢 "
	case effect < 0:
		return "🔴 "
	}
	return ""
}

func (t *Table) markdownGeomean(notes *footnotes) []string {
	fields := []string{geomeanLabel}
	for i, g := range t.Geomean {
		center, refer := "", notes.referMarkdown(g.Warnings)
		if g.HasCenter() {
			center = t.scaled(g)
		}
		if i == 0 {
			fields = append(fields, center+refer)
		} else {
			fields = append(fields, center, g.Delta()+refer)
		}
	}
	return fields
}

// referMarkdown returns the marks of some warnings.
func (f *footnotes) referMarkdown(warnings []error) string {
	if len(warnings) == 0 {
		return ""
	}
	var marks []string
	for _, n := range f.numbers(warnings) {
		marks = append(marks, strconv.Itoa(n))
	}
	return "<sup>" + strings.Join(marks, ",") + "</sup>"
}

// escapeMarkdown makes text that Markdown takes for what it is, also in a
// table, and that a terminal takes so, too.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range results.Printable(text) {
		if strings.ContainsRune("\\`*_[]<>|~#&!$", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
