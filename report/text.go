package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// TextOptions say how a report is written as text. The zero value is plain text
// with lines as long as they come, for a file.
type TextOptions struct {
	Color bool // escape sequences of a terminal
	Width int  // of the terminal, in columns; 0 means without end

	// All says that the tables of all metrics are written, and not just those
	// that matter most in a comparison of modes.
	All bool
}

const (
	boldStyle   = "\x1b[1m"
	yellowStyle = "\x1b[33m"
	resetStyle  = "\x1b[0m"
)

// WriteText writes the tables and, below them, what they say: so that on a
// terminal the findings are what is in sight.
func (r *Report) WriteText(w io.Writer, o TextOptions) error {
	tables, err := r.Tables(o.All)
	if err != nil {
		return err
	}
	if !o.All && r.TableOptions.Col == "" {
		r.keepHeadline(tables)
	}
	if o.Width > 0 {
		tables = narrow(tables, o.Width)
	}
	var b strings.Builder
	if len(tables.Tables) > 0 {
		if err := tables.WriteText(&b, o.Color); err != nil {
			return err
		}
	}
	b.WriteString(r.talk(o))
	text := b.String()
	if o.Width > 0 {
		text = wrapLines(text, max(o.Width, leastWidth))
	}
	_, err = io.WriteString(w, text)
	return err
}

// leastWidth is the narrowest terminal that lines are made to fit.
const leastWidth = 20

// talk returns what stands below the tables.
func (r *Report) talk(o TextOptions) string {
	var b strings.Builder
	section := func(title, style string, items []string) {
		if len(items) == 0 {
			return
		}
		if o.Color {
			title = style + title + resetStyle
		}
		fmt.Fprintf(&b, "\n%s\n", title)
		for _, item := range items {
			b.WriteString(wrapped(item, o.Width))
		}
	}
	var findings []string
	for _, s := range r.Suites {
		for _, f := range s.Findings() {
			findings = append(findings, r.named(s, []string{f.Name() + ": " + f.Sentence()})...)
		}
	}
	var failures []string
	for i, f := range r.Failures() {
		if i == mostFailures {
			failures = append(failures, fmt.Sprintf("and %d more: %s has them all", len(r.Failures())-i, results.LogFile))
			break
		}
		failures = append(failures, failureLine(f))
	}
	section("Findings", boldStyle, findings)
	b.WriteString(r.primitivesText(o))
	b.WriteString(r.decisionText(o))
	b.WriteString(r.granularityText(o))
	section("Together", boldStyle, r.Summary())
	section("Noise: take these numbers with care", yellowStyle, r.Noise())
	section("Failed", yellowStyle, failures)
	return b.String()
}

// mostFailures is how many failures are listed where there is no room to fold
// them: when a workload cannot run at all, each of its cells fails.
const mostFailures = 10

// failureLine names what could not be measured.
func failureLine(e results.LogEntry) string { return failureName(e) + ": " + e.Error }

func failureName(e results.LogEntry) string {
	what := e.Event
	if e.Round > 0 {
		what = fmt.Sprintf("%s of round %d", e.Event, e.Round)
	}
	if e.Cell != "" {
		what = strings.TrimPrefix(e.Cell, "Workload/workload=") + ", " + what
	}
	return what
}

// wrapped breaks text into lines of at most width columns, the first one
// marked and the others below its text.
func wrapped(text string, width int) string {
	const indent = "  "
	var b strings.Builder
	line := indent + "•"
	for word := range strings.FieldsFuncSeq(text, isBreak) {
		word = results.Printable(word)
		if width > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width && strings.TrimLeft(line, " •") != "" {
			b.WriteString(line + "\n")
			line = indent + " "
		}
		line += " " + word
	}
	return wording.Breakable(b.String() + line + "\n")
}

// isBreak reports whether a line may be broken at c.
func isBreak(c rune) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// mainUnits are the metrics whose tables are written without being asked for.
var mainUnits = []string{
	results.SecPerOp, results.BytesPerSec, results.UserPerOp, results.SysPerOp,
	results.StartupSec, results.PeakPSS, results.PeakRSS, results.P99Sec,
}

// Tables returns the tables of the report. In those of a suite, the modes are
// side by side unless the options say otherwise, and the control kernel is left
// out. all asks for the tables of all metrics, where else there are those that
// matter most; that, too, only concerns suites.
func (r *Report) Tables(all bool) (*table.Tables, error) {
	set, o := r.Set, r.TableOptions
	if len(r.Suites) == 0 {
		return table.Build(set, o)
	}
	if o.Col == "" && len(r.Suites) == 1 && len(r.Set.Files) == 1 {
		o.Col = "/workers,/mode"
	}
	if o.Filter == "" && r.hasRows() {
		o.Filter = "-/workload:" + results.ControlWorkload
	}
	tables, err := table.Build(r.ordered(), o)
	if err != nil {
		return nil, err
	}
	shorten(tables)
	if !all && r.TableOptions.Filter == "" {
		tables.Tables = slices.DeleteFunc(tables.Tables, func(t *table.Table) bool {
			unit := t.Unit
			return r.gvpUnit(unit) && !slices.Contains(mainUnits, unit)
		})
	}
	sortByUnit(tables)
	return tables, nil
}

