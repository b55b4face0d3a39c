package gate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results/checks"
)

// hostile has what some voice or other would obey.
var hostile = "Ev|il\n<b>&%0A::error::x]]>\r`*_[@octocat](https://example.org)#1{0} \x1b[31m\a\u202e\u2028\xff\x00\"'$~!--> ," + strings.Repeat("long", 500)

func hostileInput() Input {
	in := Input{Check: testCheck(), Plan: testPlan, Better: map[string]int{hostile: -1}}
	in.Check.Base.What, in.Check.Base.Revision, in.Check.Base.Subject, in.Check.Base.Go = hostile, hostile, hostile, hostile
	in.Check.Head.What = "=cmd()|" + hostile
	in.Check.Machine.CPU, in.Check.Stopped = hostile, hostile
	in.Series = []Series{
		{hostile, "sec/op", pairs(rounds, 2e-3, 1.1, 0.01, 1)},
		{"=" + hostile, hostile, pairs(rounds, 2e-3, 1.03, 0.3, 2)},
		{hostile, "x" + hostile, pairs(rounds, 2e-3, 1, 0.01, 1)},
		{hostile, "allocs/op", constant(rounds, 0, 0)},
	}
	in.Check.Missing = map[string][]string{checks.Base: {hostile}}
	in.Failures = []Failure{{Benchmark: hostile, Side: checks.Head, Reason: Crashed, Error: hostile, Stderr: hostile + "\n</pre></details>```\n" + hostile}}
	in.Sources = map[string]Source{hostile: {"a dir/" + hostile, 7}}
	return in
}

func write(t *testing.T, o *Outcome, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := o.Write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestVoicesGolden(t *testing.T) {
	for name, o := range outcomes(t) {
		if name == "hostile" {
			continue // what is not legible is not compared by eye
		}
		for _, f := range Formats() {
			if (f == JSON || f == CSV) && runtime.GOARCH != "amd64" && !golden.Updating() {
				continue // fused multiply-adds round the last digits differently
			}
			golden.Check(t, name+"."+string(f), write(t, o, f))
		}
	}
	for _, c := range []struct {
		name string
		TextOptions
	}{{"wide", TextOptions{true, 130}}, {"80", TextOptions{false, 80}}, {"40", TextOptions{false, 40}}} {
		var b bytes.Buffer
		if err := outcomes(t)["regressed"].WriteText(&b, c.TextOptions); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, "regressed-"+c.name+".text", b.Bytes())
	}
}

// verdictsSaid reads the verdict of each decision back from a voice; those of
// annotations and SARIF only where something is wrong.
func verdictsSaid(t *testing.T, doc []byte, f Format) map[string]string {
	t.Helper()
	said := make(map[string]string)
	switch f {
	case JSON:
		var d jsonOutcome
		if err := json.Unmarshal(doc, &d); err != nil {
			t.Fatal(err)
		}
		for _, x := range d.Decisions {
			said[x.Benchmark+" "+x.Unit] = x.Verdict
			if x.Improved {
				said[x.Benchmark+" "+x.Unit] = "improved"
			}
		}
	case CSV:
		rows, err := csv.NewReader(bytes.NewReader(doc)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			if r[1] == "" {
				continue // of a failure
			}
			said[r[0]+" "+r[1]] = r[2]
			if r[14] == "true" {
				said[r[0]+" "+r[1]] = "improved"
			}
		}
	case Text, Markdown:
		line := regexp.MustCompile(`(?m)^(\S+) +(\S+) .* (regressed|improved|fine|inconclusive) +[0-9]+(\+[0-9]+)? +\S+ +`)
		if f == Markdown {
			line = regexp.MustCompile(`(?m)^\| <code>(.+)</code> \| (\S+) \|.*\| \**(regressed|improved|fine|inconclusive)\** \| `)
		}
		for _, m := range line.FindAllSubmatch(doc, -1) {
			said[string(m[1])+" "+string(m[2])] = string(m[3])
		}
	case JUnit:
		var d junitSuites
		if err := xml.Unmarshal(doc, &d); err != nil {
			t.Fatal(err)
		}
		for _, c := range d.Suite.Cases {
			if c.Out == "" {
				continue // of a failure
			}
			said[c.Class+" "+c.Name] = "fine"
			if c.Failure != nil {
				said[c.Class+" "+c.Name] = c.Failure.Type
			} else if strings.Contains(c.Out, " improved: ") {
				said[c.Class+" "+c.Name] = "improved"
			}
		}
	case SARIF:
		var d sarifLog
		if err := json.Unmarshal(doc, &d); err != nil {
			t.Fatal(err)
		}
		for _, r := range d.Runs[0].Results {
			said[r.Fingerprints["benchmarkUnit/v1"]] = "regressed"
		}
	case GitHub:
		for _, m := range regexp.MustCompile(`(?m)^::error .*title=Regression::(\S+ \S+) regressed: `).FindAllSubmatch(doc, -1) {
			said[string(m[1])] = "regressed"
		}
	}
	return said
}

