package report

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results"
)

// maxMarkdown is how long a text GitHub takes as a comment, in bytes, with some
// room for what is written around the report.
const maxMarkdown = 60_000

// markdown returns the report as a text to paste into a pull request.
func (r *Report) markdown() ([]byte, error) {
	tables, err := r.Tables(false)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "## %s\n", results.Printable(r.title()))
	for _, s := range r.Suites {
		if text := r.named(s, []string{s.provenance()})[0]; text != "" {
			fmt.Fprintf(&b, "\n%s\n", inline(text))
		}
	}
	if noise := r.Noise(); len(noise) > 0 {
		b.WriteString("\n> [!WARNING]\n")
		for _, n := range noise {
			fmt.Fprintf(&b, "> - %s\n", inline(n))
		}
	}
	for _, s := range r.Suites {
		if len(r.Suites) > 1 {
			fmt.Fprintf(&b, "\n### %s\n", inline(s.Label))
		}
		s.writeFindings(&b)
		s.writeGrid(&b)
	}
	b.Write(r.PrimitivesMarkdown())
	b.Write(r.DecisionMarkdown())
	b.Write(r.GranularityMarkdown())
	r.writeFailures(&b)
	for _, s := range r.Suites {
		folded(&b, inline(r.named(s, []string{"Machine and run"})[0]), s.markdownFacts())
	}
	return r.withTables(b.Bytes(), tables)
}

// withTables adds the tables, folded if there are findings, unless the text
// would become too long to be pasted.
func (r *Report) withTables(text []byte, tables *table.Tables) ([]byte, error) {
	if r.TableOptions.Col == "" {
		r.keepHeadline(tables)
	}
	sayWorkers(tables)
	var all bytes.Buffer
	if err := tables.WriteMarkdown(&all); err != nil {
		return nil, fmt.Errorf("cannot make the tables: %w", err)
	}
	b := bytes.NewBuffer(text)
	switch {
	case len(r.Suites) == 0:
		fmt.Fprintf(b, "\n%s", all.Bytes())
	case b.Len()+all.Len() > maxMarkdown:
		fmt.Fprintf(b, "\nThe tables are too long for a comment: they are in %s.\n", PageFile)
	default:
		folded(b, "Tables", all.String())
	}
	return b.Bytes(), nil
}

// folded writes a part that opens on a click.
func folded(b *bytes.Buffer, title, text string) {
	if text != "" {
		fmt.Fprintf(b, "\n<details><summary>%s</summary>\n\n%s\n</details>\n", title, strings.TrimRight(text, "\n")+"\n")
	}
}

func (s *Suite) writeFindings(b *bytes.Buffer) {
	var single, series bytes.Buffer
	for _, f := range s.Findings() {
		to := &single
		if s.folded(f.Row) {
			to = &series
		}
		fmt.Fprintf(to, "- **%s:** %s\n", inline(f.Name()), inline(f.Sentence()))
	}
	if single.Len() > 0 {
		b.WriteByte('\n')
		b.Write(single.Bytes())
	}
	folded(b, "Findings size by size", series.String())
	if all := s.Summary(); len(all) > 0 {
		b.WriteByte('\n')
		for _, text := range all {
			fmt.Fprintf(b, "- %s\n", inline(text))
		}
	}
}

// writeGrid writes a compact table: a line for each row, a column for each
// mode, the time of a unit and what it is over serial.
func (s *Suite) writeGrid(b *bytes.Buffer) {
	findings := s.Findings()
	if len(findings) == 0 {
		return
	}
	b.WriteString("\n| sec/op |")
	for _, m := range s.Modes {
		fmt.Fprintf(b, " %s |", inline(m))
	}
	b.WriteString("\n| :-- |" + strings.Repeat(" --: |", len(s.Modes)) + "\n")
	for _, f := range findings {
		fmt.Fprintf(b, "| %s |", inline(f.Name()))
		for _, m := range s.Modes {
			fmt.Fprintf(b, " %s |", f.gridCell(m))
		}
		b.WriteByte('\n')
	}
}

func (f Finding) gridCell(mode string) string {
	workers := f.Workers
	if mode == serial {
		workers = 1
	}
	values := f.Row.values(mode, workers, results.SecPerOp)
	text := cellText(values, results.SecPerOp)
	if ratio := ratioOf(f.Row.base(), values); ratio.Known() && mode != serial {
		text += "<br>" + times(ratio.Center)
	}
	if mode == f.Best {
		text = "**" + strings.ReplaceAll(text, "<br>", "**<br>**") + "**"
	}
	return text
}

func (r *Report) writeFailures(b *bytes.Buffer) {
	failures := r.Failures()
	if len(failures) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s:**\n\n", wording.Count(len(failures), "failure"))
	for i, f := range failures {
		if i == mostFailures {
			fmt.Fprintf(b, "- and %d more\n", len(failures)-i)
			break
		}
		fmt.Fprintf(b, "- %s\n", inline(failureLine(f)))
	}
}

func (s *Suite) markdownFacts() string {
	var b strings.Builder
	for _, f := range s.facts() {
		fmt.Fprintf(&b, "- %s: %s\n", inline(f.Name), inline(f.Value))
	}
	return b.String()
}

// inline makes text from outside fit for a line of Markdown, and of a terminal.
func inline(text string) string {
	text = strings.NewReplacer("\n", " ", "\r", " ", "|", "\\|", "<", "&lt;", "*", "\\*", "_", "\\_", "`", "\\`", "[", "\\[").Replace(text)
	return results.Printable(text)
}
