package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gvp-bench/gvp/report"
	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// reportFlags are the flags of report.
type reportFlags struct {
	format, color string
	tables        table.Options
	units         words
	all           bool
	out           string
	noPage        bool
}

func (t *tool) reportCommand() *cobra.Command {
	var f reportFlags
	c := &cobra.Command{
		Use:   "report [paths]",
		Short: "Report on results",
		Long: `report reads runs of gvp's, or any Go benchmark output, from whatever project,
and writes tables as benchstat does, what they say, and a page with charts.
Without a path it reports on the newest run under results/runs.

A path is the folder of a run or a file, - is standard input, and name=path
names a column. Several paths are compared with the first one.`,
		Example: `  gvp report
  gvp report results/runs/20260102T150405Z --format markdown
  gvp report old=before.txt new=after.txt
  go test -bench . ./... | gvp report -`,
		RunE: func(c *cobra.Command, args []string) error { return t.report(&f, args) },
	}
	fs := c.Flags()
	fs.SortFlags = false
	addChoice(c, &f.format, "format", "text", []string{"text", "markdown", "csv", "json", "html"}, "how to write the tables")
	fs.VarP(&f.units, "unit", "u", "write the tables of these units, such as sec/op,B/s")
	fs.BoolVarP(&f.all, "all", "a", false, "write the tables of all units, not just those that matter most")
	fs.StringVar(&f.tables.Filter, "filter", "", "use only samples that match, as for benchstat: /workload:hash")
	fs.StringVar(&f.tables.Table, "table", "", "write a table for each value of these keys")
	fs.StringVar(&f.tables.Row, "row", "", "write a row for each value of these keys")
	fs.StringVar(&f.tables.Col, "col", "", "write a column for each value of these keys, such as /mode or .file")
	fs.StringVar(&f.tables.Ignore, "ignore", "", "keys in which the samples of a cell may differ")
	fs.Float64Var(&f.tables.Confidence, "confidence", 0.95, "level of the intervals")
	fs.Float64Var(&f.tables.Alpha, "alpha", 0.05, "a difference counts if its p-value is not above this")
	fs.StringVarP(&f.out, "out", "o", "", "folder for the page (default that of the run, with --format text)")
	fs.BoolVar(&f.noPage, "no-page", false, "write no page")
	addChoice(c, &f.color, "color", "auto", []string{"auto", "always", "never"}, "colour in text")
	complete(c, "out", dirs)
	complete(c, "unit", fromResults(unitNames))
	for _, name := range []string{"table", "row", "col", "ignore"} {
		complete(c, name, fromResults(keyNames))
	}
	for _, name := range []string{"filter", "confidence", "alpha"} {
		complete(c, name, cobra.NoFileCompletions)
	}
	return c
}

func (t *tool) report(f *reportFlags, paths []string) error {
	if err := f.check(); err != nil {
		return err
	}
	if len(paths) == 0 {
		newest, err := newestRun(runsFolder)
		if err != nil {
			return err
		}
		paths = []string{newest}
	}
	spareMemory()
	r, err := report.Load(paths)
	if err != nil {
		return err
	}
	for _, w := range r.Warnings {
		t.say("%s", w)
	}
	if r.TableOptions, err = f.tableOptions(r); err != nil {
		return err
	}
	if err := t.writeReport(f, r); err != nil {
		return err
	}
	if err := t.writePage(f, r); err != nil {
		return err
	}
	if n := len(r.Failures()); n > 0 {
		t.say("%s failed: the report and the run's %s say why", count(n, "measurement"), results.LogFile)
		return errReported
	}
	if r.Set.Unusable > 0 {
		return errReported // the warnings said what and where
	}
	return nil
}

// check finds what the values of the flags themselves say is wrong.
func (f *reportFlags) check() error {
	levels := []struct {
		name, such string
		level      float64
	}{
		{"confidence", "0.95", f.tables.Confidence},
		{"alpha", "0.05", f.tables.Alpha},
	}
	for _, l := range levels {
		if !(l.level > 0 && l.level < 1) { // NaN is not, either
			return usagef("--%s: bad value %v: want a level between 0 and 1, such as %s", l.name, l.level, l.such)
		}
	}
	if f.noPage && f.out != "" {
		return usagef("--no-page and --out exclude each other")
	}
	if len(f.units) > 0 && f.tables.Filter != "" {
		return usagef("--unit and --filter exclude each other: say .unit: in the filter")
	}
	return nil
}

