package report

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// decisionTitle names the section.
const decisionTitle = "Which mode for which task"

// decisionLegend says how to read the map where there is no room for its
// definition.
const decisionLegend = "Below a mode that wins: the next one, how much longer it takes, and the speedup over serial. " +
	"The size of a task is what serial takes for it, to the nearest power of ten."

// String says what the sentence says, of what, with plain spaces.
func (d Decision) String() string { return wording.Breakable(decisionTitle + ": " + d.Sentence()) }

// Name names the line: CPU: spin.
func (l DecisionLine) Name() string {
	if l.Kind == Unknown {
		return l.Workload
	}
	return string(l.Kind) + ": " + l.Workload
}

// work names what a line is about, within a sentence: CPU work (spin).
func (l DecisionLine) work() string {
	switch l.Kind {
	case CPUWork, Mixed:
		return fmt.Sprintf("%s work (%s)", l.Kind, l.Workload)
	case Waiting:
		return fmt.Sprintf("waiting (%s)", l.Workload)
	}
	return l.Workload
}

// decadeName names a size of tasks: 10 µs.
func decadeName(decade int) string {
	text := seconds(math.Pow10(decade))
	number, unit, _ := strings.Cut(text, wording.NBSP)
	if whole, fraction, ok := strings.Cut(number, "."); ok && strings.Trim(fraction, "0") == "" {
		number = whole // 1 µs, not 1.00 µs
	}
	return number + wording.NBSP + unit
}

// Headline says in few words how often goroutines are among the fastest, or
// serial, and how often only processes are.
func (d Decision) Headline() string {
	all := d.all()
	with, alone := 0, 0
	processes := false
	var plain []string
	for _, mode := range []string{"goroutine", serial} {
		if slices.ContainsFunc(all, func(f *DecisionField) bool { return slices.Contains(f.Among, mode) }) {
			plain = append(plain, mode)
		}
	}
	for _, f := range all {
		if f.unclear() {
			return "Too few samples to tell all modes apart"
		}
		if slices.ContainsFunc(plain, func(m string) bool { return slices.Contains(f.Among, m) }) {
			with++
		}
		if onlyProcesses(f.Among) {
			alone++
		}
		processes = processes || slices.ContainsFunc(processModes, f.has)
	}
	fields := wording.Count(len(all), "field")
	switch {
	case with == len(all):
		return fmt.Sprintf("%s is among the fastest in all %s", strings.Join(plain, " or "), fields)
	case with > 0:
		text := fmt.Sprintf("%s is among the fastest in %d of %s", strings.Join(plain, " or "), with, fields)
		switch {
		case alone > 0:
			text += fmt.Sprintf("; in %d, only processes are", alone)
		case processes:
			text += "; there is none in which only processes are"
		}
		return text
	}
	if !processes {
		return "neither goroutine nor serial is among the fastest in any of " + fields
	}
	return fmt.Sprintf("only processes are among the fastest in %s of %s", none(alone), fields)
}

func onlyProcesses(modes []string) bool {
	return !slices.ContainsFunc(modes, func(m string) bool { return !slices.Contains(processModes, m) })
}

// has reports whether the mode was measured.
func (f *DecisionField) has(mode string) bool {
	return f.Best == mode || slices.ContainsFunc(f.Rivals, func(v Rival) bool { return v.Mode == mode })
}

// Sentence says, for each kind of work, which mode to take: of those that none
// could be told to beat, the simplest.
func (d Decision) Sentence() string {
	var advice []string // each once, with the kinds of work that it is for
	work := make(map[string][]string)
	for _, l := range d.Lines {
		text := d.advice(l)
		if text == "" {
			continue
		}
		if work[text] == nil {
			advice = append(advice, text)
		}
		work[text] = append(work[text], l.work())
	}
	if len(advice) == 0 {
		return d.Headline() + "."
	}
	for i, text := range advice {
		advice[i] = "for " + list(work[text]) + " " + text
	}
	return d.Headline() + ". The simplest mode that no other beats for certain: " + strings.Join(advice, "; ") + "."
}

// advice says which mode is the simplest of the fastest ones, size by size:
// serial up to 1 µs, goroutine from 10 µs on.
func (d Decision) advice(l DecisionLine) string {
	type stretch struct {
		mode     string
		from, to int
	}
	var all []stretch
	for i, f := range l.Fields {
		if f == nil || f.unclear() {
			continue
		}
		if n := len(all); n > 0 && all[n-1].mode == f.Among[0] {
			all[n-1].to = i
			continue
		}
		all = append(all, stretch{f.Among[0], i, i})
	}
	if len(all) == 1 {
		return all[0].mode + " at every size"
	}
	var words []string
	for i, st := range all {
		from, to := decadeName(d.Decades[st.from]), decadeName(d.Decades[st.to])
		switch {
		case st.from == st.to:
			words = append(words, st.mode+" at "+from)
		case i == 0:
			words = append(words, st.mode+" up to "+to)
		case i == len(all)-1:
			words = append(words, st.mode+" from "+from+" on")
		default:
			words = append(words, st.mode+" from "+from+" to "+to)
		}
	}
	return strings.Join(words, ", ")
}

