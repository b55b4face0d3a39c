package checks

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// Files is what two files of Go benchmark output hold, whoever wrote them.
type Files struct {
	// Series pairs the k-th line of a benchmark in the one file with the k-th
	// in the other; k is the round.
	Series []Series

	// Missing are benchmarks that only one file has, by the side that has them.
	Missing map[string][]string

	// Unpaired is how many lines of a benchmark have no counterpart, though others
	// of it have.
	Unpaired map[string]int

	// Differences are in what the configuration of the files differs, and in
	// what one file differs in itself.
	Differences []Difference

	Warnings []string // what was not read, and why
}

// maxLeftover is how many benchmarks Leftover names.
const maxLeftover = 5

// Leftover says in a line which lines are unpaired; nothing if none are.
func (f *Files) Leftover() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(f.Unpaired)) {
		lines := "lines"
		if f.Unpaired[name] == 1 {
			lines = "line"
		}
		parts = append(parts, fmt.Sprintf("%d %s of %s", f.Unpaired[name], lines, results.Printable(name)))
	}
	if more := len(parts) - maxLeftover; more > 0 {
		parts = append(parts[:maxLeftover], fmt.Sprintf("and those of %d more benchmarks", more))
	}
	return strings.Join(parts, ", ")
}

// A Difference is a configuration key whose values differ.
type Difference struct {
	Key        string
	Base, Head []string // all values, sorted; none if the key is absent
}

// Names reports whether the key only names what is compared, such as a
// revision, so that it has to differ.
func (d Difference) Names() bool {
	switch strings.ToLower(d.Key) {
	case "commit", "commit-time", "revision", "branch", "tag", "date", "time", "note", "label", "by", "upload", "upload-time", "upload-part", "experiment", "toolchain-commit":
		return true
	}
	return false
}

// String returns it as one line.
func (d Difference) String() string {
	say := func(values []string) string {
		if len(values) == 0 {
			return "absent"
		}
		return results.Printable(strings.Join(values, ", "))
	}
	return fmt.Sprintf("%s is %s in base and %s in head", results.Printable(d.Key), say(d.Base), say(d.Head))
}

// procsKey is what stands for the suffix of names in Differences.
const procsKey = "gomaxprocs"

// pkgKey is the key of the configuration line that names the package.
const pkgKey = "pkg"

// A half is one file.
type half struct {
	names  []string // in the order of the file
	values map[string]map[string][]float64
	units  map[string][]string // by benchmark, in order
	lines  map[string]int
	config map[string][]string
}

// ReadFiles reads a file of each side. An error names the file: it is missing,
// is not benchmark output, or has no results.
func ReadFiles(base, head string) (*Files, error) {
	out := &Files{Missing: make(map[string][]string), Unpaired: make(map[string]int)}
	var sets [2]*samples.Set
	for i, path := range []string{base, head} {
		set, err := samples.ReadFiles([]string{"=" + path}) // "=" lets a path have one
		if err != nil {
			return nil, err
		}
		for _, w := range set.Warnings {
			out.Warnings = append(out.Warnings, w.String())
		}
		sets[i] = set
	}
	several := countPackages(sets[:]) > 1
	b, h := readHalf(sets[0], several), readHalf(sets[1], several)
	out.Differences = differences(b.config, h.config)
	for _, name := range b.names {
		if h.lines[name] == 0 {
			out.Missing[Base] = append(out.Missing[Base], name)
			continue
		}
		out.pair(name, b, h)
	}
	for _, name := range h.names {
		if b.lines[name] == 0 {
			out.Missing[Head] = append(out.Missing[Head], name)
		}
	}
	return out, nil
}

// pair adds the series of a benchmark that both have.
func (f *Files) pair(name string, b, h *half) {
	for _, unit := range b.units[name] {
		x, y := b.values[name][unit], h.values[name][unit]
		if len(x) == 0 || len(y) == 0 {
			continue
		}
		s := Series{Benchmark: name, Unit: unit}
		for k := range min(len(x), len(y)) {
			s.Pairs = append(s.Pairs, Pair{k + 1, x[k], y[k]})
		}
		f.Series = append(f.Series, s)
	}
	if n := b.lines[name] - h.lines[name]; n != 0 {
		f.Unpaired[name] = max(n, -n)
	}
}

func countPackages(sets []*samples.Set) int {
	pkgs := make(map[string]bool)
	for _, set := range sets {
		for _, s := range set.Series {
			pkgs[setting(s, pkgKey)] = true
		}
	}
	return len(pkgs)
}

func setting(s *samples.Series, key string) string {
	for _, c := range s.Config {
		if c.Key == key {
			return c.Value
		}
	}
	return ""
}

// readHalf names the benchmarks of a file as those of a check are named.
func readHalf(set *samples.Set, several bool) *half {
	h := &half{
		values: make(map[string]map[string][]float64), units: make(map[string][]string),
		lines: make(map[string]int), config: make(map[string][]string),
	}
	procs := commonProcs(set)
	if procs != "" {
		h.config[procsKey] = []string{procs}
	}
	for _, s := range set.Series {
		for _, c := range s.Config {
			if c.Key == procsKey && procs != "" {
				continue // what the names say is what it was
			}
			h.config[c.Key] = append(h.config[c.Key], c.Value)
		}
		name := s.Name
		if procs != "" {
			name = strings.TrimSuffix(name, "-"+procs)
		}
		if pkg := setting(s, pkgKey); several && pkg != "" {
			name = pkg + "." + name
		}
		h.add(name, s)
	}
	for key, values := range h.config {
		slices.Sort(values)
		h.config[key] = slices.Compact(values)
	}
	return h
}

func (h *half) add(name string, s *samples.Series) {
	if h.values[name] == nil {
		h.names = append(h.names, name)
		h.values[name] = make(map[string][]float64)
	}
	lines := 0
	for _, g := range s.Groups {
		for i, m := range g.Metrics {
			if !slices.Contains(h.units[name], m.Unit) {
				h.units[name] = append(h.units[name], m.Unit)
			}
			h.values[name][m.Unit] = g.AppendValues(h.values[name][m.Unit], i)
			if i == 0 {
				lines += len(g.AppendValues(nil, 0))
			}
		}
	}
	h.lines[name] += lines
}

// commonProcs returns the suffix -N of all names of a set, without its dash:
// the GOMAXPROCS that they ran under. It is empty if there is no common one:
// with GOMAXPROCS=1 names have none, and then a name may end so by itself.
func commonProcs(set *samples.Set) string {
	common := ""
	for _, s := range set.Series {
		i := strings.LastIndexByte(s.Name, '-')
		if i < 0 {
			return ""
		}
		suffix := s.Name[i+1:]
		if n, err := strconv.Atoi(suffix); err != nil || n < 2 || suffix != strconv.Itoa(n) {
			return ""
		}
		if common != "" && suffix != common {
			return ""
		}
		common = suffix
	}
	return common
}

// differences compares the values of all keys of two files. Benchmarks may come
// from several packages, but from the same ones in both.
func differences(base, head map[string][]string) []Difference {
	keys := maps.Clone(base)
	maps.Copy(keys, head)
	var ds []Difference
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		b, h := base[key], head[key]
		if !slices.Equal(b, h) || len(b) > 1 && key != pkgKey {
			ds = append(ds, Difference{key, b, h})
		}
	}
	return ds
}
