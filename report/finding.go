package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// Name says what the finding is about: hash (size=64KiB), 2 workers.
func (f Finding) Name() string { return f.Row.Label() + ", " + wording.Count(f.Workers, "worker") }

// String returns the finding as a sentence: which mode won, by how much, and
// how sure that is.
func (f Finding) String() string { return wording.Breakable(f.Name() + ": " + f.Sentence()) }

// Sentence returns what the finding says after its name, with spaces that do
// not break between numbers and their units.
func (f Finding) Sentence() string {
	if rest := f.rest(); rest != "" {
		return f.Verdict() + "; " + rest
	}
	return f.Verdict() + "."
}

// Verdict says in few words which mode leads.
func (f Finding) Verdict() string {
	ties := f.ties()
	switch {
	case len(f.Rivals) == 0:
		return fmt.Sprintf("%s, the only mode measured, %s", f.Best, f.level())
	case len(ties) == 1 && f.Speedup.Bounded() && f.Speedup.Hi < 1:
		return fmt.Sprintf("serial is faster than all; of the others, %s wins, %s", f.Best, f.level())
	case len(ties) == 1:
		return fmt.Sprintf("%s wins, %s", f.Best, f.level())
	}
	if f.blind() {
		return fmt.Sprintf("too few samples to tell a difference between %s (%s)", list(ties), f.reach())
	}
	return fmt.Sprintf("no difference that this run could tell between %s (%s)", list(ties), f.reach())
}

// rest says what there is to say beside the verdict: how close the closest of
// the modes are that cannot be told apart, if there are enough samples to say
// so, how much slower the others are, and whether there are too few samples.
func (f Finding) rest() string {
	var parts []string
	for _, v := range f.Rivals {
		if v.Tied && v.Time.Known() && !f.blind() {
			parts = append(parts, fmt.Sprintf("the medians of %s and %s are %s", f.Best, v.Mode, apart(v)))
			break
		}
	}
	if slower := f.slower(); len(slower) > 0 {
		parts = append(parts, slowerThan(slower))
	}
	switch {
	case f.blind():
		parts = append(parts, fmt.Sprintf("with %s a mode no difference can show: take at least %d", f.counted(), f.enough()))
	case f.unbounded():
		parts = append(parts, fmt.Sprintf("with %s a mode there is no 95\u00a0%% interval: take at least %d", f.counted(), f.enough()))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "; ") + "."
}

// level says how fast the best mode is: against serial or, without that, in
// seconds.
func (f Finding) level() string {
	if !f.Speedup.Known() {
		return "at " + withInterval(f.Seconds, "sec") + " a unit"
	}
	return speedup(f.Speedup)
}

// reach says how fast the modes are that cannot be told apart.
func (f Finding) reach() string {
	lo, hi := f.spread[0].Center, f.spread[0].Center
	for _, s := range f.spread {
		lo, hi = min(lo, s.Center), max(hi, s.Center)
	}
	switch a, b := times(lo), times(hi); {
	case !f.Speedup.Known():
		return "about " + quantity(f.Seconds.Center, "sec") + " a unit"
	case a == b:
		return "all " + a + " serial"
	default:
		return strings.TrimSuffix(a, "×") + "–" + b + " serial"
	}
}

// speedup says 1.97× serial (95 % CI 1.94–2.00).
func speedup(r Ratio) string {
	if !r.Bounded() {
		return times(r.Center) + " serial"
	}
	return fmt.Sprintf("%s serial (95\u00a0%%\u00a0CI\u00a0%s–%s)", times(r.Center), factor(r.Lo), factor(r.Hi))
}

// slowerThan lists the modes that are slower for certain.
func slowerThan(slower []Rival) string {
	// Where all have the same p-value it is said once.
	same := !slices.ContainsFunc(slower, func(v Rival) bool {
		return v.P != slower[0].P || v.Time.N1 != slower[0].Time.N1 || v.Time.N2 != slower[0].Time.N2
	})
	items := make([]string, len(slower))
	for i, v := range slower {
		items[i] = v.Mode + " " + lag(v, !same || len(slower) == 1)
	}
	text := list(items)
	if same && len(slower) > 1 {
		text += fmt.Sprintf(" (each %s)", test(slower[0]))
	}
	return text
}

// large is the ratio of times from which on it is said as a factor, not in
// percent.
const large = 1.5

// lag says how much slower a rival is: is 3.1 % slower (95 % CI 1.2 % to 4.9 %,
// p=0.011, n=6+6), or takes 1.98× as long.
func lag(v Rival, withTest bool) string {
	if v.Time.Center < large {
		return "is " + percent(v.Time.Center-1) + " slower" + notes(v, withTest)
	}
	return "takes " + times(v.Time.Center) + " as long" + notes(v, withTest)
}

// apart says how far the median of a rival that may well be as good is from the
// best one.
func apart(v Rival) string {
	if v.Time.Center < large {
		return percent(v.Time.Center-1) + " apart" + notes(v, true)
	}
	return "a factor of " + factor(v.Time.Center) + " apart" + notes(v, true)
}

// notes says in brackets how sure a ratio of times is.
func notes(v Rival, withTest bool) string {
	var notes []string
	switch r := v.Time; {
	case r.Bounded() && r.Center < large:
		notes = append(notes, fmt.Sprintf("95\u00a0%%\u00a0CI\u00a0%s to %s", percent(r.Lo-1), percent(r.Hi-1)))
	case r.Bounded():
		notes = append(notes, fmt.Sprintf("95\u00a0%%\u00a0CI\u00a0%s–%s", factor(r.Lo), factor(r.Hi)))
	}
	if withTest {
		notes = append(notes, test(v))
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}

func test(v Rival) string {
	return fmt.Sprintf("%s, n=%d+%d", pValue(v.P), v.Time.N2, v.Time.N1)
}

// counted says how many samples the modes have.
func (f Finding) counted() string {
	if f.N[0] == f.N[1] {
		return wording.Count(f.N[0], "sample")
	}
	return fmt.Sprintf("%d to %d samples", f.N[0], f.N[1])
}

// enough returns how many samples a mode needs for a difference to show, and
// for medians and ratios to have intervals: the latter takes 6 and 4.
func (f Finding) enough() int {
	n := 6
	for smallestP(n, n)*float64(pairs(len(f.Rivals)+1)) > alpha {
		n++
	}
	return n
}

// unbounded reports whether some ratio has no interval.
func (f Finding) unbounded() bool {
	if f.Speedup.Known() && !f.Speedup.Bounded() {
		return true
	}
	return slices.ContainsFunc(f.Rivals, func(v Rival) bool { return v.Time.Known() && !v.Time.Bounded() })
}

// Headline returns the finding in few words, for the title of a chart.
func (f Finding) Headline() string {
	ties := f.ties()
	at := " at " + wording.Count(f.Workers, "worker")
	switch {
	case f.blind():
		return f.Row.Workload + ": too few samples to tell the modes apart" + at
	case len(ties) > 1 && f.Speedup.Known():
		return fmt.Sprintf("%s: %s cannot be told apart, %s%s", f.Row.Workload, list(ties), f.reach(), at)
	case len(ties) > 1:
		return fmt.Sprintf("%s: %s cannot be told apart%s", f.Row.Workload, list(ties), at)
	case f.Speedup.Known():
		return fmt.Sprintf("%s: %s wins, %s serial%s", f.Row.Workload, f.Best, times(f.Speedup.Center), at)
	}
	return fmt.Sprintf("%s: %s wins%s", f.Row.Workload, f.Best, at)
}