// Definition says what the fields are.
func (d Decision) Definition() string {
	workers := "the number of workers of the findings"
	fs := d.all()
	if !slices.ContainsFunc(fs, func(f *DecisionField) bool { return f.Workers != fs[0].Workers }) {
		workers = wording.Count(fs[0].Workers, "worker")
	}
	return fmt.Sprintf("A field is the finding about tasks of that kind and size, at %s: the fastest mode, how much longer the next one takes, "+
		"and its speedup over serial; or the modes of which this run could not tell which is fastest. serial, one worker in a plain loop, is one of the modes. "+
		"The size of a task is the power of ten nearest to what serial takes for it; "+
		"the kind of work is the share of that which it spends on a CPU, at the largest size: %.0f"+wording.NBSP+"%% and more, %.0f"+wording.NBSP+"%% and less, or between.",
		workers, 100*busyShare, 100*idleShare)
}

// verdict says what the field is: the mode that wins, or that none does.
func (f *DecisionField) verdict() string {
	switch {
	case f.unclear():
		return "too few samples"
	case len(f.Among) > 1:
		return "no difference"
	}
	return f.Among[0]
}

// reason says what there is to say below the verdict: how much longer the next
// mode takes, or which modes could not be told apart, and what they reach over
// serial.
func (f *DecisionField) reason() []string {
	if f.unclear() {
		return nil
	}
	var lines []string
	if len(f.Among) > 1 {
		lines = slices.Clone(f.Among)
	} else if f.Margin.Known() {
		lines = append(lines, f.Next+" "+longer(f.Margin.Center))
	}
	if text := f.reached(); text != "" {
		lines = append(lines, text)
	}
	return lines
}

// longer says +31 %, or 2.31×.
func longer(ratio float64) string {
	if ratio < large {
		return "+" + percent(ratio-1)
	}
	return times(ratio)
}

// reached says what the fastest modes reach over serial; nothing if that is
// serial.
func (f *DecisionField) reached() string {
	if f.unclear() || !f.Speedup.Known() || len(f.Among) == 1 && f.Among[0] == serial {
		return ""
	}
	return strings.TrimPrefix(f.reach(), "all ")
}

// decisionText returns the section of the report as text.
func (r *Report) decisionText(o TextOptions) string {
	var b strings.Builder
	for _, s := range r.Suites {
		d, ok := s.Decision()
		if !ok {
			continue
		}
		title := results.Printable(r.named(s, []string{decisionTitle})[0])
		if o.Color {
			title = boldStyle + title + resetStyle
		}
		fmt.Fprintf(&b, "\n%s\n%s%s", title, wrapped(d.Sentence(), o.Width), wrapped(decisionLegend, o.Width))
		d.writeText(&b, o.Width)
	}
	return b.String()
}

// writeText writes the map: sizes across, a block of lines for each workload.
func (d Decision) writeText(b *strings.Builder, width int) {
	head := []string{"task"}
	for _, decade := range d.Decades {
		head = append(head, decadeName(decade))
	}
	var blocks []blockLine
	for _, l := range d.Lines {
		block := blockLine{{l.Name()}}
		for _, f := range l.Fields {
			cell := []string{"–"}
			if f != nil {
				cell = append([]string{f.verdict()}, f.reason()...)
			}
			block = append(block, cell)
		}
		blocks = append(blocks, block)
	}
	writeBlocks(b, head, blocks, width)
}

// DecisionMarkdown returns the maps in Markdown; nothing if there are none.
func (r *Report) DecisionMarkdown() []byte {
	var b bytes.Buffer
	for _, s := range r.Suites {
		d, ok := s.Decision()
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n| task |", inline(r.named(s, []string{decisionTitle})[0]), inline(d.Sentence()))
		for _, decade := range d.Decades {
			fmt.Fprintf(&b, " %s |", inline(decadeName(decade)))
		}
		b.WriteString("\n| :-- |" + strings.Repeat(" :-- |", len(d.Decades)) + "\n")
		for _, l := range d.Lines {
			fmt.Fprintf(&b, "| %s |", inline(l.Name()))
			for _, f := range l.Fields {
				b.WriteString(" " + f.markdown() + " |")
			}
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "\n%s\n", inline(d.Definition()))
	}
	return b.Bytes()
}

func (f *DecisionField) markdown() string {
	if f == nil {
		return "–"
	}
	cells := []string{inline(f.verdict())}
	if len(f.Among) == 1 {
		cells[0] = "**" + cells[0] + "**"
	}
	for _, text := range f.reason() {
		cells = append(cells, inline(text))
	}
	return strings.Join(cells, "<br>")
}
