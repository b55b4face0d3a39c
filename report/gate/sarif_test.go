package gate

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
)

func sarifSchema(t *testing.T) node {
	t.Helper()
	doc, err := os.ReadFile("testdata/sarif.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return decode[node](t, doc)
}

// TestSARIFIsAsTheStandardSays has every outcome keep what SARIF 2.1.0 asks for: its
// schema, and what that cannot say.
func TestSARIFIsAsTheStandardSays(t *testing.T) {
	root := sarifSchema(t)
	for name, o := range outcomes(t) {
		doc := write(t, o, SARIF)
		for _, f := range root.faults(root, name, decode[map[string]any](t, doc)) {
			t.Error(f)
		}
		var d sarifLog
		if err := json.Unmarshal(doc, &d); err != nil {
			t.Fatal(err)
		}
		run := d.Runs[0]
		if got, want := len(run.Results), len(o.Regressions()); got != want {
			t.Errorf("%s: %d results for %d regressions", name, got, want)
		}
		prints := make(map[string]bool)
		var places []sarifLocation
		for _, r := range run.Results {
			if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID { // 3.27.6
				t.Errorf("%s: rule %d is not %s", name, r.RuleIndex, r.RuleID)
			}
			p := r.Fingerprints["benchmarkUnit/v1"]
			if p == "" || prints[p] {
				t.Errorf("%s: the fingerprint %q is none of its own", name, p)
			}
			prints[p] = true
			places = append(places, r.Locations...)
		}
		for _, n := range run.Invocations[0].Notifications {
			places = append(places, n.Locations...)
		}
		for _, l := range places {
			if l.Physical == nil {
				continue
			}
			// With a base, 3.4.3 wants a relative reference.
			u, err := url.Parse(l.Physical.Artifact.URI)
			if err != nil || u.IsAbs() || u.Host != "" || strings.HasPrefix(u.Path, "/") {
				t.Errorf("%s: %q is not relative: %v", name, l.Physical.Artifact.URI, err)
			}
		}
	}
}

func TestSARIFMessagesAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"Sort[int]":       "Sort[int]",
		"{0}":             "{{0}}",
		`a[42](0) \`:      `a\[42\](0) \\`,
		"map[K]V{} (all)": "map[K]V{{}} (all)",
	} {
		if got := message(text).Text; got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

// The test of the schema can fail.
func TestSARIFSchemaFindsFaults(t *testing.T) {
	root := sarifSchema(t)
	good := write(t, outcomes(t)["regressed"], SARIF)
	run := func(d map[string]any) map[string]any { return d["runs"].([]any)[0].(map[string]any) }
	result := func(d map[string]any) map[string]any { return run(d)["results"].([]any)[0].(map[string]any) }
	for name, spoil := range map[string]func(map[string]any){
		"another version": func(d map[string]any) { d["version"] = "2.0.0" },
		"no tool":         func(d map[string]any) { delete(run(d), "tool") },
		"no success": func(d map[string]any) {
			delete(run(d)["invocations"].([]any)[0].(map[string]any), "executionSuccessful")
		},
		"no message":           func(d map[string]any) { delete(result(d), "message") },
		"a level of its own":   func(d map[string]any) { result(d)["level"] = "fatal" },
		"no list of locations": func(d map[string]any) { result(d)["locations"] = nil },
		"another property":     func(d map[string]any) { result(d)["file"] = "x_test.go" },
		"line zero": func(d map[string]any) {
			for _, r := range run(d)["results"].([]any) {
				l := r.(map[string]any)["locations"].([]any)[0].(map[string]any)
				if p, ok := l["physicalLocation"].(map[string]any); ok {
					p["region"].(map[string]any)["startLine"] = json.Number("0")
				}
			}
		},
	} {
		doc := decode[map[string]any](t, good)
		spoil(doc)
		if len(root.faults(root, "doc", doc)) == 0 {
			t.Errorf("%s is no fault", name)
		}
	}
}
