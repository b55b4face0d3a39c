package gate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// percent says 3.1 % of 0.031, with a true minus.
func percent(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "unknown"
	}
	if math.Abs(v) >= 0.9995 { // else it says 100.0 %
		return wording.Percent(v, 0)
	}
	return wording.Percent(v, 1)
}

// whole is percent of what people chose, most often whole: 3 %, 2.5 %.
func whole(v float64) string { return strings.Replace(percent(v), ".0", "", 1) }

// large is the ratio from which on it is said as a factor, not in percent.
const large = 10

// change says +8.1 % of a ratio of 1.081.
func change(ratio float64) string {
	switch {
	case math.IsNaN(ratio):
		return "unknown"
	case math.IsInf(ratio, 0):
		return "from 0"
	case ratio >= large:
		return strconv.FormatFloat(ratio, 'g', 3, 64) + "×"
	}
	text := percent(ratio - 1)
	if ratio > 1 && !strings.HasPrefix(text, "0.0") {
		text = "+" + text
	}
	return text
}

// span says +7.5 % to +8.7 %, or which end is not known.
func span(lo, hi float64) string {
	switch low, high := lo > 0, !math.IsInf(hi, 1); {
	case !low && !high || math.IsNaN(lo) || math.IsNaN(hi):
		return "unknown"
	case !low:
		return "below " + change(hi)
	case !high:
		return "above " + change(lo)
	}
	return change(lo) + " to " + change(hi)
}

// quantity writes a value of a tidy unit with the prefix that suits it: 62.1 µs
// of 62.1e-6 sec/op. What a value is counted per is said elsewhere.
func quantity(v float64, unit string) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "unknown"
	}
	return wording.Quantity(v, unit, digits)
}

// digits writes a number with three significant digits, whole ones as they are.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == math.Trunc(a) && a < 1e6:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 1e6:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return wording.Digits(v)
}