// Each voice says of each decision what was decided, and with base and head
// swapped, what was worse is better.
func TestSwappedSidesMirrorEveryVoice(t *testing.T) {
	there, back := judge(t, regressedInput()), judge(t, swapped(regressedInput()))
	for _, f := range Formats() {
		for i, outcome := range []*Outcome{there, back} {
			said := verdictsSaid(t, write(t, outcome, f), f)
			for _, d := range outcome.Decisions {
				want := d.verdictText()
				if (f == SARIF || f == GitHub) && want != "regressed" {
					want = ""
				}
				if got := said[d.String()]; got != want {
					t.Errorf("%s, swapped %d: %s is said to be %q, want %q", f, i, d, got, want)
				}
				delete(said, d.String())
			}
			if len(said) > 0 {
				t.Errorf("%s says more: %v", f, said)
			}
		}
	}
	for i, d := range there.Decisions {
		m := back.Decisions[i]
		mirrored := map[string]string{"regressed": "improved", "improved": "regressed"}[d.verdictText()]
		switch {
		case mirrored != "" && m.verdictText() != mirrored,
			mirrored == "" && (m.Verdict == verdict.Regressed || m.Result.Improved):
			t.Errorf("%s is %s, and %s with the sides swapped", d, d.verdictText(), m.verdictText())
		}
	}
	if there.Status() != StatusRegressed || back.Status() != StatusRegressed {
		t.Errorf("statuses %d and %d, want %d: both ways something is worse", there.Status(), back.Status(), StatusRegressed)
	}
}

// What the control casts doubt on is inconclusive in every voice, and nothing else.
func TestWhatAGuardTookBackIsNoImprovement(t *testing.T) {
	o := judge(t, guardedInput())
	doubted := 0
	for _, f := range []Format{Text, Markdown, JSON, CSV} {
		said := verdictsSaid(t, write(t, o, f), f)
		for _, d := range o.Decisions {
			if d.Doubt == "" || !d.Result.Improved {
				continue
			}
			doubted++
			if got := said[d.String()]; got != "inconclusive" {
				t.Errorf("%s says that %s is %q, want inconclusive", f, d, got)
			}
		}
	}
	if doubted == 0 {
		t.Error("no improvement is in doubt")
	}
}

func TestHostileWordsAreSaidNotObeyed(t *testing.T) {
	o := outcomes(t)["hostile"]
	for _, f := range Formats() {
		doc := write(t, o, f)
		allowed := "\n"
		if i := bytes.IndexFunc(doc, func(r rune) bool {
			return r < ' ' && !strings.ContainsRune(allowed, r) || r >= 0x7f && r <= 0x9f || r == '\u202e' || r == '\u2028'
		}); i >= 0 {
			t.Errorf("%s has a control character: %q", f, doc[max(0, i-20):min(len(doc), i+20)])
		}
		if !utf8.Valid(doc) {
			t.Errorf("%s is not UTF-8", f)
		}
		if !bytes.Contains(doc, []byte("Ev")) {
			t.Errorf("%s does not name what regressed", f)
		}
		switch f {
		case Markdown:
			hostileMarkdown(t, string(doc))
		case GitHub:
			for line := range strings.Lines(string(doc)) {
				if !regexp.MustCompile(`^::(error|warning|notice) (file=[^:,]*,line=7,)?title=[^:,]*::`).MatchString(line) {
					t.Errorf("annotation is not one: %.80s", line)
				}
				if strings.Contains(line, "%0A::error") || regexp.MustCompile(`%[^2]`).MatchString(line) && !strings.Contains(line, "%250A") {
					t.Errorf("annotation with a percent that is not escaped: %.80s", line)
				}
			}
		case JUnit:
			d := xml.NewDecoder(bytes.NewReader(doc))
			for {
				_, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("not well-formed: %v", err)
				}
			}
			if bytes.Contains(doc, []byte("]]>")) || bytes.Contains(doc, []byte("<b>")) {
				t.Error("JUnit has markup from outside")
			}
		case CSV:
			rows, err := csv.NewReader(bytes.NewReader(doc)).ReadAll()
			if err != nil || len(rows) != 1+len(o.Decisions)+len(o.Failures) {
				t.Errorf("%d rows, %v", len(rows), err)
			}
			for _, r := range rows {
				for _, cell := range r {
					if strings.HasPrefix(cell, "=") {
						t.Errorf("a formula: %.20s", cell)
					}
				}
			}
		case SARIF:
			if uri := regexp.MustCompile(`"uri": "([^"]*)"`).FindSubmatch(doc); uri == nil || bytes.ContainsAny(uri[1], " |<>[\\") {
				t.Errorf("the file's address is not one: %.80q", uri)
			}
			hostileSARIF(t, doc)
		}
	}
}

