package samples

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/gvp-bench/gvp/results"
)

// ReadFiles reads files of Go benchmark output: gvp's own and those of any
// other project. A path that is a folder is a run's folder, and stands for the
// samples in it. As in benchstat, "-" is standard input; label=path gives the
// series of that file a label of its own, which else is the path as given; and
// a path given twice gives the labels path#0 and path#1. Files of the same
// label are read as one.
//
// What cannot be read as it stands is left out and reported in the Set's
// Warnings: lines with a syntax error, values that are NaN, infinite or out of
// range, which [Set.Unusable] counts, and a last line that is half-written. A
// last line counts as half-written if no newline ends it and it either does not
// parse or is one of gvp's, which always writes the newline. A line of another
// project that does parse counts as half-written if its last unit is the
// beginning of one that was read before or is well known, and not itself such a
// unit, or if it has fewer values than each line of the same name before it; else
// it is kept, since editors drop last newlines, but reported.
//
// An error names the file: it is missing, empty, binary or has no benchmark
// results.
func ReadFiles(paths []string) (*Set, error) {
	if len(paths) == 0 {
		return nil, errors.New("no results named: give run folders or files of Go benchmark output, or - for standard input")
	}
	rd := newSetReader()
	for _, f := range parsePaths(paths) {
		if err := rd.readPath(f); err != nil {
			return nil, err
		}
	}
	return rd.finish(), nil
}

// parsePaths splits labels from paths and makes labels of paths unique.
func parsePaths(paths []string) []File {
	given := make(map[string]int)
	files := make([]File, len(paths))
	for i, p := range paths {
		if label, path, ok := strings.Cut(p, "="); ok {
			files[i] = File{Label: label, Path: path}
			continue
		}
		files[i] = File{Label: p, Path: p}
		given[p]++
	}
	numbered := make(map[string]int)
	for i, p := range paths {
		if given[p] > 1 {
			files[i].Label = fmt.Sprintf("%s#%d", p, numbered[p])
			numbered[p]++
		}
	}
	return files
}

// maxWarnings is how many warnings a file gets one by one. A file of a million
// bad lines must not cost more memory than one of good lines.
const maxWarnings = 100

// A setReader reads files into a Set.
type setReader struct {
	set    *Set
	reader benchfmt.Reader

	configs map[string]*configuration // by configuration.id
	config  *configuration            // of the last line

	warned int // warnings of the current file, those beyond maxWarnings included
	read   int // lines with results, of the current file
}

// A configuration is the settings that lines stand under, and the series that
// have appeared under them, by name.
type configuration struct {
	lines    []benchfmt.Config // as the reader had them
	file     string
	settings []Setting
	series   map[string]*seriesReader
}

// A seriesReader is a series with what it takes to find the group of a line.
type seriesReader struct {
	series *Series
	last   *Group            // of the last line
	groups map[string]*Group // by groupID; nil as long as there is just one
}

func newSetReader() *setReader {
	return &setReader{set: new(Set), configs: make(map[string]*configuration)}
}

// readPath reads one file, or the samples of one run.
func (rd *setReader) readPath(f File) error {
	if f.Path == "-" {
		return rd.readFrom(os.Stdin, f)
	}
	file, err := openResults(&f)
	if err != nil {
		return err
	}
	defer file.Close()
	return rd.readFrom(file, f)
}

// openResults opens f. If it is a folder, it becomes the samples in it.
func openResults(f *File) (*os.File, error) {
	info, err := os.Stat(f.Path)
	if err == nil && info.IsDir() {
		folder := f.Path
		f.Path = filepath.Join(folder, results.SamplesFile)
		info, err := os.Stat(f.Path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a folder without a file %s, so not that of a run: name a run's folder or a file", folder, results.SamplesFile)
		}
	}
	file, err := os.Open(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no results at %q: %w", f.Path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("reading results: %w", err)
	}
	return file, nil
}

