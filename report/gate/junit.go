package gate

import (
	"bytes"
	"encoding/xml"
	"strconv"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// The elements that CI systems read; there is no standard, so that these are
// those of https://github.com/testmoapp/junitxml.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		junitCounts
		Suite junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Time     string `xml:"time,attr,omitempty"` // seconds
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"` // the benchmark
		Name    string       `xml:"name,attr"`      // the unit
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Failure *junitResult `xml:"failure"`
		Error   *junitResult `xml:"error"`
		Skipped *junitResult `xml:"skipped"`
		Out     string       `xml:"system-out,omitempty"`
		Err     string       `xml:"system-err,omitempty"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
	}
)

// junit has a case for each decision and each failure: a regression is a failure,
// and what could not be measured is an error. What is inconclusive is a failure
// or, if it passes, skipped, and so is what failed on base alone, or was judged
// fine by the other rounds. What is new is skipped. There is a failure or an error
// if and only if the exit status is not 0: where no case is the reason, the check
// itself is one.
func (o *Outcome) junit() ([]byte, error) {
	base, head := o.sides()
	suite := junitSuite{Name: "gvp check", Properties: []junitProperty{
		{"base", results.Printable(base)}, {"head", results.Printable(head)}, {"verdict", string(o.Verdict)}, {"reason", plainText(o.Reason)},
	}}
	for _, d := range o.Decisions {
		c := o.junitCase(d.Benchmark, d.Unit)
		c.Out = plainText(d.Sentence())
		switch d.Verdict {
		case verdict.Regressed:
			c.Failure = &junitResult{c.Out, "regressed"}
		case verdict.Inconclusive:
			c.inconclusive(o, &junitResult{c.Out, "inconclusive"})
		case verdict.Unknown:
			c.Error = &junitResult{c.Out, "not comparable"}
		}
		suite.Cases = append(suite.Cases, c)
	}
	for _, f := range o.Failures {
		c := o.junitCase(f.Benchmark, f.Reason+" on "+f.Side)
		c.Err = plainText(f.Stderr)
		r := &junitResult{plainText(f.String()), f.Reason}
		if f.Reason == New || f.Side == checks.Base && (o.passes() || o.fine(f.Benchmark)) {
			c.Skipped = r
		} else {
			c.Error = r
		}
		suite.Cases = append(suite.Cases, c)
	}
	suite.count()
	whole, r := junitCase{Class: "gvp check", Name: "measure"}, &junitResult{plainText(o.Headline()), string(o.Verdict)}
	switch {
	case o.Status() != StatusFine && suite.Failures+suite.Errors == 0:
		whole.Error = r
		suite.Cases = append(suite.Cases, whole)
	case len(suite.Cases) == 0: // many readers take an empty suite for a mistake
		whole.Skipped = r
		suite.Cases = append(suite.Cases, whole)
	}
	suite.count()
	if o.Took > 0 {
		suite.Time = strconv.FormatFloat(o.Took.Seconds(), 'f', 3, 64)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	e := xml.NewEncoder(&b)
	e.Indent("", "  ")
	if err := e.Encode(junitSuites{junitCounts: suite.junitCounts, Suite: suite}); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (o *Outcome) junitCase(benchmark, name string) junitCase {
	s := o.Sources[benchmark]
	return junitCase{Class: results.Printable(benchmark), Name: results.Printable(name), File: results.Printable(s.File), Line: s.Line}
}

func (c *junitCase) inconclusive(o *Outcome, r *junitResult) {
	if o.passes() {
		c.Skipped = r
	} else {
		c.Failure = r
	}
}

func (s *junitSuite) count() {
	s.junitCounts = junitCounts{Tests: len(s.Cases)}
	for _, c := range s.Cases {
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
}

// plainText makes text from outside printable and keeps its lines.
func plainText(text string) string {
	var out []byte
	for i, line := range bytes.Split([]byte(wording.Breakable(text)), []byte("\n")) {
		if i > 0 {
			out = append(out, '\n')
		}
		out = append(out, results.Printable(string(bytes.TrimRight(line, "\r")))...)
	}
	return string(out)
}
