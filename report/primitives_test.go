package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// measured is a report on some of what make peers measured, in one round.
func measured(t *testing.T) *Report {
	t.Helper()
	return load(t, "peers="+filepath.Join("testdata", "primitives.samples"))
}

// primitivesIn reads lines of benchmarks.
func primitivesIn(t *testing.T, lines ...string) *Report {
	t.Helper()
	return load(t, samplesFile(t, strings.Join(lines, "\n")+"\n"))
}

func TestPrimitivesGolden(t *testing.T) {
	r := measured(t)
	golden.Check(t, "primitives.txt", []byte(r.primitivesText(TextOptions{})))
	golden.Check(t, "primitives-80.txt", []byte(r.primitivesText(TextOptions{Width: 80})))
	golden.Check(t, "primitives.md", r.PrimitivesMarkdown())
}

// What make peers measures is all of a side that is known.
func TestWaysOfPeersAreKnown(t *testing.T) {
	for _, one := range measured(t).Primitives[0].All {
		for _, w := range one.Ways {
			if w.Side == results.UnknownSide {
				t.Errorf("%s: by=%s is of no side", one.Label(), w.By)
			}
		}
	}
}

func TestPrimitives(t *testing.T) {
	many := func(name string, ns float64) []string {
		var lines []string
		for i := range 6 {
			lines = append(lines, fmt.Sprintf("Benchmark%s 10 %g ns/op", name, ns*(1+0.01*float64(i))))
		}
		return lines
	}
	for _, c := range []struct {
		name  string
		lines []string
		want  [][]string // of the table; nil: no section
	}{
		{"intervals", slices.Concat(many("X/n=1/by=channel-2", 100), many("X/n=1/by=pipe-2", 1000)), [][]string{
			{"primitive", "goroutines", "processes", "process / goroutine"},
			{"X (n=1)", "channel 102 ns ± 2.4 %", "pipe 1.02 µs ± 2.4 %", "10.0× ± 2.9 %"},
		}},
		{"the fastest of several", []string{"BenchmarkX/by=queue 1 90 ns/op", "BenchmarkX/by=pipe 1 50 ns/op", "BenchmarkX/by=mutex 1 10 ns/op", "BenchmarkX/by=python 1 200 ns/op"}, [][]string{
			{"primitive", "goroutines", "processes", "Python", "process / goroutine", "Python / process"},
			{"X", "mutex 10.0 ns", "pipe 50.0 ns|queue 90.0 ns", "python 200 ns", "5.00×", "4.00×"},
		}},
		{"a way that is not known has no ratio", []string{"BenchmarkX/by=zeromq 1 90 ns/op", "BenchmarkX/by=channel 1 10 ns/op"}, [][]string{
			{"primitive", "goroutines", "others"},
			{"X", "channel 10.0 ns", "zeromq 90.0 ns"},
		}},
		{"a metric of its own", []string{"BenchmarkIdle/by=goroutine 1 9 ns/op 1024 B/worker", "BenchmarkIdle/by=process 1 3 ns/op 4096 B/worker"}, [][]string{
			{"primitive", "goroutines", "processes", "process / goroutine"},
			{"Idle, B/worker", "goroutine 1.00 KiB", "process 4.00 KiB", "4.00×"},
		}},
		{"another project's by", []string{"BenchmarkSort/by=key 1 90 ns/op", "BenchmarkSort/by=value2 1 10 ns/op"}, nil},
		{"no way", []string{"BenchmarkX 1 90 ns/op", "BenchmarkX/by= 1 90 ns/op"}, nil},
		{"a mode", []string{"BenchmarkX/workload=w/mode=goroutine/workers=1/by=channel 1 9 ns/op"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := primitivesIn(t, c.lines...)
			var got [][]string
			for _, p := range r.Primitives {
				head, lines := p.table()
				got = append(got, head)
				for _, l := range lines {
					var cells []string
					for _, cell := range l {
						cells = append(cells, wording.Breakable(strings.Join(cell, "|")))
					}
					got = append(got, cells)
				}
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("table differs (-want +got):\n%s", d)
			}
			if text := r.primitivesText(TextOptions{}) + string(r.PrimitivesMarkdown()); (text == "") != (c.want == nil) {
				t.Errorf("section %q", text)
			}
		})
	}
}

