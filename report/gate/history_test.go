package gate

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/golden"
)

func line(t *testing.T, e Entry) string {
	t.Helper()
	data, err := e.Line()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func read(t *testing.T, text string) ([]Entry, []Warning) {
	t.Helper()
	entries, warnings, err := ReadHistory(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return entries, warnings
}

func TestHistoryLineGolden(t *testing.T) {
	golden.Check(t, "history.jsonl", []byte(line(t, judge(t, regressedInput()).HistoryEntry())))
}

func TestHistoryComesBackAsItWas(t *testing.T) {
	var text string
	var want []Entry
	all := outcomes(t)
	for i, name := range sortedKeys(all) {
		e := all[name].HistoryEntry()
		e.Began = e.Began.Add(time.Duration(i) * time.Second)
		if name == "hostile" {
			// A byte that is not UTF-8 cannot be kept.
			text += line(t, e)
			continue
		}
		if e.Benchmarks == nil {
			e.Benchmarks = []HistoryValue{}
		}
		want = append(want, e)
		text += line(t, e)
	}
	got, warnings := read(t, text)
	got = slices.DeleteFunc(got, func(e Entry) bool { return strings.HasPrefix(e.Head.What, "=cmd()|Ev|il\n<b>") })
	if d := cmp.Diff(want, got); d != "" || warnings != nil {
		t.Errorf("read (-want +got):\n%s\nwarnings %v", d, warnings)
	}
}

func TestHistoryLinesAreOneLineWithSortedKeys(t *testing.T) {
	for name, o := range outcomes(t) {
		text := line(t, o.HistoryEntry())
		if strings.Count(text, "\n") != 1 || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s is not one line: %q", name, text)
		}
		keys := strings.Split("base began benchmarks format go head machine status verdict", " ")
		if !slices.IsSortedFunc(keys, func(a, b string) int { return topLevel(text, a) - topLevel(text, b) }) {
			t.Errorf("%s has its keys in another order: %.200s", name, text)
		}
		doc := decode[map[string]any](t, []byte(text))
		if d := cmp.Diff(keys, slices.Sorted(maps.Keys(doc))); d != "" {
			t.Errorf("%s has other keys (-want +got):\n%s", name, d)
		}
	}
}

// topLevel returns where a key of the outermost object stands.
func topLevel(text, key string) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			if !quoted && depth == 1 && strings.HasPrefix(text[i:], `"`+key+`":`) {
				return i
			}
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

// A union merge may bring lines in any order, twice, and with what git leaves
// when it could not merge.
func TestMergedHistoriesAreTheSame(t *testing.T) {
	var lines []string
	for i := range 6 {
		e := judge(t, fineInput()).HistoryEntry()
		e.Began = e.Began.Add(time.Duration(i/2) * time.Hour) // some at once
		e.Head.Revision = strings.Repeat(string(rune('a'+i)), 40)
		lines = append(lines, line(t, e))
	}
	want, _ := read(t, strings.Join(lines, ""))
	if len(want) != 6 || want[0].Began.After(want[5].Began) {
		t.Fatalf("%d entries, not by time", len(want))
	}
	slices.Reverse(lines)
	for name, text := range map[string]string{
		"the other way round":   strings.Join(lines, ""),
		"twice":                 strings.Join(lines, "") + strings.Join(lines, ""),
		"with carriage returns": strings.ReplaceAll(strings.Join(lines, ""), "\n", "\r\n"),
		"with empty lines":      "\n\n" + strings.Join(lines, "\n"),
		"without a last break":  strings.TrimSuffix(strings.Join(lines, ""), "\n"),
	} {
		got, warnings := read(t, text)
		if d := cmp.Diff(want, got); d != "" || len(warnings) > 0 {
			t.Errorf("%s (-want +got):\n%s\n%v", name, d, warnings)
		}
	}
	here := strings.ReplaceAll(strings.Join(lines, ""), `T04:00:00Z"`, `T05:00:00+01:00"`)
	if got, _ := read(t, here+strings.Join(lines, "")); len(got) != 6 {
		t.Errorf("%d entries where a moment is written in two ways", len(got))
	}
	half := lines[0][:len(lines[0])/2]
	got, warnings := read(t, half+"\n<<<<<<< ours\n"+strings.Join(lines, "")+strings.Replace(lines[0], `"format":1`, `"format":2`, 1)+"{}\nnull\n"+half)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("with half lines (-want +got):\n%s", d)
	}
	var at []int
	for _, w := range warnings {
		at = append(at, w.Line)
	}
	if !slices.Equal(at, []int{1, 2, 9, 10, 11, 12}) || !strings.Contains(warnings[2].String(), "line 9: written by a later version") {
		t.Errorf("warnings %v", warnings)
	}
}

func TestLongLinesAreSkipped(t *testing.T) {
	good := line(t, judge(t, fineInput()).HistoryEntry())
	got, warnings := read(t, good+strings.Repeat("x", maxLine+5000)+"\n"+strings.Replace(good, `"status":0`, `"status":1`, 1))
	if len(got) != 2 || len(warnings) != 1 || warnings[0].Line != 2 {
		t.Errorf("%d entries, warnings %v", len(got), warnings)
	}
	got, warnings = read(t, good+strings.Repeat("x", maxLine+5000))
	if len(got) != 1 || len(warnings) != 1 || warnings[0].Line != 2 {
		t.Errorf("at the end: %d entries, warnings %v", len(got), warnings)
	}
}

func TestAppendHistory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "history.jsonl")
	e := judge(t, fineInput()).HistoryEntry()
	if err := AppendHistory(file, e); err != nil {
		t.Fatal(err)
	}
	// A crash has left half a line.
	half := `{"base":{"what`
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(half)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	e.Status = 1
	if err := AppendHistory(file, e); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	entries, warnings := read(t, string(data))
	if len(entries) != 2 || len(warnings) != 1 || warnings[0].Line != 2 {
		t.Errorf("%d entries, warnings %v", len(entries), warnings)
	}
	if err := AppendHistory(filepath.Join(file, "no"), e); err == nil {
		t.Error("appended to a file in a file")
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk on fire") }

func TestReadErrorsAreReturned(t *testing.T) {
	if _, _, err := ReadHistory(broken{}); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("error = %v", err)
	}
}

// FuzzReadHistory reads arbitrary bytes: what is read can be written and read
// again, whatever stands around it.
func FuzzReadHistory(f *testing.F) {
	o, err := Judge(fineInput())
	if err != nil {
		f.Fatal(err)
	}
	good, err := o.HistoryEntry().Line()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(append(good[:len(good)/2:len(good)/2], '\n'))
	f.Add([]byte("{}\nnull\n[]\n" + `{"format":1,"verdict":"fine","began":"2026-01-01T00:00:00+23:59"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, warnings, err := ReadHistory(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(data, []byte("\n")) + 1; len(entries)+len(warnings) > n {
			t.Fatalf("%d entries and %d warnings of %d lines", len(entries), len(warnings), n)
		}
		var text []byte
		for _, e := range entries {
			l, err := e.Line()
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, l...)
		}
		again, warnings, err := ReadHistory(bytes.NewReader(append(append([]byte("half\n"), text...), good...)))
		if err != nil || len(warnings) != 1 {
			t.Fatalf("%v, warnings %v", err, warnings)
		}
		for _, e := range entries {
			if !slices.ContainsFunc(again, func(a Entry) bool { return cmp.Equal(a, e) }) {
				t.Fatalf("lost %+v", e)
			}
		}
		if _, err := Trends(entries, TrendOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}