// hasRows reports whether there is anything beside the control kernel.
func (r *Report) hasRows() bool {
	return slices.ContainsFunc(r.Suites, func(s *Suite) bool { return len(s.Rows) > 0 })
}

// keepHeadline leaves only those columns in the tables of a suite that the
// findings are about: serial, and the modes at their largest number of workers.
func (r *Report) keepHeadline(tables *table.Tables) {
	if len(r.Suites) != 1 {
		return
	}
	workers := make(map[string]bool)
	for _, row := range r.Suites[0].Rows {
		workers[strconv.Itoa(r.Suites[0].headline(row))] = true
	}
	for i, t := range tables.Tables {
		kept := []int{0}
		for c, col := range t.Cols {
			if c > 0 && slices.ContainsFunc(col.Keys, func(k samples.Setting) bool { return k.Key == "/workers" && workers[k.Value] }) {
				kept = append(kept, c)
			}
		}
		tables.Tables[i] = columns(t, kept)
	}
}

// gvpUnit reports whether a metric is one that gvp measures.
func (r *Report) gvpUnit(unit string) bool {
	return slices.ContainsFunc(results.Units(), func(u results.Unit) bool { return u.Name == unit })
}

// ordered returns the set with its groups in the order of the suites, since
// tables show rows and columns in the order in which they come, and the samples
// of a run come in random order. Other series keep their place before them.
func (r *Report) ordered() *samples.Set {
	rank := make(map[*samples.Series]int)
	for _, s := range r.Suites {
		for _, series := range s.ordered() {
			rank[series] = len(rank) + 1
		}
	}
	set := *r.Set
	set.Groups = slices.Clone(set.Groups)
	slices.SortStableFunc(set.Groups, func(a, b *samples.Group) int { return rank[a.Series] - rank[b.Series] })
	return &set
}

// shorten takes what is the same in all labels of rows out of them.
func shorten(tables *table.Tables) {
	const prefix = "Workload/workload="
	for _, t := range tables.Tables {
		for i := range t.Rows {
			t.Rows[i].Label = strings.TrimPrefix(t.Rows[i].Label, prefix)
		}
	}
}

// sortByUnit brings tables of the same keys into the order of gvp's metrics.
func sortByUnit(tables *table.Tables) {
	units := results.Units()
	rank := func(t *table.Table) int {
		if i := slices.IndexFunc(units, func(u results.Unit) bool { return u.Name == t.Unit }); i >= 0 {
			return i
		}
		return len(units)
	}
	all := tables.Tables
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && slices.Equal(all[from].Keys, all[to].Keys) {
			to++
		}
		slices.SortStableFunc(all[from:to], func(a, b *table.Table) int { return rank(a) - rank(b) })
		from = to
	}
}

// narrow splits tables that are wider than width into several, each with the
// first column and as many of the others as fit. Where not even one of them
// does, labels are shortened.
func narrow(tables *table.Tables, width int) *table.Tables {
	out := *tables
	out.Tables = nil
	for _, t := range tables.Tables {
		for _, part := range split(t, tables, width) {
			out.Tables = append(out.Tables, fitted(part, tables, width))
		}
	}
	return &out
}

// split returns the table as it is if it fits or cannot be split.
func split(t *table.Table, tables *table.Tables, width int) []*table.Table {
	if len(t.Cols) < 3 || textWidth(t, tables) <= width {
		return []*table.Table{t}
	}
	var parts []*table.Table
	for from := 1; from < len(t.Cols); {
		to := from + 1
		for to < len(t.Cols) && textWidth(part(t, from, to+1), tables) <= width {
			to++
		}
		parts = append(parts, part(t, from, to))
		from = to
	}
	return parts
}

// part returns the table with its first column and those from from to to-1.
func part(t *table.Table, from, to int) *table.Table {
	kept := []int{0}
	for c := from; c < to; c++ {
		kept = append(kept, c)
	}
	return columns(t, kept)
}

// columns returns the table with some of its columns.
func columns(t *table.Table, kept []int) *table.Table {
	p := *t
	p.Cols, p.Geomean, p.Rows = nil, nil, nil
	for _, c := range kept {
		p.Cols = append(p.Cols, t.Cols[c])
		p.Geomean = append(p.Geomean, t.Geomean[c])
	}
	for _, r := range t.Rows {
		row := table.Row{Label: r.Label}
		for _, c := range kept {
			row.Cells = append(row.Cells, r.Cells[c])
		}
		p.Rows = append(p.Rows, row)
	}
	return &p
}

// textWidth returns how wide the rows of a table are as text. What stands above
// and below them wraps as it may.
func textWidth(t *table.Table, tables *table.Tables) int {
	one := *tables
	bare := *t
	bare.Keys = nil
	one.Tables = []*table.Table{&bare}
	var buf bytes.Buffer
	if err := one.WriteText(&buf, false); err != nil {
		return 0 // impossible: a buffer takes everything
	}
	widest := 0
	for line := range bytes.Lines(buf.Bytes()) {
		if bytes.Contains(line, []byte("│")) {
			widest = max(widest, utf8.RuneCount(bytes.TrimRight(line, "\n")))
		}
	}
	return widest
}