// readFrom adds what r has to the set. f says where it comes from.
func (rd *setReader) readFrom(r io.Reader, f File) error {
	rd.set.Files = append(rd.set.Files, f)
	rd.warned, rd.read = 0, 0
	src := newSource(r, f.Path)
	rd.reader.Reset(src, f.Path, ".file", f.Label)
	lastRead := 0 // the last line that gave a result
	for rd.reader.Scan() {
		switch rec := rd.reader.Result().(type) {
		case *benchfmt.Result:
			_, line := rec.Pos()
			if src.unfinished(line) && (ownName(rec.Name) || rd.cutShort(rec)) {
				continue
			}
			lastRead = line
			rd.add(rec)
		case *benchfmt.SyntaxError:
			if !src.unfinished(rec.Line) {
				rd.warn(rec.FileName, rec.Line, rd.syntaxError(rec, src))
			}
		}
	}
	if err := rd.reader.Err(); err != nil {
		if src.err != nil {
			return src.err // says the same without the reader's line, which is one too few
		}
		return fmt.Errorf("reading results: %w", err)
	}
	if line := src.line(); src.unfinished(line) {
		switch {
		case lastRead == line:
			rd.warn(f.Path, line, "no newline ends the last line: it may be cut short")
		case src.cutResult():
			rd.warn(f.Path, line, "half-written last line skipped")
		}
	}
	if n := rd.warned - maxWarnings; n > 0 {
		rd.set.Warnings = append(rd.set.Warnings, Warning{File: f.Path, Msg: fmt.Sprintf("%d more like these", n)})
	}
	switch {
	case rd.read > 0:
		return nil
	case rd.warned > 0:
		first := len(rd.set.Warnings) - min(rd.warned, maxWarnings+1)
		return fmt.Errorf("no benchmark results in %s: %s", f.Path, rd.set.Warnings[first])
	}
	return src.noResults()
}

// ownName reports whether a benchmark is one of gvp's.
func ownName(name benchfmt.Name) bool {
	_, ok := results.ParseCell(string(name))
	return ok
}

// goUnits are the units of go test, as it writes them.
var goUnits = [...]string{"ns/op", "MB/s", "B/op", "allocs/op"}

// cutShort reports whether a result that no newline ends must have gone on: see
// [ReadFiles].
func (rd *setReader) cutShort(res *benchfmt.Result) bool {
	last := res.Values[len(res.Values)-1]
	return rd.cutUnit(cmp.Or(last.OrigUnit, last.Unit)) || rd.fewerValues(res)
}

// cutUnit reports whether a unit is but the beginning of another one.
func (rd *setReader) cutUnit(unit string) bool {
	begins := false
	known := slices.Clone(goUnits[:])
	for _, u := range results.Units() {
		known = append(known, u.Name)
	}
	for _, g := range rd.set.Groups {
		for _, m := range g.Metrics {
			known = append(known, cmp.Or(m.Orig, m.Unit))
		}
	}
	for _, k := range known {
		if k == unit {
			return false
		}
		begins = begins || strings.HasPrefix(k, unit)
	}
	return begins
}

// fewerValues reports whether there are lines of the same name before res, all
// with more values.
func (rd *setReader) fewerValues(res *benchfmt.Result) bool {
	before, fewest := false, math.MaxInt
	for _, s := range rd.set.Series {
		if s.Name != string(res.Name) {
			continue
		}
		for _, g := range s.Groups {
			before, fewest = true, min(fewest, len(g.Metrics))
		}
	}
	return before && len(res.Values) < fewest
}

func (rd *setReader) warn(file string, line int, msg string) {
	if rd.warned++; rd.warned <= maxWarnings {
		rd.set.Warnings = append(rd.set.Warnings, Warning{File: file, Line: line, Msg: msg})
	}
}

// add adds a line's values to the series and group that they belong to.
func (rd *setReader) add(res *benchfmt.Result) {
	if !rd.dropNotFinite(res) {
		return
	}
	rd.read++
	if rd.config == nil || !sameConfig(rd.config.lines, res.Config) {
		rd.config = rd.findConfig(res.Config)
	}
	s := rd.config.series[string(res.Name)]
	if s == nil {
		s = rd.newSeries(string(res.Name))
	}
	if s.last == nil || !sameMetrics(s.last.Metrics, res.Values) {
		s.last = rd.findGroup(s, res.Values)
	}
	for i, v := range res.Values {
		s.last.columns[i].add(v.Value)
	}
}

