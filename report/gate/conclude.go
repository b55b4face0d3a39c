package gate

import (
	"fmt"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// conclude makes one verdict of all. The package says in which order.
func (o *Outcome) conclude() {
	for _, rule := range []struct {
		verdict Verdict
		reason  func() string
	}{
		{Regressed, o.regressedReason},
		{Unmeasured, o.unmeasuredReason},
		{Inconclusive, o.inconclusiveReason},
	} {
		if o.Reason = rule.reason(); o.Reason != "" {
			o.Verdict = rule.verdict
			return
		}
	}
	o.Verdict, o.Reason = Fine, o.fineReason()
}

func (o *Outcome) regressedReason() string {
	var names []string
	for _, d := range o.Regressions() {
		names = append(names, d.String()+" "+d.changeText())
	}
	return some(names)
}

// unmeasuredReason says why there is no telling what head does.
func (o *Outcome) unmeasuredReason() string {
	var names []string
	fresh := 0
	for _, f := range o.Failures {
		switch {
		case f.Reason == New:
			fresh++
		case f.Side == checks.Head:
			names = append(names, f.Benchmark+" "+f.short())
		}
	}
	for _, d := range o.with(verdict.Unknown) {
		names = append(names, d.String()+" cannot be compared")
	}
	switch {
	case len(names) > 0:
		return some(names)
	case len(o.Decisions) > 0:
		return ""
	case len(o.Failures) > fresh:
		return "every benchmark failed"
	case o.Check.Stopped != "":
		return "" // it never came to a pair
	case fresh > 0:
		return "base has none of the benchmarks"
	case len(o.Skipped) > 0:
		return "no unit to judge"
	}
	return "no benchmark matched"
}

func (o *Outcome) inconclusiveReason() string {
	if doubt := o.doubted(); doubt != "" {
		return doubt
	}
	var names []string
	for _, d := range o.with(verdict.Inconclusive) {
		names = append(names, d.String())
	}
	if len(names) > 0 {
		return some(names) + o.whyOpen()
	}
	for _, f := range o.Failures {
		if f.Side == checks.Base && f.Reason != New && !o.fine(f.Benchmark) {
			names = append(names, f.Benchmark+" "+f.short())
		}
	}
	if len(names) == 0 && len(o.Decisions) == 0 {
		return strings.TrimPrefix(o.whyOpen(), ": ") + " before the first pair of samples"
	}
	return some(names)
}

// doubted says what a guard had against verdicts, if it took any back.
func (o *Outcome) doubted() string {
	for _, d := range o.Decisions {
		if d.Doubt != "" {
			return d.Doubt
		}
	}
	return ""
}

// whyOpen says why measuring ended while something was open.
func (o *Outcome) whyOpen() string {
	switch {
	case o.Check.Stopped == "time":
		return ": time was up"
	case o.Check.Stopped != "":
		return ": " + o.Check.Stopped
	case o.Open():
		return ": more pairs are needed"
	}
	return ": too noisy, or too close to the margin, for this many pairs"
}

// fine reports whether a benchmark was judged and all that was judged is fine.
func (o *Outcome) fine(benchmark string) bool {
	judged := false
	for _, d := range o.Decisions {
		if d.Benchmark == benchmark {
			if d.Verdict != verdict.Fine {
				return false
			}
			judged = true
		}
	}
	return judged
}

func (o *Outcome) fineReason() string {
	text := fmt.Sprintf("none of %s is worse by %s or more", wording.Count(len(o.Decisions), "decision"), whole(o.Plan.Margin))
	better := 0
	for _, d := range o.Decisions {
		if d.improved() {
			better++
		}
	}
	if better > 0 {
		text += fmt.Sprintf(", %d improved", better)
	}
	return text
}

// short is what happened without the details.
func (f Failure) short() string {
	if f.Reason == Missing {
		return "is missing on head"
	}
	return f.Reason + " on " + f.Side
}

// mostNamed is how many names a line has.
const mostNamed = 3

// some lists the first few names and says how many more there are.
func some(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}
