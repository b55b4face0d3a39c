package gate

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
)

// A SelfTest is what the checks of a self-test came to.
type SelfTest struct {
	// Same is a check of a binary against itself.
	Same *Outcome

	// Slowed is a check against a head of which Benchmark is slower by Injected
	// (0.1 is 10 %), and Swapped is one with the sides of that swapped.
	Slowed, Swapped *Outcome

	// SlowedStatus is the exit status that the tool has for Slowed.
	SlowedStatus int

	Benchmark string
	Injected  float64

	Took time.Duration
}

// A Step is one thing that a self-test asks.
type Step struct {
	Name   string
	Passed bool
	Found  string // what was seen, in words
}

// Steps says of each thing whether the gate can be trusted with it on this
// machine. What was not measured has not passed.
func (s SelfTest) Steps() []Step {
	steps := []Step{s.same(), s.slowed()}
	passed, found := s.mirrored()
	return append(steps, Step{"swapped sides give mirrored verdicts", passed, found})
}

// same asks that there is no false regression, nor anything that only fresh samples
// have kept from being one: else they alone would stand for what the level of
// the plan promises. Decisions that stay open on a noisy machine are neither, and
// are said.
func (s SelfTest) same() Step {
	step := Step{Name: "a binary against itself is no regression"}
	switch o := s.Same; {
	case o == nil || o.Verdict == Unmeasured:
		step.Found = unmeasured(o)
	case len(o.Regressions()) > 0:
		step.Found = "false alarm: " + o.Reason
	case len(o.suspects()) > 0:
		step.Found = "false suspicion, which fresh samples did not confirm: " + some(o.suspects())
	default:
		step.Passed = true
		step.Found = fmt.Sprintf("%d of %s fine", len(o.with(verdict.Fine)), wording.Count(len(o.Decisions), "decision"))
		if n := len(o.with(verdict.Inconclusive)); n > 0 {
			step.Found += fmt.Sprintf(", %d inconclusive", n)
		}
	}
	return step
}

// slowed asks that what was made slower regressed, and nothing else.
func (s SelfTest) slowed() Step {
	step := Step{Name: fmt.Sprintf("%s made %s slower is a regression", s.Benchmark, whole(s.Injected))}
	if s.Slowed == nil || s.Slowed.Verdict == Unmeasured {
		step.Found = unmeasured(s.Slowed)
		return step
	}
	d, ok := s.Slowed.decision(s.Benchmark, results.SecPerOp)
	if !ok {
		step.Found = "it was not measured"
		return step
	}
	step.Found = d.verdictText() + ", " + d.withInterval()
	if d.Verdict != verdict.Regressed && d.Why() != "" {
		step.Found += ", " + d.Why()
	}
	step.Passed = d.Verdict == verdict.Regressed
	if step.Passed && s.SlowedStatus != StatusRegressed {
		step.Passed = false
		step.Found += fmt.Sprintf(", and the exit status is %d instead of %d", s.SlowedStatus, StatusRegressed)
	}
	for _, r := range s.Slowed.Regressions() {
		if r.Benchmark != s.Benchmark {
			step.Passed = false
			step.Found += "; false alarm: " + r.String() + " " + r.changeText()
		}
	}
	return step
}

// mirrored asks that what regressed is better with the sides swapped, and that
// nothing regresses both ways.
func (s SelfTest) mirrored() (bool, string) {
	if s.Slowed == nil || s.Swapped == nil || s.Swapped.Verdict == Unmeasured {
		return false, unmeasured(s.Swapped)
	}
	compared := 0
	for _, d := range s.Slowed.Decisions {
		m, ok := s.Swapped.decision(d.Benchmark, d.Unit)
		if !ok {
			return false, d.String() + " was measured one way only"
		}
		for _, pair := range [][2]Decision{{d, m}, {m, d}} {
			if pair[0].Verdict == verdict.Regressed {
				compared++
				if other := pair[1]; other.Verdict != verdict.Fine || !other.better() {
					return false, fmt.Sprintf("%s regressed one way and is %s (%s) the other way", d.String(), other.verdictText(), other.withInterval())
				}
			}
		}
	}
	if compared == 0 {
		return false, "nothing regressed either way, so that there is nothing to compare"
	}
	return true, "what regressed one way is better the other way"
}

// better reports whether the estimate is on the good side.
func (d Decision) better() bool {
	if d.Higher {
		return d.Result.Ratio > 1
	}
	return d.Result.Ratio < 1
}

func (o *Outcome) decision(benchmark, unit string) (Decision, bool) {
	for _, d := range o.Decisions {
		if d.Benchmark == benchmark && d.Unit == unit {
			return d, true
		}
	}
	return Decision{}, false
}

// suspects names the decisions that are or were candidates.
func (o *Outcome) suspects() []string {
	var names []string
	for _, d := range o.Decisions {
		if d.Result.Candidate {
			names = append(names, d.String()+" "+d.changeText())
		}
	}
	return names
}

func unmeasured(o *Outcome) string {
	if o == nil {
		return "was not measured"
	}
	return o.Headline()
}

// Status returns the exit status: 0 if all passed; 4 if something could not be
// measured; else 1.
func (s SelfTest) Status() int {
	for _, o := range []*Outcome{s.Same, s.Slowed, s.Swapped} {
		if o == nil || o.Verdict == Unmeasured {
			return StatusUnmeasured
		}
	}
	for _, step := range s.Steps() {
		if !step.Passed {
			return StatusRegressed
		}
	}
	return StatusFine
}

