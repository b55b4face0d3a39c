package samples

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/gvp-bench/gvp/results"
)

// A Set is what stands in some files of Go benchmark output, whatever project
// they come from: the samples, gathered into one [Series] per benchmark and
// configuration.
type Set struct {
	Files []File

	// Series are in the order in which they first appear in the files.
	Series []*Series

	// Groups are the groups of all series, in the order in which they first
	// appear in the files.
	Groups []*Group

	// Units is what the files' Unit lines say.
	Units benchfmt.UnitMetadataMap

	// Warnings must be shown with whatever is made of the Set: what was
	// skipped on reading, and why.
	Warnings []Warning

	// Unusable is how many values were skipped because they are no numbers to
	// reckon with: NaN, infinite, or too large to be held. The Set lacks them,
	// so that whoever reports on it must say that something is wrong.
	Unusable int
}

// A File is one of the files of a Set.
type File struct {
	Label string // what a series gives for the key .file
	Path  string // the file itself; "-" is standard input
}

// A Warning is a place in a file from which something was not read, or should
// not have been.
type Warning struct {
	File string
	Line int // from 1; 0 if it is about the whole file
	Msg  string
}

// String returns file:line: message, as [results.Printable] text. A message that is an
// error's and names the file itself stands for itself.
func (w Warning) String() string {
	switch {
	case strings.HasPrefix(w.Msg, w.File+":"):
		return results.Printable(w.Msg)
	case w.Line == 0:
		return results.Printable(w.File + ": " + w.Msg)
	}
	return results.Printable(fmt.Sprintf("%s:%d: %s", w.File, w.Line, w.Msg))
}

// A Series is the samples of one benchmark under one configuration, all from
// files of the same label.
type Series struct {
	// Name is the full benchmark name, without the leading "Benchmark".
	Name string

	// File is the label of the file or files: see [ReadFiles].
	File string

	// Config is the configuration in force, in the order of the file. Series
	// share it: it must not be changed.
	Config []Setting

	// Groups splits the samples by the metrics that they have. There is
	// nearly always just one group.
	Groups []*Group
}

// A Setting is a configuration line, such as goos: linux.
type Setting struct{ Key, Value string }

// A Group is the samples of a series whose lines have the same metrics in the
// same order.
type Group struct {
	Series  *Series
	Metrics []MetricName

	columns []column // one for each metric
}

// AppendValues appends the values of metric i to dst: one for each line of the
// group, in the order of the lines and in base units.
func (g *Group) AppendValues(dst []float64, i int) []float64 {
	for _, chunk := range g.columns[i] {
		dst = append(dst, chunk...)
	}
	return dst
}

// A column is values in the order in which they came. They lie in chunks since
// one slice that grows leaves behind, as garbage, several times what is in it.
type column [][]float64

// maxChunk is the number of values in a chunk of a long column. Each chunk is
// twice as long as the one before it until they are this long: short columns
// take little, and long ones little more than their values.
const maxChunk = 1024

func (c *column) add(v float64) {
	last := len(*c) - 1
	if last < 0 || len((*c)[last]) == cap((*c)[last]) {
		size := 8
		if last >= 0 {
			size = min(2*cap((*c)[last]), maxChunk)
		}
		*c = append(*c, make([]float64, 0, size))
		last++
	}
	(*c)[last] = append((*c)[last], v)
}

// A MetricName is the unit of a metric.
type MetricName struct {
	Unit string // in base units: sec/op

	// Orig is the unit as it stands in the file, ns/op, if the values were
	// converted, and else empty.
	Orig string
}

// Unit returns the values of the metric of the given base unit: group by group,
// and in the order of the lines in each group. It returns none if the series
// has no such metric.
func (s *Series) Unit(unit string) []float64 {
	var values []float64
	for _, g := range s.Groups {
		for i, m := range g.Metrics {
			if m.Unit == unit {
				values = g.AppendValues(values, i)
			}
		}
	}
	return values
}

// Units returns the base units of the series' metrics, in the order in which
// they first appear.
func (s *Series) Units() []string {
	var units []string
	for _, g := range s.Groups {
		for _, m := range g.Metrics {
			if !slices.Contains(units, m.Unit) {
				units = append(units, m.Unit)
			}
		}
	}
	return units
}

// Key returns what the series has for a key in the sense of benchstat's
// projections: .name, .fullname, .file, a part of the name (/mode, /size, also
// /gomaxprocs) or else a configuration key (goos, pkg). It is empty if the
// series has no such key.
func (s *Series) Key(key string) string {
	name := benchfmt.Name(s.Name)
	switch {
	case key == ".fullname":
		return s.Name
	case key == ".name":
		return string(name.Base())
	case key == ".file":
		return s.File
	case strings.HasPrefix(key, "/"):
		return namePart(name, key)
	}
	for _, c := range s.Config {
		if c.Key == key {
			return c.Value
		}
	}
	return ""
}

// namePart returns the value of /key=value in a name.
func namePart(name benchfmt.Name, key string) string {
	_, parts := name.Parts()
	if key == "/gomaxprocs" && len(parts) > 0 && parts[len(parts)-1][0] == '-' {
		return string(parts[len(parts)-1][1:])
	}
	for _, p := range parts {
		if k, v, ok := bytes.Cut(p, []byte("=")); ok && string(k) == key {
			return string(v)
		}
	}
	return ""
}

// Cell returns the cell that the series has the samples of, and false if it is
// no series of gvp's. Parameters that have no place in a benchmark name are
// missing from the cell: they are among the series' settings.
func (s *Series) Cell() (results.Cell, bool) { return results.ParseCell(s.Name) }
