package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/perf/benchfmt"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// serial is the mode that is the base of every speedup.
const serial = "serial"

// A Suite is the workloads of one file, each measured in several modes. It is
// made of all series whose names say the workload, the mode and the workers:
// /workload=, /mode= and /workers=.
type Suite struct {
	Label string // of the file
	Run   *Run   // nil if the file is not in the folder of a run

	// CPUs is how many CPUs the machine had for the suite; 0 if not known.
	CPUs int

	Rows  []*Row
	Modes []string // of all rows, serial first

	config  []samples.Setting // of the first series
	control []*samples.Series

	findings      func() []Finding // worked out when first asked for
	granularities func() []Granularity
	decision      func() (Decision, bool)
	series        func() map[string]bool
}

// A Row is a workload with its parameters.
type Row struct {
	Workload string
	Params   []results.Param
	Workers  []int // in rising order

	cells map[place][]*samples.Series
}

// A place is where in its row a series belongs.
type place struct {
	mode    string
	workers int
}

// newSuite gathers the series of a file. It returns nil if none of them says in
// what mode it was measured.
func newSuite(set *samples.Set, label string, run *Run) *Suite {
	s := &Suite{Label: label, Run: run}
	rows := make(map[string]*Row)
	clashes := clashing(set, label)
	for _, series := range set.Series {
		if series.File != label {
			continue
		}
		c, ok := cellOf(series)
		if !ok {
			continue
		}
		if s.config == nil {
			s.config = series.Config
		}
		if c.Workload == results.ControlWorkload {
			s.control = append(s.control, series)
			continue
		}
		for _, key := range clashes {
			if v := series.Key(key); v != "" {
				c.Params = append(c.Params, results.Param{Name: key, Value: v})
			}
		}
		row := rows[c.Row()]
		if row == nil {
			row = &Row{Workload: c.Workload, Params: c.Params, cells: make(map[place][]*samples.Series)}
			rows[c.Row()] = row
			s.Rows = append(s.Rows, row)
		}
		at := place{c.Mode, c.Workers}
		row.cells[at] = append(row.cells[at], series)
		if !slices.Contains(s.Modes, c.Mode) {
			s.Modes = append(s.Modes, c.Mode)
		}
	}
	if len(s.Rows) == 0 && len(s.control) == 0 {
		return nil
	}
	s.CPUs = s.findCPUs()
	s.sort()
	s.findings = sync.OnceValue(s.rank)
	s.granularities = sync.OnceValue(s.curves)
	s.decision = sync.OnceValues(s.decide)
	s.series = sync.OnceValue(s.findSeries)
	return s
}

// cellOf returns the cell that a series has the samples of, whatever the
// benchmark function is called.
func cellOf(s *samples.Series) (results.Cell, bool) {
	_, parts := benchfmt.Name(s.Name).Parts()
	var c results.Cell
	for _, p := range parts {
		key, value, ok := strings.Cut(strings.TrimPrefix(string(p), "/"), "=")
		switch {
		case !ok && p[0] == '-': // the GOMAXPROCS suffix
		case !ok:
			c.Params = append(c.Params, results.Param{Name: key})
		case key == "workload":
			c.Workload = value
		case key == "mode":
			c.Mode = value
		case key == "workers":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 {
				return c, false
			}
			c.Workers = n
		default:
			c.Params = append(c.Params, results.Param{Name: key, Value: value})
		}
	}
	return c, c.Workload != "" && c.Mode != "" && c.Workers > 0
}

// clashing returns the configuration keys in which series of a file differ that
// have the same name. They set rows apart as parameters do.
func clashing(set *samples.Set, label string) []string {
	first := make(map[string]*samples.Series)
	var keys []string
	for _, s := range set.Series {
		if s.File != label {
			continue
		}
		f := first[s.Name]
		if f == nil {
			first[s.Name] = s
			continue
		}
		for _, c := range slices.Concat(f.Config, s.Config) {
			if f.Key(c.Key) != s.Key(c.Key) && !slices.Contains(keys, c.Key) {
				keys = append(keys, c.Key)
			}
		}
	}
	return keys
}

// findCPUs takes the number of CPUs from the run or, without one, from the
// configuration lines.
func (s *Suite) findCPUs() int {
	if s.Run != nil {
		return s.Run.cpus()
	}
	for _, key := range []string{"usable-cpus", "cpus"} {
		if n, err := strconv.Atoi(s.setting(key)); err == nil && n > 0 {
			return n
		}
	}
	return 0
}

func (s *Suite) setting(key string) string { return settingOf(s.config, key) }

