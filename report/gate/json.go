package gate

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// jsonFormat is the version of the document; it rises when a field changes its
// meaning or goes.
const jsonFormat = 1

//go:embed outcome.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what Write writes as JSON.
func Schema() []byte { return bytes.Clone(schema) }

// A jsonNumber is null where the number is not known or infinite.
type jsonNumber float64

// MarshalJSON implements json.Marshaler.
func (n jsonNumber) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(v)
}

type (
	jsonOutcome struct {
		Format       int               `json:"format"`
		Verdict      Verdict           `json:"verdict"`
		Status       int               `json:"status"`
		Reason       string            `json:"reason"`
		Began        *time.Time        `json:"began,omitempty"`
		Seconds      float64           `json:"seconds,omitempty"`
		Stopped      string            `json:"stopped,omitempty"`
		Base         jsonSide          `json:"base"`
		Head         jsonSide          `json:"head"`
		Machine      results.Machine   `json:"machine"`
		Plan         jsonPlan          `json:"plan"`
		Control      *jsonControl      `json:"control"`
		Decisions    []jsonDecision    `json:"decisions"`
		Failures     []jsonFailure     `json:"failures"`
		Skipped      []jsonSkipped     `json:"skipped"`
		Explanations []jsonExplanation `json:"explanations"`
	}
	jsonSide struct {
		What     string            `json:"what"`
		Revision string            `json:"revision,omitempty"`
		Subject  string            `json:"subject,omitempty"`
		Modified bool              `json:"modified"`
		Go       string            `json:"go,omitempty"`
		Settings map[string]string `json:"settings,omitempty"`
	}
	jsonPlan struct {
		Margin       jsonNumber `json:"margin"`
		Alpha        jsonNumber `json:"alpha"`
		Beta         jsonNumber `json:"beta"`
		Looks        []int      `json:"looks"`
		Confirm      int        `json:"confirm"`
		ConfirmLevel jsonNumber `json:"confirmLevel"`
	}
	jsonControl struct {
		N      int        `json:"n"`
		Ratio  jsonNumber `json:"ratio"`
		Lo     jsonNumber `json:"lo"`
		Hi     jsonNumber `json:"hi"`
		Spread jsonNumber `json:"spread"`
		Moved  bool       `json:"moved"`
		Noisy  bool       `json:"noisy"`
	}
	jsonDecision struct {
		Benchmark    string            `json:"benchmark"`
		Unit         string            `json:"unit"`
		Better       string            `json:"better"`
		Verdict      string            `json:"verdict"`
		Improved     bool              `json:"improved"`
		Exact        bool              `json:"exact"`
		Base         jsonNumber        `json:"base"`
		Head         jsonNumber        `json:"head"`
		Ratio        jsonNumber        `json:"ratio"`
		Lo           jsonNumber        `json:"lo"`
		Hi           jsonNumber        `json:"hi"`
		Level        jsonNumber        `json:"level"`
		N            int               `json:"n"`
		P            jsonNumber        `json:"p"`
		Adjusted     jsonNumber        `json:"adjusted"`
		Detectable   jsonNumber        `json:"detectable"`
		Confirmation *jsonConfirmation `json:"confirmation"`
		Why          string            `json:"why,omitempty"`
		Guarded      bool              `json:"guarded"`
		File         string            `json:"file,omitempty"`
		Line         int               `json:"line,omitempty"`
	}
	jsonConfirmation struct {
		N         int        `json:"n"`
		P         jsonNumber `json:"p"`
		Ratio     jsonNumber `json:"ratio"`
		Confirmed bool       `json:"confirmed"`
	}
	jsonFailure struct {
		Benchmark string `json:"benchmark"`
		Side      string `json:"side"`
		Reason    string `json:"reason"`
		Error     string `json:"error,omitempty"`
		Stderr    string `json:"stderr,omitempty"`
		Times     int    `json:"times"`
	}
	jsonSkipped struct {
		Unit       string `json:"unit"`
		Benchmarks int    `json:"benchmarks"`
		Why        string `json:"why"`
	}
	jsonExplanation struct {
		Benchmark string     `json:"benchmark"`
		Base      jsonNumber `json:"base"`
		Head      jsonNumber `json:"head"`
		Functions []jsonGain `json:"functions"`
		Warnings  []string   `json:"warnings"`
	}
	jsonGain struct {
		Function string     `json:"function"`
		Base     jsonNumber `json:"base"`
		Head     jsonNumber `json:"head"`
		Share    jsonNumber `json:"share"`
	}
)

