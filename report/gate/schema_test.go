package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// A node is a schema or a part of one. Only what ours uses is known; any other
// keyword is a fault, so that none is ignored.
type node map[string]any

func decode[T any](t *testing.T, doc []byte) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// faults lists where v is not as the schema says.
func (root node) faults(n node, at string, v any) []string {
	var out []string
	fault := func(format string, args ...any) { out = append(out, at+": "+fmt.Sprintf(format, args...)) }
	for keyword, want := range n {
		switch keyword {
		case "$schema", "$id", "$defs", "title", "description", "format":
		case "$ref":
			name := strings.TrimPrefix(want.(string), "#/$defs/")
			out = append(out, root.faults(root["$defs"].(map[string]any)[name].(map[string]any), at, v)...)
		case "type":
			types, ok := want.([]any)
			if !ok {
				types = []any{want}
			}
			if !slices.ContainsFunc(types, func(t any) bool { return isType(t.(string), v) }) {
				fault("is %T, want %v", v, types)
			}
		case "const":
			if fmt.Sprint(v) != fmt.Sprint(want) {
				fault("is %v, want %v", v, want)
			}
		case "enum":
			if !slices.ContainsFunc(want.([]any), func(w any) bool { return fmt.Sprint(w) == fmt.Sprint(v) }) {
				fault("is %v, want one of %v", v, want)
			}
		case "minimum":
			least, _ := want.(json.Number).Float64()
			if x, ok := v.(json.Number); ok {
				if f, _ := x.Float64(); f < least {
					fault("is %v, want %v or more", v, want)
				}
			}
		case "items":
			if list, ok := v.([]any); ok {
				for i, x := range list {
					out = append(out, root.faults(want.(map[string]any), fmt.Sprintf("%s[%d]", at, i), x)...)
				}
			}
		case "required", "properties", "additionalProperties":
			if object, ok := v.(map[string]any); ok && keyword == "required" {
				for _, k := range want.([]any) {
					if _, ok := object[k.(string)]; !ok {
						fault("lacks %v", k)
					}
				}
			} else if ok && keyword == "properties" {
				for k, sub := range want.(map[string]any) {
					if x, ok := object[k]; ok {
						out = append(out, root.faults(sub.(map[string]any), at+"."+k, x)...)
					}
				}
			} else if ok {
				out = append(out, root.additional(n, want, at, object)...)
			}
		default:
			fault("the schema has the keyword %s, which this test does not know", keyword)
		}
	}
	return out
}

func (root node) additional(n node, want any, at string, object map[string]any) []string {
	named, _ := n["properties"].(map[string]any)
	var out []string
	for k, x := range object {
		if _, ok := named[k]; ok {
			continue
		}
		switch w := want.(type) {
		case bool:
			if !w {
				out = append(out, at+": has "+k+", which the schema does not")
			}
		case map[string]any:
			out = append(out, root.faults(w, at+"."+k, x)...)
		}
	}
	return out
}

func isType(name string, v any) bool {
	switch x := v.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case json.Number:
		return name == "number" || name == "integer" && !strings.ContainsAny(x.String(), ".eE")
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

func TestJSONIsAsTheSchemaSays(t *testing.T) {
	root := decode[node](t, Schema())
	used := make(map[string]bool)
	for name, o := range outcomes(t) {
		doc := decode[map[string]any](t, write(t, o, JSON))
		for _, f := range root.faults(root, name, doc) {
			t.Error(f)
		}
		for k := range doc {
			used[k] = true
		}
	}
	for k := range root["properties"].(map[string]any) {
		if !used[k] {
			t.Errorf("no outcome of this test has %q", k)
		}
	}
}

// The test above can fail.
func TestSchemaFindsFaults(t *testing.T) {
	root := decode[node](t, Schema())
	good := write(t, outcomes(t)["regressed"], JSON)
	for name, spoil := range map[string]func(map[string]any){
		"a verdict of its own":     func(d map[string]any) { d["verdict"] = "bad" },
		"a status of usage":        func(d map[string]any) { d["status"] = json.Number("2") },
		"no plan":                  func(d map[string]any) { delete(d, "plan") },
		"another field":            func(d map[string]any) { d["more"] = true },
		"null for a list":          func(d map[string]any) { d["decisions"] = nil },
		"a word for a number":      func(d map[string]any) { d["decisions"].([]any)[0].(map[string]any)["ratio"] = "NaN" },
		"half a pair":              func(d map[string]any) { d["decisions"].([]any)[0].(map[string]any)["n"] = json.Number("0.5") },
		"a later format":           func(d map[string]any) { d["format"] = json.Number("2") },
		"a setting that is no str": func(d map[string]any) { d["base"].(map[string]any)["settings"].(map[string]any)["x"] = true },
	} {
		doc := decode[map[string]any](t, good)
		spoil(doc)
		if len(root.faults(root, "doc", doc)) == 0 {
			t.Errorf("%s is no fault", name)
		}
	}
}

// Whatever the numbers are, the JSON has none that is NaN or infinite, and null
// stands for those.
func TestNumbersThatAreNoneAreNull(t *testing.T) {
	o := judge(t, regressedInput())
	d := &o.Decisions[0]
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		d.Base, d.Head, d.Result.Ratio, d.Result.Lo, d.Result.Hi = v, v, v, v, v
		d.Result.P, d.Result.Adjusted, d.Result.Detectable, d.Result.Level = v, v, v, v
		d.Result.Confirmation.N, d.Result.Confirmation.P, d.Result.Confirmation.Ratio = 1, v, v
		o.Control.Ratio, o.Control.Lo, o.Control.Hi, o.Control.Spread = v, v, v, v
		o.Explanations = []Explanation{{Base: v, Head: v, Functions: []Gain{{"f", v, v, v}}}}
		for _, f := range Formats() {
			text := string(write(t, o, f))
			for _, bad := range []string{"NaN", "Inf", "∞"} {
				if strings.Contains(text, bad) {
					t.Errorf("%s of %v has %s", f, v, bad)
				}
			}
		}
		doc := decode[map[string]any](t, write(t, o, JSON))
		first := doc["decisions"].([]any)[0].(map[string]any)
		for _, k := range []string{"base", "head", "ratio", "lo", "hi", "level", "p", "adjusted", "detectable"} {
			if x, ok := first[k]; !ok || x != nil {
				t.Errorf("%s of %v is %v, want null", k, v, x)
			}
		}
		line, err := o.HistoryEntry().Line()
		if err != nil {
			t.Fatal(err)
		}
		value := decode[map[string]any](t, line)["benchmarks"].([]any)[0].(map[string]any)
		if keys := slices.Sorted(maps.Keys(value)); !slices.Equal(keys, []string{"benchmark", "n", "unit", "verdict"}) {
			t.Errorf("the history has %v of numbers that are none", keys)
		}
	}
}