func settingOf(config []samples.Setting, key string) string {
	for _, c := range config {
		if c.Key == key {
			return c.Value
		}
	}
	return ""
}

// modeOrder is the order in which modes are shown. Others follow, in the order
// in which they appear.
var modeOrder = []string{serial, "goroutine", "gomaxprocs1", "thread", "process", "spawn", "hybrid"}

func modeRank(mode string) int {
	if i := slices.Index(modeOrder, mode); i >= 0 {
		return i
	}
	return len(modeOrder)
}

// sort brings rows and modes into the order of the plan, since a run's samples
// are taken, and written, in random order. Without a plan the workloads keep
// the order in which they appear.
func (s *Suite) sort() {
	slices.SortStableFunc(s.Modes, func(a, b string) int { return cmp.Compare(modeRank(a), modeRank(b)) })
	var names []string
	var planned []string
	if s.Run != nil {
		for _, c := range s.Run.Cells {
			planned = append(planned, c.Row())
			names = append(names, c.Workload)
		}
	}
	for _, r := range s.Rows {
		names = append(names, r.Workload)
		workers := make(map[int]bool)
		for at := range r.cells {
			if !workers[at.workers] {
				workers[at.workers] = true
				r.Workers = append(r.Workers, at.workers)
			}
		}
		slices.Sort(r.Workers)
	}
	rank := func(r *Row) (int, int) {
		row := results.Cell{Workload: r.Workload, Params: r.Params}.Row()
		i := slices.IndexFunc(planned, func(p string) bool { return row == p || strings.HasPrefix(row, p+"/") })
		return slices.Index(names, r.Workload), i
	}
	slices.SortStableFunc(s.Rows, func(a, b *Row) int {
		aw, ap := rank(a)
		bw, bp := rank(b)
		return cmp.Or(cmp.Compare(aw, bw), cmp.Compare(ap, bp))
	})
}

// headline returns the largest number of workers of a row that the machine has
// a CPU for each of, or else the smallest.
func (s *Suite) headline(r *Row) int {
	best := r.Workers[0]
	for _, w := range r.Workers {
		if s.CPUs == 0 || w <= s.CPUs {
			best = max(best, w)
		}
	}
	return best
}

// Label names the row: hash (size=64KiB).
func (r *Row) Label() string {
	if len(r.Params) == 0 {
		return r.Workload
	}
	return r.Workload + " (" + r.params(", ") + ")"
}

func (r *Row) params(sep string) string { return paramWords(r.Params, sep) }

// paramWords says size=64KiB of each parameter.
func paramWords(params []results.Param, sep string) string {
	words := make([]string, len(params))
	for i, p := range params {
		words[i] = p.Name
		if p.Value != "" {
			words[i] += "=" + p.Value
		}
	}
	return strings.Join(words, sep)
}

// values returns the samples of a metric in a mode with some workers. They must
// not be changed.
func (r *Row) values(mode string, workers int, unit string) []float64 {
	var all [][]float64
	for _, s := range r.cells[place{mode, workers}] {
		if v := s.Unit(unit); len(v) > 0 {
			all = append(all, v)
		}
	}
	if len(all) == 1 {
		return all[0]
	}
	return slices.Concat(all...)
}

// base returns the times per unit in the serial mode.
func (r *Row) base() []float64 { return r.values(serial, 1, results.SecPerOp) }

// modes returns those of the suite's modes that the row has a metric of at a
// number of workers.
func (s *Suite) modes(r *Row, workers int, unit string) []string {
	var found []string
	for _, m := range s.Modes {
		if len(r.values(m, workers, unit)) > 0 {
			found = append(found, m)
		}
	}
	return found
}

// concurrent is modes without serial.
func (s *Suite) concurrent(r *Row, workers int, unit string) []string {
	return slices.DeleteFunc(s.modes(r, workers, unit), func(m string) bool { return m == serial })
}

// ordered returns the series of all rows as tables should meet them: those of
// serial first, so that it is what the others are compared with, then by
// workers, row and mode.
func (s *Suite) ordered() []*samples.Series {
	var all []*samples.Series
	var workers []int
	for _, r := range s.Rows {
		all = append(all, r.cells[place{serial, 1}]...)
		workers = append(workers, r.Workers...)
	}
	slices.Sort(workers)
	for _, w := range slices.Compact(workers) {
		for _, r := range s.Rows {
			for _, m := range s.Modes {
				if m != serial || w != 1 {
					all = append(all, r.cells[place{m, w}]...)
				}
			}
		}
	}
	return all
}