// hostileSARIF finds messages that a viewer would put arguments or links into.
func hostileSARIF(t *testing.T, doc []byte) {
	t.Helper()
	var d sarifLog
	if err := json.Unmarshal(doc, &d); err != nil {
		t.Fatal(err)
	}
	var messages []string
	for _, r := range d.Runs[0].Results {
		messages = append(messages, r.Message.Text)
	}
	for _, n := range d.Runs[0].Invocations[0].Notifications {
		messages = append(messages, n.Message.Text)
	}
	single := regexp.MustCompile(`(^|[^{])\{(\{\{)*([^{]|$)|(^|[^}])\}(\}\})*([^}]|$)`)
	link := regexp.MustCompile(`(^|[^\\])(\\\\)*[][]`)
	for _, m := range messages {
		if s := single.FindString(m); s != "" || !strings.Contains(m, "{{0}}") {
			t.Errorf("a message with a placeholder, %q: %.120q", s, m)
		}
		if s := link.FindString(m); s != "" {
			t.Errorf("a message with a link, %q: %.120q", s, m)
		}
	}
	if len(messages) < 3 {
		t.Errorf("only %d messages", len(messages))
	}
}

func hostileMarkdown(t *testing.T, doc string) {
	t.Helper()
	if len(doc) > maxMarkdown {
		t.Errorf("%d bytes of Markdown", len(doc))
	}
	for line := range strings.Lines(doc) {
		if strings.HasPrefix(line, "| ") && strings.Count(line, "|") != 10 {
			t.Errorf("a row of another number of cells: %.80s", line)
		}
	}
	if strings.Contains(doc, "<b>") || strings.Contains(doc, "</pre></details>") {
		t.Error("Markdown has HTML from outside")
	}
	// What is in a <pre> is no Markdown.
	lines := regexp.MustCompile(`(?s)<pre>.*?</pre>`).ReplaceAllString(doc, "")
	for _, bad := range []string{`https://example`, `[^\\](\\\\)*\]\(`, `[^\\](\\\\)*` + "`", `@octocat`} {
		if m := regexp.MustCompile(bad).FindString(lines); m != "" && !strings.HasPrefix(m, "[!WARNING]") {
			t.Errorf("Markdown has %q", m)
		}
	}
	for _, tag := range []string{"pre", "details", "code", "summary"} {
		if open, end := strings.Count(doc, "<"+tag+">"), strings.Count(doc, "</"+tag+">"); open != end {
			t.Errorf("%d <%s> and %d </%s>", open, tag, end, tag)
		}
	}
}

func TestTextFitsItsWidth(t *testing.T) {
	ansi := regexp.MustCompile("\x1b\\[[0-9;]*m")
	step := 1
	if testing.Short() {
		step = 13
	}
	for name, o := range outcomes(t) {
		for width := 20; width < 145; width += step {
			for _, color := range []bool{false, true} {
				var b bytes.Buffer
				if err := o.WriteText(&b, TextOptions{color, width}); err != nil {
					t.Fatal(err)
				}
				if color != ansi.Match(b.Bytes()) {
					t.Errorf("%s: colours %v, escape sequences %v", name, color, !color)
				}
				for line := range strings.Lines(ansi.ReplaceAllString(b.String(), "")) {
					if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
						t.Errorf("%s at %d: %d columns: %.60s", name, width, n, line)
					}
				}
			}
		}
	}
}

// The last line says the verdict, what decided it, how long it took and how the
// tool exits.
func TestLastLineSaysItAll(t *testing.T) {
	for name, o := range outcomes(t) {
		lines := strings.Split(strings.TrimSpace(string(write(t, o, Text))), "\n")
		last := lines[len(lines)-1]
		for _, want := range []string{string(o.Verdict) + ": ", fmt.Sprintf("exit status %d", o.Status())} {
			if !strings.Contains(last, want) {
				t.Errorf("%s: %q lacks %q", name, last, want)
			}
		}
		if o.Took > 0 && !strings.Contains(last, "took "+took(o.Took)) {
			t.Errorf("%s: %q does not say how long it took", name, last)
		}
	}
}

// Each failure is named in each voice, and so is why nothing was measured.
func TestFailuresAreNamedInEveryVoice(t *testing.T) {
	all := outcomes(t)
	for _, f := range Formats() {
		doc := write(t, all["regressed"], f)
		for _, name := range []string{"Boom", "Slow", "Gone", "Fresh"} {
			if !bytes.Contains(doc, []byte(name)) {
				t.Errorf("%s does not name %s", f, name)
			}
		}
		if empty := write(t, all["unmeasured"], f); f != CSV && !bytes.Contains(empty, []byte("no benchmark matched")) {
			t.Errorf("%s does not say that nothing matched:\n%s", f, empty)
		}
	}
}