// Closing says what the self-test came to, in a line.
func (s SelfTest) Closing() string {
	steps := s.Steps()
	passed := 0
	for _, step := range steps {
		if step.Passed {
			passed++
		}
	}
	text := fmt.Sprintf("self-test passed: the gate works on this machine, %d of %d", passed, len(steps))
	if s.Status() != StatusFine {
		text = fmt.Sprintf("self-test failed: do not trust the gate on this machine, %d of %d passed", passed, len(steps))
	}
	if s.Took > 0 {
		text += "; took " + took(s.Took)
	}
	return fmt.Sprintf("%s; exit status %d", text, s.Status())
}

// WriteText writes the steps and, in the last line, what they come to.
func (s SelfTest) WriteText(w io.Writer, o TextOptions) error {
	if o.Width > 0 {
		o.Width = max(o.Width, leastWidth)
	}
	var b strings.Builder
	for _, step := range s.Steps() {
		mark, as := "passed", green
		if !step.Passed {
			mark, as = "FAILED", red
		}
		var item strings.Builder
		o.paragraph(&item, "        ", mark+"  "+step.Name+": "+step.Found)
		b.WriteString(o.styled(as, mark) + strings.TrimPrefix(item.String(), mark))
	}
	b.WriteString("\n")
	o.paragraph(&b, "", s.Closing())
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteSimulation writes the outcomes of simulated checks as a table, with what
// they say below it, so that a user can choose the number of rounds.
func WriteSimulation(w io.Writer, s verdict.Simulation, outcomes []verdict.Outcome, o TextOptions) error {
	if o.Width > 0 {
		o.Width = max(o.Width, leastWidth)
	}
	rows := [][]string{{"change", "of", "checks", "false alarms", "found", "called fine", "open", "pairs", "saved"}}
	for _, x := range outcomes {
		rows = append(rows, simulationRow(x, decisionsOf(s)))
	}
	var b strings.Builder
	if table := aligned(rows, o); o.Width > 0 && widestLine(table) > o.Width {
		for _, x := range outcomes {
			r := simulationRow(x, decisionsOf(s))
			var parts []string
			for i, cell := range r[1:] {
				parts = append(parts, rows[0][i+1]+" "+cell)
			}
			o.paragraph(&b, "  ", r[0]+": "+strings.Join(parts, ", "))
		}
	} else {
		b.WriteString(table)
	}
	b.WriteString("\n")
	for _, line := range simulationWords(s, outcomes) {
		o.paragraph(&b, "  ", line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func decisionsOf(s verdict.Simulation) int {
	if s.Decisions == 0 {
		return len(s.Noise)
	}
	return s.Decisions
}

func simulationRow(x verdict.Outcome, decisions int) []string {
	changed := "none"
	switch x.Changed {
	case 0:
	case decisions:
		changed = "all " + fmt.Sprint(decisions)
	default:
		changed = fmt.Sprintf("%d of %d", x.Changed, decisions)
	}
	return []string{
		change(1 + x.Change), changed, fmt.Sprint(x.Runs), share(x.Alarms, x.Runs),
		share(x.Found, x.Changed*x.Runs), share(x.Missed, x.Changed*x.Runs), rate(x.Inconclusive), digits(x.Pairs), rate(x.Saved()),
	}
}

// share says which part of a number something is.
func share(n, of int) string {
	if of == 0 {
		return "–"
	}
	return percent(float64(n) / float64(of))
}

func rate(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	return percent(v)
}

// simulationWords says what the table says.
func simulationWords(s verdict.Simulation, outcomes []verdict.Outcome) []string {
	var lines []string
	p := s.Plan
	lines = append(lines, fmt.Sprintf("%s, margin %s, looks %s.", wording.Count(decisionsOf(s), "decision"), whole(p.Margin), looks(p)))
	worst := math.NaN()
	for _, x := range outcomes {
		if v := x.FalseAlarms(); x.Runs > 0 && !(v <= worst) {
			worst = v
		}
	}
	if !math.IsNaN(worst) {
		lines = append(lines, fmt.Sprintf("False alarms: at most %s of the checks had one; %s are allowed.", percent(worst), whole(p.Alpha)))
	}
	for _, x := range outcomes {
		if x.Changed == 1 && x.Change > p.Margin && x.Runs > 0 {
			lines = append(lines, fmt.Sprintf("A change of %s in one of them is found in %s of the checks.", change(1+x.Change), percent(x.Power())))
		}
	}
	if len(outcomes) > 0 && outcomes[0].Fixed > 0 && outcomes[0].Runs > 0 {
		lines = append(lines, fmt.Sprintf("Looking early saves %s of the pairs if nothing changed: %s instead of %s.", percent(outcomes[0].Saved()), digits(outcomes[0].Pairs), digits(outcomes[0].Fixed)))
	}
	return lines
}

// aligned writes rows of cells below each other, numbers to the right.
func aligned(rows [][]string, o TextOptions) string {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for k, r := range rows {
		for i, cell := range r {
			text := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + wording.Breakable(cell)
			if k == 0 {
				text = o.styled(bold, text)
			}
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// widestLine returns the columns of the widest line, without what sets colours.
func widestLine(text string) int {
	text = strings.NewReplacer(string(bold), "", reset, "").Replace(text)
	widest := 0
	for line := range strings.Lines(text) {
		widest = max(widest, utf8.RuneCountInString(strings.TrimRight(line, "\n")))
	}
	return widest
}
