package gate

import (
	"fmt"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
)

// maxMarkdown is how long a text GitHub takes as a comment, in bytes, with some
// room for what is written around it.
const maxMarkdown = 60_000

// markdown says the outcome as a comment of a pull request: the verdict, a table
// of what is not fine, and all else folded.
func (o *Outcome) markdown() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "## gvp check: %s\n\n%s.\n\n", o.Verdict, inline(o.Reason))
	base, head := o.sides()
	fmt.Fprintf(&b, "Base %s, head %s", code(base), code(head))
	if o.Took > 0 {
		fmt.Fprintf(&b, "; took %s", took(o.Took))
	}
	fmt.Fprintf(&b, "; exit status %d.\n", o.Status())
	if doubt := o.Control.Doubt(); doubt != "" && doubt != o.Reason {
		fmt.Fprintf(&b, "\n> [!WARNING]\n> %s\n", inline(doubt))
	}
	var open, settled []Decision
	for _, d := range bySeverity(o.Decisions) {
		if d.Verdict == verdict.Fine {
			settled = append(settled, d)
		} else {
			open = append(open, d)
		}
	}
	writeTable(&b, open)
	for _, e := range o.Explanations {
		fmt.Fprintf(&b, "\n**What got slower in %s**\n\n", code(e.Benchmark))
		for _, line := range e.Lines() {
			fmt.Fprintf(&b, "- %s\n", inline(line))
		}
	}
	o.failuresMarkdown(&b)
	var fine, why, facts strings.Builder
	writeTable(&fine, settled)
	for _, d := range bySeverity(o.Decisions) {
		if text := d.Why(); text != "" {
			fmt.Fprintf(&why, "- %s %s: %s\n", code(d.Benchmark), inline(d.Unit), inline(text))
		}
	}
	for _, f := range o.facts() {
		fmt.Fprintf(&facts, "- %s: %s\n", f[0], inline(f[1]))
	}
	if len(o.Decisions) > 0 {
		fmt.Fprintf(&facts, "\n%s.\n", inline(o.legend()))
	}
	const notes = 300 // on what is too long
	text := cut(b.String(), maxMarkdown-notes)
	text += fold("What the processes wrote", o.wrote((maxMarkdown-notes-len(text))/2)) // half of what is left
	for _, part := range [][2]string{
		{"Why", why.String()},
		{wording.Count(len(settled), "decision") + " fine", fine.String()},
		{"How this was measured", facts.String()},
	} {
		if folded := fold(part[0], part[1]); len(text)+len(folded) <= maxMarkdown-notes {
			text += folded
		} else {
			text += "\n" + part[0] + ": too long for a comment.\n"
		}
	}
	return []byte(text)
}

// rest is said where something is left out.
const rest = "\n…and more than a comment holds.\n"

// cut ends text at a line break before the limit, and says so. No element of HTML
// may be open there: it would take what follows with it.
func cut(text string, limit int) string {
	if len(text) <= limit-len(rest) {
		return text
	}
	text = text[:limit-len(rest)]
	return text[:strings.LastIndexByte(text, '\n')+1] + rest
}

func writeTable(b *strings.Builder, all []Decision) {
	if len(all) == 0 {
		return
	}
	b.WriteString("\n| benchmark | unit | base | head | change | verdict | n | p | seen |\n| :-- | :-- | --: | --: | --: | :-- | --: | --: | --: |\n")
	for _, d := range all {
		word := d.verdictText()
		if d.Verdict == verdict.Regressed {
			word = "**" + word + "**"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n",
			code(d.Benchmark), inline(d.Unit), inline(quantity(d.Base, d.Unit)), inline(quantity(d.Head, d.Unit)),
			inline(d.withInterval()), word, d.nText(), inline(d.pText()), inline(d.detectable()))
	}
}

func (o *Outcome) failuresMarkdown(b *strings.Builder) {
	if len(o.Failures) == 0 {
		return
	}
	b.WriteString("\n**Not measured**\n\n")
	for _, f := range o.Failures {
		fmt.Fprintf(b, "- %s: %s\n", code(f.Benchmark), inline(f.what()))
	}
}

// wrote is what the processes that failed wrote, of as many as there is room for.
func (o *Outcome) wrote(room int) string {
	var b strings.Builder
	for _, f := range o.Failures {
		if f.Stderr == "" {
			continue
		}
		// What is in a <pre> is HTML up to its end: no Markdown is obeyed.
		one := fmt.Sprintf("%s on %s wrote\n\n<pre>\n%s</pre>\n\n", code(f.Benchmark), f.Side, pre(f.Stderr))
		if b.Len()+len(one) > room {
			b.WriteString(rest)
			break
		}
		b.WriteString(one)
	}
	return b.String()
}

// fold writes a part that opens on a click.
func fold(title, text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("\n<details><summary>%s</summary>\n\n%s\n</details>\n", title, strings.Trim(text, "\n"))
}

// escapes are of all that Markdown, HTML or GitHub would obey in a line. A pipe
// and a colon are references because a backslash before them does not keep a
// cell whole, or an address from becoming a link, in every renderer.
var escapes = strings.NewReplacer(
	"\n", " ", "\r", " ", "\t", " ",
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "|", "&#124;", "://", "&#58;//", "www.", "www&#46;", "@", "&#64;",
	`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "~", `\~`, "$", `\$`, "#", `\#`, "!", `\!`,
)

// longest is how much of a text from outside stands in a line.
const longest = 300

// inline makes text from outside fit for a line of Markdown.
func inline(text string) string {
	return escapes.Replace(shortened(results.Printable(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(text)), longest))
}

// code is inline for names: GitHub looks for no users and issues in code.
func code(name string) string { return "<code>" + inline(name) + "</code>" }

// pre makes lines from outside fit for a <pre>, of which each but the last ends
// in a line break.
func pre(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = results.Printable(strings.TrimRight(line, "\r\n"))
		b.WriteString(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(shortened(line, longest)) + "\n")
	}
	return b.String()
}