func TestJUnitCountsAndFollowsThePolicy(t *testing.T) {
	read := func(in Input) junitSuites {
		var d junitSuites
		if err := xml.Unmarshal(write(t, judge(t, in), JUnit), &d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	open := inconclusiveInput()
	d := read(open)
	if d.Failures != 1 || d.Skipped != 0 || d.Tests != 5 {
		t.Errorf("inconclusive fails: %+v", d.junitCounts)
	}
	open.InconclusivePasses = true
	if d = read(open); d.Failures != 0 || d.Skipped != 1 {
		t.Errorf("inconclusive passes: %+v", d.junitCounts)
	}
	open.Check.Stopped = "interrupted" // which never passes
	if d = read(open); d.Failures != 1 || d.Skipped != 0 {
		t.Errorf("broken off: %+v", d.junitCounts)
	}
	if d = read(regressedInput()); d.Failures != 5 || d.Errors != 3 || d.Skipped != 1 || d.Suite.junitCounts != d.junitCounts {
		t.Errorf("regressed: %+v, want 4 regressions and 1 inconclusive, 3 failures and 1 new", d.junitCounts)
	}
	if d = read(unmeasuredInput()); d.Errors != 1 || d.Tests != 1 {
		t.Errorf("nothing measured: %+v", d.junitCounts)
	}
}

func TestSARIFPlacesAreKnownOnes(t *testing.T) {
	var d sarifLog
	if err := json.Unmarshal(write(t, judge(t, regressedInput()), SARIF), &d); err != nil {
		t.Fatal(err)
	}
	if d.Version != "2.1.0" || len(d.Runs) != 1 || d.Runs[0].Invocations[0].ExitCode != StatusRegressed {
		t.Errorf("%+v", d)
	}
	rules := make(map[string]string)
	for _, r := range d.Runs[0].Results {
		l := r.Locations[0]
		name := l.Logical[0].Name
		rules[r.Fingerprints["benchmarkUnit/v1"]] = r.RuleID
		if known := name == "Hash/size=64KiB"; known != (l.Physical != nil) {
			t.Errorf("%s is at %+v", name, l.Physical)
		}
		if d.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("rule %d is not %s", r.RuleIndex, r.RuleID)
		}
	}
	want := map[string]string{"Hash/size=64KiB sec/op": "gvp/slower", "Copy B/s": "gvp/slower", "Parse B/op": "gvp/allocates-more", "Parse allocs/op": "gvp/allocates-more"}
	for k, v := range want {
		if rules[k] != v {
			t.Errorf("rule of %s is %q, want %q", k, rules[k], v)
		}
	}
}

func TestLongMarkdownFitsAComment(t *testing.T) {
	in := fineInput()
	for i := range 1500 {
		in.Series = append(in.Series, Series{fmt.Sprintf("Count/n=%d", i), "allocs/op", constant(rounds, 1, 2)})
	}
	doc := write(t, judge(t, in), Markdown)
	if len(doc) > maxMarkdown || !bytes.Contains(doc, []byte("1497 more")) || !bytes.Contains(doc, []byte("…and more than a comment holds")) {
		t.Errorf("%d bytes:\n%.300s", len(doc), doc)
	}
}

// However little of what the processes wrote there is room for, no element stays open
// that would take what follows with it.
func TestMarkdownThatIsCutIsWhole(t *testing.T) {
	for _, n := range []int{10, 100, 500} {
		in := regressedInput()
		for i := range n {
			in.Failures = append(in.Failures, Failure{
				Benchmark: fmt.Sprintf("Boom/n=%d", i), Side: checks.Head, Reason: Crashed, Stderr: strings.Repeat("goroutine 1 [running]\n", 100),
			})
		}
		doc := string(write(t, judge(t, in), Markdown))
		hostileMarkdown(t, doc)
		for _, want := range []string{"<summary>What the processes wrote</summary>", "<summary>How this was measured</summary>", "…and more than a comment holds"} {
			if n > 10 && !strings.Contains(doc, want) {
				t.Errorf("%d failures: %q is not there", n, want)
			}
		}
	}
}

func TestUnknownFormatIsAnError(t *testing.T) {
	var b bytes.Buffer
	err := judge(t, fineInput()).Write(&b, "morse")
	if err == nil || !strings.Contains(err.Error(), `unknown format "morse"`) || b.Len() > 0 {
		t.Errorf("error %v, %d bytes", err, b.Len())
	}
	for _, f := range Formats() {
		if got, err := ParseFormat(string(f)); got != f || err != nil {
			t.Errorf("ParseFormat(%q) = %q, %v", f, got, err)
		}
	}
	if slices.Contains(Formats(), "") {
		t.Error("an empty format")
	}
}