func TestSentenceOnPrimitives(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"BenchmarkX/by=channel 1 10 ns/op", "BenchmarkX/by=pipe 1 50 ns/op"},
			"Processes take 5.00× as long as goroutines (X)."},
		{[]string{"BenchmarkX/by=channel 1 10 ns/op", "BenchmarkX/by=pipe 1 50 ns/op", "BenchmarkY/n=1/by=channel 1 10 ns/op", "BenchmarkY/n=1/by=pipe 1 5 ns/op", "BenchmarkY/n=1/by=python 1 10 ns/op"},
			"Processes take 2.75× as long as goroutines, median over 2 primitives, from 0.50× (Y, n=1) to 5.00× (X); Python takes 2.00× as long as processes (Y, n=1)."},
		{[]string{"BenchmarkX/by=channel 1 10 ns/op"}, ""},
	} {
		if got := wording.Breakable(primitivesIn(t, c.lines...).Primitives[0].Sentence()); got != c.want {
			t.Errorf("sentence %q, want %q", got, c.want)
		}
	}
}

// Settings that set samples of the same name apart set primitives apart.
func TestPrimitivesOfTwoMachinesAreApart(t *testing.T) {
	r := primitivesIn(t, "cpu: one", "BenchmarkX/by=channel 1 10 ns/op", "cpu: two", "BenchmarkX/by=channel 1 20 ns/op")
	var labels []string
	for _, one := range r.Primitives[0].All {
		labels = append(labels, one.Label())
	}
	if d := cmp.Diff([]string{"X (cpu=one)", "X (cpu=two)"}, labels); d != "" {
		t.Errorf("primitives differ (-want +got):\n%s", d)
	}
}

func TestPrimitivesAreInJSON(t *testing.T) {
	r := measured(t)
	tables, err := r.Tables(false)
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if err := r.WriteJSON(&buf, tables); err != nil {
		t.Fatal(err)
	}
	var back JSON
	if err := json.Unmarshal(buf.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Primitives) != len(r.Primitives[0].All) {
		t.Fatalf("%d primitives", len(back.Primitives))
	}
	one := back.Primitives[0]
	if one.Name != "RoundTrip" || one.File != "peers" || one.Unit != results.SecPerOp || len(one.Ways) != 6 || one.Ways[0].Side != results.GoroutineSide ||
		one.Ways[0].Lo != nil || one.ProcessOverGoroutine == nil || one.ProcessOverGoroutine.Center < 10 {
		t.Errorf("primitive %+v", one)
	}
}

func TestPageHasPrimitives(t *testing.T) {
	r := measured(t)
	var names []string
	for _, f := range r.Primitives[0].Figures() {
		names = append(names, f.Name)
	}
	if d := cmp.Diff([]string{"primitive-RoundTrip", "primitive-Throughput", "primitives"}, names); d != "" {
		t.Errorf("figures differ (-want +got):\n%s", d)
	}
	if testing.Short() {
		t.Skip("drawing takes long under the race detector")
	}
	dir := t.TempDir()
	path, err := r.WritePage(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	figures := 0
	for _, e := range elements(t, page) {
		if e.name == "figure" {
			figures++
		}
	}
	if figures != 3 {
		t.Errorf("%d figures, want 3", figures)
	}
	for _, want := range []string{`href="#primitives-1"`, `id="primitives-1"`, "What each primitive charges", "sharedmemory", "process / goroutine"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if bytes.Contains(page, []byte("no chart")) {
		t.Error("a chart could not be drawn")
	}
	if _, err := os.Stat(filepath.Join(dir, ChartsDir, "primitives-dark.svg")); err != nil {
		t.Error(err)
	}
	markdown, err := os.ReadFile(filepath.Join(dir, MarkdownFile))
	if err != nil || !bytes.Contains(markdown, []byte("### What each primitive charges")) {
		t.Errorf("the text for a pull request lacks the section: %v", err)
	}
}

func TestNamesOfPrimitivesAreShownNotObeyed(t *testing.T) {
	const evil = "\x1b]0;hi\a\u202e"
	r := primitivesIn(t, "BenchmarkX"+evil+"/p"+evil+"=1/by=channel 1 5 ns/op", "BenchmarkX"+evil+"/p"+evil+"=1/by=pipe 1 5 ns/op", "BenchmarkX/by=a"+evil+" 1 5 ns/op")
	if len(r.Primitives) != 1 {
		t.Fatal("no section")
	}
	for _, got := range [][]byte{[]byte(r.primitivesText(TextOptions{Width: 80})), r.PrimitivesMarkdown()} {
		if bytes.ContainsAny(got, "\x1b\a\u202e") || !bytes.Contains(got, []byte(`x1b`)) {
			t.Errorf("control characters, or not what stands for them:\n%q", got)
		}
	}
}

// Each of several files has a section, named for it, and charts of its own.
func TestPrimitivesOfTwoFiles(t *testing.T) {
	file := filepath.Join("testdata", "primitives.samples")
	r := load(t, "old="+file, "new="+file)
	text := r.primitivesText(TextOptions{})
	if !strings.Contains(text, "\nold: What each primitive charges\n") || !strings.Contains(text, "\nnew: What each primitive charges\n") {
		t.Errorf("sections of two files:\n%s", text)
	}
}
