package report

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/results"
)

// madeUp is a small report on a run in which a sample failed.
func madeUp(t *testing.T) *Report {
	t.Helper()
	works := []fakeWork{fakeWorks()[0], fakeWorks()[3]} // one that computes and one that waits
	return load(t, fakeFolder(t, usual(works...)))
}

func load(t *testing.T, paths ...string) *Report {
	t.Helper()
	r, err := Load(paths)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMarkdownGolden(t *testing.T) {
	got, err := madeUp(t).markdown()
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "report.md", got)
}

func TestTextGolden(t *testing.T) {
	for _, c := range []struct {
		name    string
		options TextOptions
	}{
		{"terminal.txt", TextOptions{Color: true, Width: 100}},
		{"plain.txt", TextOptions{}},
	} {
		var buf bytes.Buffer
		if err := madeUp(t).WriteText(&buf, c.options); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, c.name, buf.Bytes())
	}
}

// The page without its pictures, which package chart has goldens of.
func TestPageGolden(t *testing.T) {
	p, err := madeUp(t).page()
	if err != nil {
		t.Fatal(err)
	}
	p.CSS = "/* page.css */"
	got, err := p.html()
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "page.html", got)
}

const foreign = `goos: linux
goarch: arm64
pkg: example.org/sort
cpu: Neoverse-N1
BenchmarkSort/n=1000-8   	   50000	     21000 ns/op	      24 B/op	       1 allocs/op
BenchmarkSort/n=1000-8   	   50000	     21500 ns/op	      24 B/op	       1 allocs/op
BenchmarkSort/n=10-8     	 5000000	       230 ns/op	      24 B/op	       1 allocs/op
BenchmarkSort/n=10-8     	 5000000	       231 ns/op	      24 B/op	       1 allocs/op
PASS
`

// Labels are fixed, since paths of test folders differ from run to run.
func TestForeignGolden(t *testing.T) {
	file := samplesFile(t, foreign)
	r := load(t, "old="+file, "new="+file)
	if len(r.Suites) != 0 || len(r.Findings()) != 0 || r.Folder() != "" {
		t.Errorf("a report on another project has suites or findings: %+v", r)
	}
	var buf bytes.Buffer
	if err := r.WriteText(&buf, TextOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "foreign.txt", buf.Bytes())
	markdown, err := r.markdown()
	if err != nil {
		t.Fatal(err)
	}
	golden.Check(t, "foreign.md", markdown)
}

func TestTwoRunsAreComparedByFileAndEachHasFindings(t *testing.T) {
	one := usual(fakeWorks()[0])
	other := one
	other.seed = 9
	r := load(t, "old="+fakeFolder(t, one), "new="+fakeFolder(t, other))
	tables, err := r.Tables(false)
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, c := range tables.Tables[0].Cols {
		labels = append(labels, c.Label())
	}
	if d := cmp.Diff([]string{"old", "new"}, labels); d != "" {
		t.Errorf("columns differ:\n%s", d)
	}
	if n := len(r.Findings()); n != 2 {
		t.Errorf("%d findings of two runs of one workload, want 2", n)
	}
	if len(r.Suites) != 2 || r.Suites[1].Run == nil {
		t.Fatalf("suites = %+v, want two with runs", r.Suites)
	}
	if r.Folder() != "" {
		t.Errorf("the page of two runs belongs to %s, want none", r.Folder())
	}
	if r.prefix(0) == r.prefix(1) {
		t.Error("the charts of two runs have the same names")
	}
}

func TestControlKernelIsOnlyInTablesThatAskForIt(t *testing.T) {
	r := load(t, fakeFolder(t, usual(fakeWorks()[0])))
	rows := func() int {
		tables, err := r.Tables(true)
		if err != nil {
			t.Fatal(err)
		}
		return len(tables.Tables[0].Rows)
	}
	if n := rows(); n != 1 {
		t.Errorf("%d rows, want that of the workload only", n)
	}
	r.TableOptions.Filter = "/workload:" + results.ControlWorkload
	if n := rows(); n != 1 {
		t.Errorf("%d rows with a filter for the control kernel, want its own", n)
	}
}

// A run in which everything but the control kernel failed still has a report:
// it is then about the failures.
func TestRunOfWhichOnlyTheControlKernelIsLeft(t *testing.T) {
	folder := fakeFolder(t, usual(fakeWorks()[0]))
	file := filepath.Join(folder, results.SamplesFile)
	samples, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var left []byte
	for line := range bytes.Lines(samples) {
		if !bytes.Contains(line, []byte("workload=hash")) {
			left = append(left, line...)
		}
	}
	if err := os.WriteFile(file, left, 0o666); err != nil {
		t.Fatal(err)
	}
	r := load(t, folder)
	if len(r.Failures()) != 1 || len(r.Findings()) != 0 {
		t.Errorf("failures %v and findings %v, want one and none", r.Failures(), r.Findings())
	}
	for _, width := range []int{0, 80} {
		var buf bytes.Buffer
		if err := r.WriteText(&buf, TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(buf.Bytes(), []byte("control")) || !bytes.Contains(buf.Bytes(), []byte("host crashed")) {
			t.Errorf("at width %d the text lacks the control kernel or the failure:\n%s", width, buf.Bytes())
		}
	}
	if _, err := r.WritePage(t.TempDir(), nil); err != nil {
		t.Error(err)
	}
}

// Names, units and settings of a foreign file are shown to a terminal, which
// must not obey them.
func TestControlCharactersAreShownNotObeyed(t *testing.T) {
	const evil = "\x1b]0;hi\a\u202e"
	text := "note: x" + evil + "\n"
	for _, mode := range []string{"serial", "goroutine", "process" + evil} {
		text += "BenchmarkW/workload=w" + evil + "/mode=" + mode + "/workers=1 1 5 ns/op 7 u" + evil + "\n"
	}
	file := samplesFile(t, text)
	for _, paths := range [][]string{{file}, {"a" + evil + "=" + file, "b" + evil + "=" + file}} {
		r := load(t, paths...)
		tables, err := r.Tables(true)
		if err != nil {
			t.Fatal(err)
		}
		var plain, pasted bytes.Buffer
		if err := errors.Join(r.WriteText(&plain, TextOptions{Width: 80, All: true}), tables.WriteMarkdown(&pasted)); err != nil {
			t.Fatal(err)
		}
		markdown, err := r.markdown()
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string][]byte{"text": plain.Bytes(), "tables in Markdown": pasted.Bytes(), "Markdown": markdown} {
			if bytes.ContainsAny(got, "\x1b\a\u202e") || !bytes.Contains(got, []byte(`x1b`)) {
				t.Errorf("%s has control characters, or not what stands for them:\n%q", name, got)
			}
		}
	}
}
