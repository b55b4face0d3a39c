package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/gvp-bench/gvp/results"
)

// A Decision says which mode suits which tasks: the fastest one for each kind of
// work and each size of tasks.
type Decision struct {
	// Decades are the sizes of tasks, by rising size and without a gap: powers of
	// ten of what serial takes for one, in seconds.
	Decades []int

	Lines []DecisionLine // by kind, each with a field for each decade
}

// A DecisionLine is a workload that was measured with tasks of several sizes.
type DecisionLine struct {
	Kind     Kind
	Workload string
	Fields   []*DecisionField // nil where nothing was measured
}

// A DecisionField is what the samples say about tasks of one kind and size.
type DecisionField struct {
	Finding
	Task Interval // seconds that serial takes for one

	// Among are the modes of which none could be told to be slower, serial
	// included; the simplest first. One alone wins.
	Among []string

	// Next is the mode that comes after the one that wins, and Margin how many
	// times as long it takes. There is none if several are among the fastest.
	Next   string
	Margin Ratio
}

// A Kind is the kind of work that a workload does, as its serial samples show.
type Kind string

const (
	CPUWork Kind = "CPU"
	Waiting Kind = "waiting"
	Mixed   Kind = "mixed"
	Unknown Kind = "" // the CPU time was not measured
)

// idleShare is the share of the serial mode's time that a workload spends on a
// CPU up to which it counts as one that does nothing but wait.
const idleShare = 1 - busyShare

// LeastDecision is how many sizes of tasks make a line of the map.
const LeastDecision = 2

// processModes are those whose workers are processes.
var processModes = []string{"process", "spawn", "hybrid"}

// Decision returns the map of which mode suits which tasks. There is none if no
// workload was measured with tasks of sizes that are a decade apart.
func (s *Suite) Decision() (Decision, bool) { return s.decision() }

// decide is what Decision does the first time.
func (s *Suite) decide() (Decision, bool) {
	var d Decision
	var seen []string
	first, last := math.MaxInt, math.MinInt
	lines := make(map[string]map[int]*DecisionField) // by workload and decade
	for _, r := range s.Rows {
		if slices.Contains(seen, r.Workload) {
			continue
		}
		seen = append(seen, r.Workload)
		rows := s.bySize(r.Workload)
		fields := s.fields(rows)
		if len(fields) < LeastDecision {
			continue
		}
		lines[r.Workload] = fields
		d.Lines = append(d.Lines, DecisionLine{Kind: kindOf(rows[len(rows)-1]), Workload: r.Workload})
		for decade := range fields {
			first, last = min(first, decade), max(last, decade)
		}
	}
	for decade := first; decade <= last; decade++ {
		d.Decades = append(d.Decades, decade)
		for i := range d.Lines {
			l := &d.Lines[i]
			l.Fields = append(l.Fields, lines[l.Workload][decade])
		}
	}
	kinds := []Kind{CPUWork, Mixed, Waiting, Unknown}
	slices.SortStableFunc(d.Lines, func(a, b DecisionLine) int {
		return cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind))
	})
	return d, len(d.Lines) > 0
}

// bySize returns the rows of a workload by the size of their tasks, if they have
// one: all parameters in which they differ are sizes, and rise together.
func (s *Suite) bySize(workload string) []*Row {
	var rows []*Row
	for _, r := range s.Rows {
		if r.Workload == workload {
			rows = append(rows, r)
		}
	}
	by := -1 // the parameter to sort by
	for _, r := range rows {
		if len(r.Params) != len(rows[0].Params) {
			return nil
		}
		for i, p := range r.Params {
			if p.Name != rows[0].Params[i].Name {
				return nil
			}
			if by < 0 && p.Value != rows[0].Params[i].Value {
				by = i
			}
		}
	}
	if by < 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b *Row) int { return cmp.Compare(sizeOf(a.Params[by].Value), sizeOf(b.Params[by].Value)) })
	for i := range rows[0].Params {
		if !sizesRise(rows, i) {
			return nil
		}
	}
	return rows
}

// sizesRise reports whether a parameter is the same in all rows, or a size that is
// larger in each than in the one before.
func sizesRise(rows []*Row, param int) bool {
	same, rises := true, true
	for i, r := range rows[1:] {
		before, v := rows[i].Params[param].Value, r.Params[param].Value
		same = same && v == before
		rises = rises && sizeOf(v) > sizeOf(before) // which NaN is not
	}
	return same || rises && sizeOf(rows[0].Params[param].Value) > 0
}

// fields returns what the findings say about rows by rising size, by the decade
// that is nearest to what serial takes for a task. Where a decade has several
// rows, it is about the one with the largest tasks. There are none if larger
// tasks do not take longer.
func (s *Suite) fields(rows []*Row) map[int]*DecisionField {
	if len(rows) == 0 || !(taskOf(rows[0]).Center < taskOf(rows[len(rows)-1]).Center) {
		return nil
	}
	all := make(map[int]*DecisionField)
	for _, f := range s.Findings() {
		task := taskOf(f.Row)
		if !slices.Contains(rows, f.Row) || !(task.Center > 0) {
			continue
		}
		decade := int(math.Round(math.Log10(task.Center)))
		if had := all[decade]; had == nil || slices.Index(rows, had.Row) < slices.Index(rows, f.Row) {
			field := &DecisionField{Finding: f, Task: task}
			field.rank()
			all[decade] = field
		}
	}
	return all
}

// taskOf returns the seconds that serial takes for a task of a row.
func taskOf(r *Row) Interval { return summarise(positive(r.base())) }

// rank finds the fastest modes, of which serial can be one, by the same
// standards as the finding: modes that it could not tell from the best are among
// them, and serial counts as slower or faster if the interval of the speedup says
// so.
func (f *DecisionField) rank() {
	over := f.Speedup
	switch {
	case over.Bounded() && over.Hi < 1:
		f.Among, f.Next = []string{serial}, f.Best
		f.Margin = ratioOf(f.Row.values(f.Best, f.Workers, results.SecPerOp), f.Row.base())
		return
	case over.Known() && !(over.Bounded() && over.Lo > 1):
		f.Among = append(f.Among, serial)
	}
	f.Among = append(f.Among, f.ties()...)
	slices.SortStableFunc(f.Among, func(a, b string) int { return cmp.Compare(modeRank(a), modeRank(b)) })
	if len(f.Among) > 1 {
		return
	}
	if len(f.Rivals) > 0 {
		f.Next, f.Margin = f.Rivals[0].Mode, f.Rivals[0].Time
	}
	if over.Known() && (!f.Margin.Known() || over.Center < f.Margin.Center) {
		f.Next, f.Margin = serial, over
	}
}

// unclear reports whether there are too few samples to say anything.
func (f *DecisionField) unclear() bool {
	return f.blind() || len(f.Among) > 1 && f.Speedup.Known() && !f.Speedup.Bounded()
}

// kindOf returns the kind of work that a row does.
func kindOf(r *Row) Kind {
	switch share := onCPU(r); {
	case math.IsNaN(share):
		return Unknown
	case share >= busyShare:
		return CPUWork
	case share <= idleShare:
		return Waiting
	}
	return Mixed
}

// all returns the fields that there are.
func (d Decision) all() []*DecisionField {
	var all []*DecisionField
	for _, l := range d.Lines {
		for _, f := range l.Fields {
			if f != nil {
				all = append(all, f)
			}
		}
	}
	return all
}