// tableOptions are those of the flags, checked against what the report has.
func (f *reportFlags) tableOptions(r *report.Report) (table.Options, error) {
	o := f.tables
	if len(f.units) > 0 {
		o.Filter = unitFilter(f.units, len(r.Suites) > 0)
	}
	if err := knownKeys(o, r.Set); err != nil {
		return o, err
	}
	units := unitsOf(r.Set)
	for _, u := range append(filteredUnits(f.tables.Filter), f.units...) {
		if err := known("unit", u, units); err != nil {
			return o, err
		}
	}
	return o, nil
}

// knownKeys returns an error if an option names a key that no line of the set
// has. benchstat takes such a key for one without a value, and puts what the
// key was to set apart into one cell.
func knownKeys(o table.Options, set *samples.Set) error {
	uses, err := o.Keys()
	if err != nil {
		return usageError{err}
	}
	keys := table.KeysOf(set)
	for _, use := range uses {
		if err := known("key", use.Key, keys); err != nil {
			return usagef("--%s: %w", use.Option, err)
		}
	}
	return nil
}

// unitFilter returns the filter that lets only samples of the units through.
func unitFilter(units []string, suite bool) string {
	quoted := make([]string, len(units))
	for i, u := range units {
		quoted[i] = fmt.Sprintf("%q", u)
	}
	filter := ".unit:(" + strings.Join(quoted, " OR ") + ")"
	if suite {
		filter += " -/workload:" + results.ControlWorkload
	}
	return filter
}

// filteredUnit finds units that a filter names one by one. What it does not
// find is not checked, only matched.
var filteredUnit = regexp.MustCompile(`(?:^|[\s(-])\.unit:"?([^\s"()*/][^\s"()*]*)"?`)

func filteredUnits(filter string) []string {
	var units []string
	for _, m := range filteredUnit.FindAllStringSubmatch(filter, -1) {
		units = append(units, m[1])
	}
	return units
}

// unitsOf returns the units of a set's samples, in the order of the files, in
// the spelling of the files too.
func unitsOf(set *samples.Set) []string {
	var units []string
	for _, g := range set.Groups {
		for _, m := range g.Metrics {
			for _, u := range []string{m.Unit, m.Orig} {
				if u != "" && !slices.Contains(units, u) {
					units = append(units, u)
				}
			}
		}
	}
	return units
}

// writeReport writes the report to standard output.
func (t *tool) writeReport(f *reportFlags, r *report.Report) error {
	var buf bytes.Buffer
	if err := f.render(&buf, t, r); err != nil {
		return err
	}
	if _, err := buf.WriteTo(t.stdout); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	return nil
}

func (f *reportFlags) render(w io.Writer, t *tool, r *report.Report) error {
	tables, err := r.Tables(f.all)
	if err != nil {
		return usageError{err} // one of the options is wrong
	}
	if f.format == "text" {
		return r.WriteText(w, report.TextOptions{Color: colored(f.color, t.stdout), Width: width(t.stdout), All: f.all})
	}
	switch f.format {
	case "markdown":
		if err := tables.WriteMarkdown(w); err != nil {
			return err
		}
		_, err := w.Write(slices.Concat(r.PrimitivesMarkdown(), r.DecisionMarkdown(), r.GranularityMarkdown()))
		return err
	case "csv":
		return tables.WriteCSV(w, t.stderr)
	case "json":
		return r.WriteJSON(w, tables)
	}
	return tables.WriteHTML(w)
}

// colored reports whether text on w is to have colour. What the flag says
// outright goes before NO_COLOR (https://no-color.org).
func colored(flag string, w io.Writer) bool {
	if flag != "auto" {
		return flag == "always"
	}
	return terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// width returns the columns of the terminal that w is, or 0.
func width(w io.Writer) int {
	if !terminal(w) {
		return 0
	}
	columns, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return columns
}

// spareMemory has the collector run more often, unless the user has said how
// often: the values of a large file are most of the heap and stay, so that
// letting the heap double costs much memory and saves little time.
func spareMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}