// json says the outcome for programs, which get texts from outside as they are:
// JSON itself escapes what would end a string, and a byte that is not UTF-8
// becomes U+FFFD.
func (o *Outcome) json() ([]byte, error) {
	c := o.Check
	doc := jsonOutcome{
		Format: jsonFormat, Verdict: o.Verdict, Status: o.Status(), Reason: wording.Breakable(o.Reason),
		Seconds: o.Took.Seconds(), Stopped: c.Stopped,
		Base:    jsonSide{c.Base.What, c.Base.Revision, c.Base.Subject, c.Base.Modified, c.Base.Go, c.Base.Settings},
		Head:    jsonSide{c.Head.What, c.Head.Revision, c.Head.Subject, c.Head.Modified, c.Head.Go, c.Head.Settings},
		Machine: c.Machine,
		Plan: jsonPlan{
			Margin: jsonNumber(o.Plan.Margin), Alpha: jsonNumber(o.Plan.Alpha), Beta: jsonNumber(o.Plan.Beta),
			Looks: append([]int{}, o.Plan.Looks...), Confirm: o.Plan.Confirm, ConfirmLevel: jsonNumber(o.Plan.ConfirmLevel),
		},
		// Empty lists are [], not null.
		Decisions: []jsonDecision{}, Failures: []jsonFailure{}, Skipped: []jsonSkipped{}, Explanations: []jsonExplanation{},
	}
	if !c.Began.IsZero() {
		doc.Began = &c.Began
	}
	if k := o.Control; k != nil {
		lo, hi := k.Lo, k.Hi
		doc.Control = &jsonControl{k.N, jsonNumber(k.Ratio), limit(lo), jsonNumber(hi), jsonNumber(k.Spread), k.Moved, k.Noisy}
	}
	for _, d := range o.Decisions {
		doc.Decisions = append(doc.Decisions, o.jsonDecision(d))
	}
	for _, f := range o.Failures {
		doc.Failures = append(doc.Failures, jsonFailure(f))
	}
	for _, s := range o.Skipped {
		doc.Skipped = append(doc.Skipped, jsonSkipped(s))
	}
	for _, e := range o.Explanations {
		x := jsonExplanation{e.Benchmark, jsonNumber(e.Base), jsonNumber(e.Head), []jsonGain{}, append([]string{}, e.Warnings...)}
		for _, g := range e.Functions {
			x.Functions = append(x.Functions, jsonGain{g.Function, jsonNumber(g.Base), jsonNumber(g.Head), jsonNumber(g.Share)})
		}
		doc.Explanations = append(doc.Explanations, x)
	}
	return indented(doc)
}

// limit is the lower limit of a ratio, of which 0 stands for none.
func limit(lo float64) jsonNumber {
	if lo == 0 {
		return jsonNumber(math.NaN())
	}
	return jsonNumber(lo)
}

func (o *Outcome) jsonDecision(d Decision) jsonDecision {
	r := d.Result
	lo := limit(r.Lo)
	if r.Certain { // a count that fell to 0 has that ratio
		lo = jsonNumber(r.Lo)
	}
	j := jsonDecision{
		Benchmark: d.Benchmark, Unit: d.Unit, Better: "lower", Verdict: string(d.Verdict), Improved: d.improved(), Exact: r.Certain,
		Base: jsonNumber(d.Base), Head: jsonNumber(d.Head), Ratio: jsonNumber(r.Ratio), Lo: lo, Hi: jsonNumber(r.Hi), Level: jsonNumber(r.Level),
		N: r.N, P: jsonNumber(r.P), Adjusted: jsonNumber(r.Adjusted), Detectable: jsonNumber(d.worst()),
		Why: wording.Breakable(d.Why()), Guarded: d.Doubt != "", File: o.Sources[d.Benchmark].File, Line: o.Sources[d.Benchmark].Line,
	}
	if d.Higher {
		j.Better = "higher"
	}
	if c := r.Confirmation; c.N > 0 {
		j.Confirmation = &jsonConfirmation{c.N, jsonNumber(c.P), jsonNumber(c.Ratio), c.Confirmed}
	}
	return j
}

// indented is a document for programs that people may look at.
func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return quiet(b.Bytes()), nil
}

// quiet writes characters that JSON allows in strings, but a terminal may obey
// and no eye can see, as escapes: what a program reads stays the same.
func quiet(doc []byte) []byte {
	hidden := func(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r >= 0x7f && r <= 0x9f }
	if !bytes.ContainsFunc(doc, hidden) {
		return doc
	}
	var b bytes.Buffer
	for _, r := range string(doc) {
		if !hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, u := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, u)
		}
	}
	return b.Bytes()
}