// dropNotFinite removes the values of res that are NaN or infinite: no
// statistic of them means anything, and some never come to an end. It reports
// whether any value is left.
func (rd *setReader) dropNotFinite(res *benchfmt.Result) bool {
	for _, v := range res.Values {
		if finite(v.Value) {
			continue
		}
		rd.set.Unusable++
		file, line := res.Pos()
		value, unit := v.Value, v.Unit
		if v.OrigUnit != "" { // as it stands in the file
			value, unit = v.OrigValue, v.OrigUnit
		}
		rd.warn(file, line, unusable(strconv.FormatFloat(value, 'g', -1, 64), unit, string(res.Name)))
	}
	res.Values = slices.DeleteFunc(res.Values, func(v benchfmt.Value) bool { return !finite(v.Value) })
	return len(res.Values) > 0
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// unusable says what is wrong with a value, and what to do about it.
func unusable(value, unit, name string) string {
	what := "out of range"
	if v, err := strconv.ParseFloat(value, 64); err == nil && !finite(v) {
		what = "not a number to reckon with"
	}
	return fmt.Sprintf("%s %s of %s is %s and left out: remove the line or measure again", value, unit, name, what)
}

// syntaxError returns what is wrong with a line. The reader names neither
// benchmark nor value where a number is beyond what a float64 or an int holds.
func (rd *setReader) syntaxError(e *benchfmt.SyntaxError, src *source) string {
	if !strings.HasSuffix(e.Msg, strconv.ErrRange.Error()) {
		return e.Msg
	}
	rd.set.Unusable++
	fields := strings.Fields(src.text(e.Line))
	if len(fields) < 2 {
		return e.Msg
	}
	name := strings.TrimPrefix(fields[0], "Benchmark")
	if _, err := strconv.Atoi(fields[1]); err != nil {
		return unusable(fields[1], "iterations", name)
	}
	for i := 2; i+1 < len(fields); i += 2 {
		if _, err := strconv.ParseFloat(fields[i], 64); errors.Is(err, strconv.ErrRange) {
			return unusable(fields[i], fields[i+1], name)
		}
	}
	return e.Msg
}

// sameConfig reports whether a and b are the same settings in the same order.
func sameConfig(a, b []benchfmt.Config) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Key != b[i].Key || !bytes.Equal(a[i].Value, b[i].Value) {
			return false
		}
	}
	return true
}

// findConfig returns the configuration that has these settings, in any order.
func (rd *setReader) findConfig(lines []benchfmt.Config) *configuration {
	id := configID(lines)
	c := rd.configs[id]
	if c == nil {
		c = &configuration{series: make(map[string]*seriesReader)}
		for _, l := range lines {
			if l.Key == ".file" {
				c.file = string(l.Value)
			} else {
				c.settings = append(c.settings, Setting{l.Key, string(l.Value)})
			}
		}
		rd.configs[id] = c
	}
	c.lines = cloneConfig(lines) // in this order until it changes again
	return c
}

// configID returns a string that is the same for the same settings. Neither
// keys nor values have newlines in them.
func configID(lines []benchfmt.Config) string {
	ids := make([]string, len(lines))
	for i, l := range lines {
		ids[i] = l.Key + ":" + string(l.Value)
	}
	slices.Sort(ids)
	return strings.Join(ids, "\n")
}

func cloneConfig(lines []benchfmt.Config) []benchfmt.Config {
	c := slices.Clone(lines)
	for i := range c {
		c[i].Value = bytes.Clone(c[i].Value)
	}
	return c
}

func (rd *setReader) newSeries(name string) *seriesReader {
	s := &seriesReader{series: &Series{Name: name, File: rd.config.file, Config: rd.config.settings}}
	rd.config.series[name] = s
	rd.set.Series = append(rd.set.Series, s.series)
	return s
}

// sameMetrics reports whether values are of these metrics in this order.
func sameMetrics(metrics []MetricName, values []benchfmt.Value) bool {
	if len(metrics) != len(values) {
		return false
	}
	for i := range values {
		if metrics[i].Unit != values[i].Unit || metrics[i].Orig != values[i].OrigUnit {
			return false
		}
	}
	return true
}

// findGroup returns the group of s for lines of such values.
func (rd *setReader) findGroup(s *seriesReader, values []benchfmt.Value) *Group {
	metrics := make([]MetricName, len(values))
	for i, v := range values {
		metrics[i] = MetricName{Unit: v.Unit, Orig: v.OrigUnit}
	}
	if s.last != nil && s.groups == nil { // most series never get here
		s.groups = map[string]*Group{groupID(s.last.Metrics): s.last}
	}
	if g := s.groups[groupID(metrics)]; g != nil {
		return g
	}
	g := &Group{Series: s.series, Metrics: metrics, columns: make([]column, len(metrics))}
	if s.groups != nil {
		s.groups[groupID(metrics)] = g
	}
	s.series.Groups = append(s.series.Groups, g)
	rd.set.Groups = append(rd.set.Groups, g)
	return g
}

// groupID returns a string that is the same for the same metrics in the same
// order. No unit has a space in it.
func groupID(metrics []MetricName) string {
	var b strings.Builder
	for _, m := range metrics {
		b.WriteString(m.Unit + "  " + m.Orig + " ")
	}
	return b.String()
}

// finish returns the set once all files are read.
func (rd *setReader) finish() *Set {
	rd.set.Units = rd.reader.Units()
	return rd.set
}
