package gate

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// TrendFormats lists the voices that trends are said in.
func TrendFormats() []Format { return []Format{Text, Markdown, JSON} }

// WriteTrends writes the trends in a format; the options are of text alone. In text
// and Markdown those with changes come first.
func WriteTrends(w io.Writer, trends []Trend, f Format, o TextOptions) error {
	if len(trends) == 0 {
		return errNoTrend
	}
	var text []byte
	var err error
	switch f {
	case Text:
		text = trendsText(trends, o)
	case Markdown:
		text = trendsMarkdown(trends)
	case JSON:
		text, err = trendsJSON(trends)
	default:
		err = fmt.Errorf("format %q: want one of text, markdown, json", f)
	}
	if err != nil {
		return fmt.Errorf("cannot write the trends: %w", err)
	}
	_, err = w.Write(text)
	return err
}

// changedFirst returns the trends with changes before those without.
func changedFirst(trends []Trend) []Trend {
	sorted := slices.Clone(trends)
	slices.SortStableFunc(sorted, func(a, b Trend) int { return min(1, len(b.Changes)) - min(1, len(a.Changes)) })
	return sorted
}

// machines returns those of the trends, in their order.
func machines(trends []Trend) []string {
	var names []string
	for _, t := range trends {
		if !slices.Contains(names, t.Machine) {
			names = append(names, t.Machine)
		}
	}
	return names
}

func trendsText(trends []Trend, o TextOptions) []byte {
	if o.Width > 0 {
		o.Width = max(o.Width, leastWidth)
	}
	var b strings.Builder
	several := len(machines(trends)) > 1
	for _, t := range changedFirst(trends) {
		text := t.Sentence()
		if t.Left > 0 {
			text += fmt.Sprintf("; %s before these left out", wording.Count(t.Left, "revision"))
		}
		if several {
			text += "; on " + t.Machine
		}
		var item strings.Builder
		o.paragraph(&item, "    ", t.Name()+": "+text)
		b.WriteString(item.String())
	}
	return []byte(b.String())
}

// trendsMarkdown is a table with a line for each change of level, and one for each
// trend without.
func trendsMarkdown(trends []Trend) []byte {
	var b strings.Builder
	changed := 0
	for _, t := range trends {
		changed += min(1, len(t.Changes))
	}
	fmt.Fprintf(&b, "## gvp trend: %d of %s changed\n\n", changed, wording.Count(len(trends), "trend"))
	all := machines(trends)
	for _, m := range all {
		fmt.Fprintf(&b, "Measured on %s.\n", inline(m))
	}
	head, rule := "| benchmark | unit | revisions | at | from | to | change | p |", "| :-- | :-- | --: | :-- | --: | --: | --: | --: |"
	if len(all) > 1 {
		head, rule = head+" machine |", rule+" :-- |"
	}
	fmt.Fprintf(&b, "\n%s\n%s\n", head, rule)
	line := func(t Trend, cells ...string) {
		revisions := fmt.Sprint(len(t.Points))
		if t.Left > 0 {
			revisions += fmt.Sprintf(", %d before left out", t.Left)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |", code(t.Benchmark), inline(t.Unit), revisions)
		if len(all) > 1 {
			cells = append(cells, inline(t.Machine))
		}
		for _, c := range cells {
			b.WriteString(" " + c + " |")
		}
		b.WriteString("\n")
	}
	for _, t := range changedFirst(trends) {
		if len(t.Changes) == 0 {
			level := inline(quantity(t.level(0, len(t.Points)), t.Unit))
			line(t, "", level, level, map[bool]string{true: "too few revisions", false: "none"}[len(t.Points) < leastPoints], "")
			continue
		}
		for _, c := range t.Changes {
			text := inline(t.changeText(c))
			if t.worse(c) {
				text = "**" + text + "**"
			}
			p := t.Points[c.At]
			line(t, strings.TrimSpace(code(p.label())+" "+inline(p.Subject)), inline(quantity(c.Before, t.Unit)), inline(quantity(c.After, t.Unit)), text, inline(pText(c.P)))
		}
	}
	return []byte(cut(b.String(), maxMarkdown))
}
