package gate

import (
	"net/url"
	"strings"

	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// The part of SARIF 2.1.0 that is written
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Name    string    `json:"name"`
		Short   sarifText `json:"shortDescription"`
		Full    sarifText `json:"fullDescription"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		ExitCode      int                 `json:"exitCode"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
)

// Places of the rules.
const (
	ruleSlower = iota
	ruleAllocates
	ruleWorse
)

// Rules of SARIF results; ruleOf says which is whose.
var sarifRules = [...][3]string{
	ruleSlower:    {"gvp/slower", "Slower", "The benchmark takes longer than before, by more than the margin."},
	ruleAllocates: {"gvp/allocates-more", "AllocatesMore", "The benchmark allocates more than before, by more than the margin."},
	ruleWorse:     {"gvp/worse", "Worse", "A metric of the benchmark is worse than before, by more than the margin."},
}

func ruleOf(d Decision) int {
	switch {
	case d.Unit == results.SecPerOp || d.Unit == results.BytesPerSec:
		return ruleSlower
	case verdict.ExactUnit(d.Unit):
		return ruleAllocates
	}
	return ruleWorse
}

// message is text from outside as SARIF's own small language for messages has it:
// two braces stand for one (3.11.5), and where something looks like a link, which
// would lead anywhere, a backslash makes it none (3.11.6). Brackets elsewhere, as
// in Sort[int], may stand as they are, which all viewers show.
func message(text string) sarifText {
	text = strings.NewReplacer("{", "{{", "}", "}}").Replace(plainText(text))
	if strings.Contains(text, "](") {
		text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	}
	return sarifText{text}
}

// sarif has a result for each regression and a notification for each thing that
// could not be measured or told. A place in a file is only in it if it is known:
// the log of code scanning takes no result without one, other readers do.
func (o *Outcome) sarif() ([]byte, error) {
	run := sarifRun{
		Tool:    sarifTool{sarifDriver{Name: "gvp", InformationURI: "https://github.com/gvp-bench/gvp"}},
		Results: []sarifResult{},
	}
	for _, r := range sarifRules {
		rule := sarifRule{ID: r[0], Name: r[1], Short: sarifText{r[2]}, Full: sarifText{r[2] + " Both revisions were measured in turn on one machine."}}
		rule.Default.Level = "error"
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
	}
	// SARIF asks whether the tool did its work, not what came of it.
	call := sarifInvocation{Successful: o.Verdict != Unmeasured, ExitCode: o.Status()}
	notify := func(level, benchmark, text string) {
		call.Notifications = append(call.Notifications, sarifNotification{level, message(text), o.locations(benchmark)})
	}
	if doubt := o.Control.Doubt(); doubt != "" {
		notify("warning", checks.ControlName, doubt)
	}
	for _, d := range o.Decisions {
		switch d.Verdict {
		case verdict.Regressed:
			i := ruleOf(d)
			run.Results = append(run.Results, sarifResult{
				RuleID: sarifRules[i][0], RuleIndex: i, Level: "error", Message: message(d.Sentence()),
				Locations: o.locations(d.Benchmark), Fingerprints: map[string]string{"benchmarkUnit/v1": plainText(d.String())},
			})
		case verdict.Inconclusive, verdict.Unknown:
			notify("warning", d.Benchmark, d.Sentence())
		}
	}
	for _, f := range o.Failures {
		level := "error"
		if f.Reason == New {
			level = "note"
		}
		notify(level, f.Benchmark, f.String())
	}
	if o.Verdict == Unmeasured && len(call.Notifications) == 0 {
		call.Notifications = []sarifNotification{{Level: "error", Message: message(o.Headline())}}
	}
	run.Invocations = []sarifInvocation{call}
	return indented(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func (o *Outcome) locations(benchmark string) []sarifLocation {
	l := sarifLocation{Logical: []sarifLogical{{results.Printable(benchmark), "function"}}}
	if s := o.Sources[benchmark]; s.File != "" {
		parts := strings.Split(s.File, "/")
		for i := range parts {
			parts[i] = url.PathEscape(parts[i])
		}
		l.Physical = &sarifPhysical{Artifact: sarifArtifact{strings.Join(parts, "/"), "%SRCROOT%"}}
		if s.Line > 0 {
			l.Physical.Region = &sarifRegion{s.Line}
		}
	}
	return []sarifLocation{l}
}
