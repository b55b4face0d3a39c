package gate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// github says the outcome as workflow commands, which GitHub shows beside the
// code, or at the job where no file is known
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
// What goes wrong is an error, what is open a warning; what is fine is not
// said.
func (o *Outcome) github() []byte {
	var b strings.Builder
	open := "warning"
	if o.Status() == StatusInconclusive {
		open = "error"
	}
	if doubt := o.Control.Doubt(); doubt != "" {
		o.annotate(&b, "warning", "", "Machine", doubt)
	}
	for _, d := range o.Decisions {
		switch d.Verdict {
		case verdict.Regressed:
			o.annotate(&b, "error", d.Benchmark, "Regression", d.Sentence())
		case verdict.Inconclusive:
			o.annotate(&b, open, d.Benchmark, "Inconclusive", d.Sentence())
		case verdict.Unknown:
			o.annotate(&b, "error", d.Benchmark, "Not comparable", d.Sentence())
		}
	}
	for _, f := range o.Failures {
		level := "error"
		if f.Side == checks.Base {
			level = open
		}
		if f.Reason == New {
			level = "notice"
		}
		o.annotate(&b, level, f.Benchmark, "Not measured", f.String())
	}
	if b.Len() == 0 && o.Verdict == Unmeasured {
		o.annotate(&b, "error", "", "gvp check", o.Headline())
	}
	return []byte(b.String())
}

// Sentence says the decision in one: Hash sec/op regressed: 2.00 ms to 2.16 ms,
// +8.1 % (+7.5 % to +8.7 %), confirmed by 10 fresh pairs: +8.2 %.
func (d Decision) Sentence() string {
	text := fmt.Sprintf("%s %s: %s to %s, %s", d.String(), d.verdictText(), quantity(d.Base, d.Unit), quantity(d.Head, d.Unit), d.withInterval())
	if why := d.Why(); why != "" {
		text += ", " + why
	}
	return wording.Breakable(text)
}

func (o *Outcome) annotate(b *strings.Builder, level, benchmark, title, message string) {
	var properties []string
	if s, ok := o.Sources[benchmark]; ok && s.File != "" {
		properties = append(properties, "file="+property(s.File))
		if s.Line > 0 {
			properties = append(properties, "line="+strconv.Itoa(s.Line))
		}
	}
	properties = append(properties, "title="+property(title))
	fmt.Fprintf(b, "::%s %s::%s\n", level, strings.Join(properties, ","), data(wording.Breakable(message)))
}

// GitHubError returns the workflow command that shows a message as an error of the
// job.
func GitHubError(message string) string {
	return fmt.Sprintf("::error title=gvp check::%s\n", data(wording.Breakable(message)))
}

// mostMessage bounds a message, of which GitHub cuts off more than 4 KiB.
const mostMessage = 1000

// data and property escape as GitHub's own toolkit does
// (https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts).
func data(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(shortened(results.Printable(text), mostMessage))
}

func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(text))
}
