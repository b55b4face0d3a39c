package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// A Skipped unit was reported by benchmarks and not judged.
type Skipped struct {
	Unit       string
	Benchmarks int // how many reported it
	Why        string
}

// tidy returns the input with tidy units.
func (in Input) tidy() (Input, error) {
	once := make(seen)
	series := make([]Series, len(in.Series))
	for i, s := range in.Series {
		factor, unit := benchunit.Tidy(1, s.Unit)
		if factor != 1 {
			pairs := make([]verdict.Pair, len(s.Pairs))
			for k, p := range s.Pairs {
				pairs[k] = verdict.Pair{Base: p.Base * factor, Head: p.Head * factor}
			}
			s.Pairs = pairs
		}
		s.Unit = unit
		if err := once.add(s.Benchmark, s.Unit); err != nil {
			return in, err
		}
		series[i] = s
	}
	in.Series = series
	return in, nil
}

// Decisions returns what there is to judge. Without a choice of units these are
// sec/op, B/op and allocs/op; B/s of benchmarks that have no sec/op, since beside
// it, it is the same number; and other units whose direction is known. Those of
// gvp's own cells that speak of the machine or split up what sec/op has in one
// are judged only if they are chosen, and so are allocations there, which are
// those of all processes, dispatcher included, and so not exact: each further
// decision makes all others harder to reach.
func (in Input) Decisions() ([]verdict.Decision, error) {
	in, err := in.tidy()
	if err != nil {
		return nil, err
	}
	decisions, _ := in.choose()
	return decisions, nil
}

func (in Input) choose() ([]verdict.Decision, []Skipped) {
	var decisions []verdict.Decision
	var skipped []Skipped
	for _, s := range in.Series {
		if s.Benchmark == checks.ControlName {
			continue
		}
		if why := in.skip(s); why != "" {
			i := slices.IndexFunc(skipped, func(k Skipped) bool { return k.Unit == s.Unit && k.Why == why })
			if i < 0 {
				i, skipped = len(skipped), append(skipped, Skipped{Unit: s.Unit, Why: why})
			}
			skipped[i].Benchmarks++
			continue
		}
		decisions = append(decisions, verdict.Decision{
			Benchmark: s.Benchmark, Unit: s.Unit, Pairs: s.Pairs,
			Higher: in.better(s.Unit) > 0, Exact: verdict.ExactUnit(s.Unit),
		})
	}
	return decisions, skipped
}

// skip says why a series is not judged; nothing if it is.
func (in Input) skip(s Series) string {
	if len(in.Units) > 0 {
		if !slices.Contains(in.Units, s.Unit) {
			return "not among the units that were chosen"
		}
		if in.better(s.Unit) == 0 {
			return noDirection
		}
		return ""
	}
	has := func(unit string) bool {
		return slices.ContainsFunc(in.Series, func(o Series) bool { return o.Benchmark == s.Benchmark && o.Unit == unit })
	}
	switch {
	case s.Unit == results.BytesPerSec && has(results.SecPerOp):
		return "sec/op is the same number"
	case (secondary(s.Unit) || verdict.ExactUnit(s.Unit) && isCell(s.Benchmark)) && in.Better[s.Unit] == 0:
		return "judged only if chosen"
	case in.better(s.Unit) == 0:
		return noDirection
	case !verdict.ExactUnit(s.Unit) && s.Unit != results.SecPerOp && len(s.Pairs) > 0 && !slices.ContainsFunc(s.Pairs, func(p verdict.Pair) bool { return p != verdict.Pair{} }):
		return "0 on both sides"
	}
	return ""
}

const noDirection = "which direction is better is not known"

// secondary reports whether a unit is one of gvp's cells that is not judged by
// itself.
func secondary(unit string) bool {
	primary := []string{results.SecPerOp, results.BytesPerSec, results.AllocsPerOp, results.AllocBytesOp}
	return !slices.Contains(primary, unit) && slices.ContainsFunc(results.Units(), func(u results.Unit) bool { return u.Name == unit })
}

// isCell reports whether a benchmark, perhaps behind the name of its package, is a
// cell of gvp's.
func isCell(benchmark string) bool {
	_, after, ok := strings.Cut(benchmark, "Workload/")
	_, cell := results.ParseCell("Workload/" + after)
	return ok && cell
}

// better returns -1 if lower is better in a unit, +1 if higher is, 0 if that is
// not known.
func (in Input) better(unit string) int {
	if b := in.Better[unit]; b != 0 {
		return b
	}
	for _, u := range results.Units() {
		if u.Name == unit {
			return u.Better
		}
	}
	return 0
}

// Why something could not be measured.
const (
	Crashed  = "crashed"
	TimedOut = "timed out"
	Garbage  = "printed no result"
	Missing  = "missing" // on head, though base has it
	New      = "new"     // on head; base lacks it
)

// A Failure is a benchmark that could not be measured on a side.
type Failure struct {
	Benchmark string
	Side      string // [checks.Base] or [checks.Head]: where it failed or is missing
	Reason    string
	Error     string // what was wrong, in a line; may be empty
	Stderr    string // the end of what the process wrote; may be empty
	Times     int    // how often; 0 counts as 1
}

// failures returns those of the input and of the check, one for each benchmark,
// side and reason.
func (in Input) failures() []Failure {
	all := slices.Clone(in.Failures)
	for _, b := range in.Check.Missing[checks.Base] {
		all = append(all, Failure{Benchmark: b, Side: checks.Head, Reason: Missing})
	}
	for _, b := range in.Check.Missing[checks.Head] {
		all = append(all, Failure{Benchmark: b, Side: checks.Base, Reason: New})
	}
	var out []Failure
	for _, f := range all {
		if f.Reason == Missing && f.Side == checks.Base {
			f.Reason = New
		}
		f.Times = max(1, f.Times)
		i := slices.IndexFunc(out, func(o Failure) bool {
			return o.Benchmark == f.Benchmark && o.Side == f.Side && o.Reason == f.Reason
		})
		switch {
		case i < 0:
			out = append(out, f)
		case f.Reason != Missing && f.Reason != New:
			out[i].Times += f.Times
		}
	}
	slices.SortStableFunc(out, func(a, b Failure) int {
		return cmp.Or(strings.Compare(a.Benchmark, b.Benchmark), strings.Compare(a.Side, b.Side))
	})
	return out
}

// String says what failed where: Sort: crashed on head: exit status 2.
func (f Failure) String() string { return f.Benchmark + ": " + f.what() }

func (f Failure) what() string {
	var text string
	switch f.Reason {
	case Missing:
		text = "missing on head, though base has it"
	case New:
		text = "new: base lacks it"
	default:
		text = f.Reason + " on " + f.Side
	}
	if f.Times > 1 {
		text += fmt.Sprintf(", %d times", f.Times)
	}
	if f.Error != "" {
		text += ": " + f.Error
	}
	return text
}