// pText writes a p-value.
func pText(p float64) string {
	switch {
	case !(p >= 0 && p <= 1):
		return "unknown"
	case p < 0.001:
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// took says 2m13s, in seconds below a minute.
func took(d time.Duration) string {
	if d < 10*time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Headline is the verdict of the check and what decided it.
func (o *Outcome) Headline() string { return string(o.Verdict) + ": " + o.Reason }

// Closing is the one line that says the verdict, what decided it, how long it
// took and the exit status.
func (o *Outcome) Closing() string {
	parts := []string{o.Headline()}
	if o.Took > 0 {
		parts = append(parts, "took "+took(o.Took))
	}
	status := "exit status " + strconv.Itoa(o.Status())
	if o.Verdict == Inconclusive && o.passes() {
		status += ", since inconclusive passes"
	}
	return strings.Join(append(parts, status), "; ")
}

// verdictText is the verdict of a decision as it is said.
func (d Decision) verdictText() string {
	switch {
	case d.improved():
		return "improved"
	case d.Verdict == verdict.Unknown:
		return "not comparable"
	}
	return string(d.Verdict)
}

// changeText is the change without its interval: +8.1 %.
func (d Decision) changeText() string {
	if d.Result.Certain && math.IsInf(d.Result.Ratio, 0) {
		return "from 0 to " + quantity(d.Head, d.Unit)
	}
	return change(d.Result.Ratio)
}

// intervalText is the interval of the change; nothing if the change is certain.
func (d Decision) intervalText() string {
	if d.Result.Certain {
		return ""
	}
	return span(d.Result.Lo, d.Result.Hi)
}

// withInterval is the change with its interval: +8.1 % (+7.5 % to +8.7 %).
func (d Decision) withInterval() string {
	if i := d.intervalText(); i != "" && i != "unknown" {
		return d.changeText() + " (" + i + ")"
	}
	return d.changeText()
}

// detectable is the smallest change for the worse that could have been seen.
func (d Decision) detectable() string {
	switch r := d.Result; {
	case math.IsInf(r.Detectable, 0) || r.Detectable == 0 || math.IsNaN(r.Detectable):
		return "none"
	default:
		return change(r.Detectable)
	}
}

// nText is the number of pairs, and of fresh ones that were to confirm.
func (d Decision) nText() string {
	if c := d.Result.Confirmation; c.N > 0 {
		return fmt.Sprintf("%d+%d", d.Result.N, c.N)
	}
	return strconv.Itoa(d.Result.N)
}

func (d Decision) pText() string {
	if d.Result.Certain {
		return "exact"
	}
	return pText(d.Result.Adjusted)
}

// Why says in words what a decision rests on.
func (d Decision) Why() string {
	r := d.Result
	switch {
	case d.Doubt != "":
		return fmt.Sprintf("the pairs say %s, but the control casts doubt on it", r.Verdict)
	case r.Err != nil:
		return r.Err.Error()
	case d.Verdict == verdict.Regressed && r.Certain:
		return fmt.Sprintf("every pair says %s instead of %s", quantity(d.Head, d.Unit), quantity(d.Base, d.Unit))
	case d.Verdict == verdict.Regressed && r.Confirmation.N > 0:
		return fmt.Sprintf("confirmed by %s: %s", wording.Count(r.Confirmation.N, "fresh pair"), change(r.Confirmation.Ratio))
	case d.Verdict == verdict.Inconclusive && r.Confirmation.N > 0:
		return fmt.Sprintf("looked worse, but %s did not confirm it: %s", wording.Count(r.Confirmation.N, "fresh pair"), change(r.Confirmation.Ratio))
	case d.Verdict == verdict.Inconclusive && r.Candidate:
		return "looked worse, but there was no time to confirm it"
	case d.Verdict == verdict.Inconclusive && r.Look == 0:
		return fmt.Sprintf("too few pairs to tell: %d", r.N)
	case d.Verdict == verdict.Inconclusive:
		return fmt.Sprintf("neither worse nor fine for certain after %s", wording.Count(r.N, "pair"))
	}
	return ""
}

// bySeverity orders decisions for people: what needs attention comes first.
func bySeverity(all []Decision) []Decision {
	rank := func(d Decision) int {
		switch {
		case d.Verdict == verdict.Regressed:
			return 0
		case d.Verdict == verdict.Unknown:
			return 1
		case d.Verdict == verdict.Inconclusive && d.Result.Candidate:
			return 2
		case d.Verdict == verdict.Inconclusive:
			return 3
		case d.improved():
			return 4
		}
		return 5
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Decision) int { return rank(a) - rank(b) })
	return sorted
}

// sides says what was compared: main (1a2b3c4) and fix (5d6e7f8, modified).
func (o *Outcome) sides() (base, head string) {
	return sideText(o.Check.Base.What, o.Check.Base.Revision, o.Check.Base.Modified), sideText(o.Check.Head.What, o.Check.Head.Revision, o.Check.Head.Modified)
}

func sideText(what, revision string, modified bool) string {
	const short = 10
	var notes []string
	if len(revision) > short {
		revision = strings.ToValidUTF8(revision[:short], "")
	}
	if revision != "" && !strings.HasPrefix(what, revision) {
		notes = append(notes, revision)
	}
	if modified {
		notes = append(notes, "modified")
	}
	if what == "" {
		what = "unnamed"
	}
	if len(notes) == 0 {
		return what
	}
	return what + " (" + strings.Join(notes, ", ") + ")"
}

// facts are what stands beside the verdicts: where, how, and what was not judged.
func (o *Outcome) facts() [][2]string {
	c := o.Check
	machine := strings.Join(slices.DeleteFunc([]string{c.Machine.CPU, cpus(c), strings.Trim(c.Machine.OS+"/"+c.Machine.Arch, "/")}, func(s string) bool { return s == "" }), ", ")
	all := [][2]string{
		{"machine", machine},
		{"go", goVersions(c.Base.Go, c.Head.Go)},
		{"margin", whole(o.Plan.Margin)},
		{"risk of any false regression", whole(o.Plan.Alpha)},
		{"looks", looks(o.Plan)},
		{"control", o.Control.text()},
	}
	for i, s := range o.Skipped {
		alike := func(other Skipped) bool { return other.Why == s.Why && other.Benchmarks == s.Benchmarks }
		if slices.ContainsFunc(o.Skipped[:i], alike) {
			continue // named with the first of them
		}
		var units []string
		for _, other := range o.Skipped[i:] {
			if alike(other) {
				units = append(units, other.Unit)
			}
		}
		all = append(all, [2]string{"not judged", fmt.Sprintf("%s of %s: %s", strings.Join(units, ", "), wording.Count(s.Benchmarks, "benchmark"), s.Why)})
	}
	return slices.DeleteFunc(all, func(kv [2]string) bool { return kv[1] == "" })
}

func (c *Control) text() string {
	if c == nil {
		return "none was measured, so that nothing is known of the machine"
	}
	text := change(c.Ratio)
	if s := span(c.Lo, c.Hi); s != "unknown" {
		text += " (" + s + ")"
	}
	if !math.IsNaN(c.Spread) {
		text += ", varied by " + percent(c.Spread)
	}
	return text + ", " + wording.Count(c.N, "pair")
}

func cpus(c checks.Check) string {
	if n := c.Machine.UsableCPUs; n > 0 {
		return wording.Count(n, "CPU")
	}
	return ""
}

func goVersions(base, head string) string {
	if base == head {
		return base
	}
	return fmt.Sprintf("%s and %s", cmp.Or(base, "unknown"), cmp.Or(head, "unknown"))
}

func looks(p verdict.Plan) string {
	if len(p.Looks) == 0 {
		return ""
	}
	if p.Final {
		return fmt.Sprintf("at all pairs that there are, %d or more", p.Looks[0])
	}
	words := make([]string, len(p.Looks))
	for i, n := range p.Looks {
		words[i] = strconv.Itoa(n)
	}
	text := "at " + strings.Join(words, ", ") + " pairs"
	if p.Confirm > 0 {
		text += fmt.Sprintf(", confirmed by %d more", p.Confirm)
	}
	return text
}
