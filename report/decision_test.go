package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// decisionWorks are work that computes, that waits and that does both, in tasks
// of 1 µs to 10 ms, as gvp decide measures them. None waits for less than 100 µs.
func decisionWorks() []fakeWork {
	var works []fakeWork
	param := func(name, value string) results.Param { return results.Param{Name: name, Value: value} }
	cell := func(workload string, params ...results.Param) results.Cell {
		return results.Cell{Workload: workload, Params: params}
	}
	for _, sec := range []float64{1e-6, 1e-5, 1e-4, 1e-3, 1e-2} {
		wait := time.Duration(sec * 1e9)
		iterations := fmt.Sprint(int(sec * 1e9))
		half := fmt.Sprint(int(sec * 5e8))
		works = append(works,
			fakeWork{cell("spin", param("iterations", iterations)), sec, 0, 0},
			fakeWork{cell("sleep", param("duration", wait.String())), 1e-6, max(sec, 1e-4), 0},
			fakeWork{cell("mixed", param("iterations", half), param("wait", (wait/2).String())), sec / 2, max(sec/2, 1e-4), 0},
		)
	}
	return works
}

func someDecision(t *testing.T) *Report {
	t.Helper()
	return load(t, fakeFolder(t, usual(decisionWorks()...)))
}

func TestDecisionOfAMadeUpRun(t *testing.T) {
	d, ok := someDecision(t).Suites[0].Decision()
	if !ok {
		t.Fatal("no map")
	}
	got := []string{fmt.Sprint(d.Decades)}
	for _, l := range d.Lines {
		line := l.Name()
		for _, f := range l.Fields {
			if f == nil {
				line += " –"
				continue
			}
			line += " " + strings.Join(f.Among, "+")
			if f.Next != "" {
				line += ">" + f.Next
			}
		}
		got = append(got, line)
	}
	all := "goroutine+gomaxprocs1+thread+process+hybrid"
	cpus := "goroutine+thread+process+hybrid"
	want := []string{
		"[-6 -5 -4 -3 -2]",
		"CPU: spin goroutine>thread goroutine>thread " + cpus + " " + cpus + " " + cpus,
		"mixed: mixed – – " + all + " " + all + " " + all,
		"waiting: sleep – – " + all + " " + all + " " + all,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("map differs (-want +got):\n%s", diff)
	}
}

func TestSentencesOfTheMap(t *testing.T) {
	modes := func(serialSec, goroutine, process float64) map[string]float64 {
		return map[string]float64{serial: serialSec, "goroutine": goroutine, "process": process}
	}
	small, middle, large := modes(1e-6, 2e-6, 3e-6), modes(1e-5, 5e-6, 8e-6), modes(1e-4, 5e-5, 4e-5)
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"each mode has its sizes", []string{someLines("w/n=1", small), someLines("w/n=10", middle), someLines("w/n=100", large)},
			"goroutine or serial is among the fastest in 2 of 3 fields; in 1, only processes are. The simplest mode that no other beats for certain: for w serial at 1 µs, goroutine at 10 µs, process at 100 µs."},
		{"stretches", []string{
			someLines("w/n=1", small), someLines("w/n=10", modes(1e-5, 2e-5, 3e-5)), someLines("w/n=100", modes(1e-4, 5e-5, 8e-5)), someLines("w/n=1000", modes(1e-3, 5e-4, 8e-4)),
			someLines("v/n=1", modes(1e-6, 5e-7, 1e-6)), someLines("v/n=10", middle)},
			"goroutine or serial is among the fastest in all 6 fields. The simplest mode that no other beats for certain: for w serial up to 10 µs, goroutine from 100 µs on; for v goroutine at every size."},
		{"the same for two", []string{someLines("w/n=1", middle), someLines("w/n=10", modes(1e-4, 5e-5, 8e-5)), someLines("v/n=1", middle), someLines("v/n=10", modes(1e-4, 5e-5, 8e-5))},
			"goroutine is among the fastest in all 4 fields. The simplest mode that no other beats for certain: for w and v goroutine at every size."},
		{"processes win", []string{someLines("w/n=1", large), someLines("w/n=10", modes(1e-3, 5e-4, 4e-4))},
			"only processes are among the fastest in 2 of 2 fields. The simplest mode that no other beats for certain: for w process at every size."},
	} {
		if d, _ := suiteOfLines(t, c.lines...).Decision(); wording.Breakable(d.Sentence()) != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, wording.Breakable(d.Sentence()), c.want)
		}
	}
}

// Whether one mode wins, which comes next, and by how much.
func TestFieldsOfTheMap(t *testing.T) {
	for _, c := range []struct {
		name          string
		seconds       map[string]float64
		among, reason string
	}{
		{"one wins", map[string]float64{serial: 1e-3, "goroutine": 5e-4, "process": 6e-4}, "goroutine", "process +20 %, 2.00× serial"},
		{"the next is serial", map[string]float64{serial: 1e-3, "goroutine": 5e-4, "spawn": 1e-2}, "goroutine", "serial 2.00×, 2.00× serial"},
		{"serial wins", map[string]float64{serial: 1e-3, "goroutine": 1.2e-3, "process": 3e-3}, serial, "goroutine +20 %"},
		{"serial alone is as fast", map[string]float64{serial: 1e-3, "goroutine": 1e-3, "process": 3e-3}, "serial+goroutine", "serial, goroutine, 1.00× serial"},
		{"two are as fast", map[string]float64{serial: 1e-3, "goroutine": 5e-4, "process": 5e-4}, "goroutine+process", "goroutine, process, 2.00× serial"},
		{"one mode", map[string]float64{serial: 1e-3, "process": 5e-4}, "process", "serial 2.00×, 2.00× serial"},
		{"three are as fast", map[string]float64{serial: 1e-3, "goroutine": 1e-3, "process": 1e-3}, "serial+goroutine+process", "serial, goroutine, process, 1.00× serial"},
	} {
		t.Run(c.name, func(t *testing.T) {
			small := map[string]float64{}
			for mode, sec := range c.seconds {
				small[mode] = sec / 100
			}
			d, ok := suiteOfLines(t, someLines("w/n=1", small), someLines("w/n=100", c.seconds)).Decision()
			if !ok || len(d.Decades) != 3 || d.Lines[0].Fields[1] != nil {
				t.Fatalf("map %v: %+v, want one of three decades, the one between empty", ok, d)
			}
			f := d.Lines[0].Fields[2]
			if got := strings.Join(f.Among, "+"); got != c.among {
				t.Errorf("fastest %s, want %s", got, c.among)
			}
			if got := wording.Breakable(strings.Join(f.reason(), ", ")); got != c.reason {
				t.Errorf("reason %q, want %q", got, c.reason)
			}
			if d.Lines[0].Kind != Unknown || d.Lines[0].Name() != "w" {
				t.Errorf("kind %q without CPU times", d.Lines[0].Kind)
			}
		})
	}
}

func TestWhatHasNoMap(t *testing.T) {
	one := func(ms float64) map[string]float64 {
		return map[string]float64{serial: ms * 1e-3, "goroutine": ms * 1e-3}
	}
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"one size", []string{someLines("w/n=1", one(1))}},
		{"sizes of one decade", []string{someLines("w/n=1", one(1)), someLines("w/n=2", one(2))}},
		{"larger tasks take less time", []string{someLines("w/n=1", one(10)), someLines("w/n=100", one(1))}},
		{"words", []string{someLines("w/n=a", one(1)), someLines("w/n=b", one(100))}},
		{"parameters that do not rise together", []string{someLines("w/n=1/m=4", one(1)), someLines("w/n=100/m=2", one(100))}},
		{"every size with every other", []string{someLines("w/n=1/m=1", one(1)), someLines("w/n=100/m=1", one(100)), someLines("w/n=1/m=2", one(10)), someLines("w/n=100/m=2", one(1000))}},
		{"without serial", []string{someLines("w/n=1", map[string]float64{"goroutine": 1e-3}), someLines("w/n=100", map[string]float64{"goroutine": 1e-1})}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := suiteOfLines(t, c.lines...)
			if d, ok := s.Decision(); ok {
				t.Errorf("a map: %+v", d)
			}
			r := &Report{Suites: []*Suite{s}}
			if text := r.decisionText(TextOptions{}) + string(r.DecisionMarkdown()); text != "" {
				t.Errorf("a section:\n%s", text)
			}
		})
	}
}

func TestLargerOfTwoSizesInADecade(t *testing.T) {
	modes := func(sec float64) map[string]float64 { return map[string]float64{serial: sec, "goroutine": sec / 2} }
	d, ok := suiteOfLines(t, someLines("w/n=1", modes(1e-6)), someLines("w/n=100", modes(1.1e-4)), someLines("w/n=90", modes(1.2e-4))).Decision()
	if !ok {
		t.Fatal("no map")
	}
	if got := d.Lines[0].Fields[2].Row.Label(); got != "w (n=100)" {
		t.Errorf("the field is about %s, want that with the larger parameter", got)
	}
}

func TestTooFewSamplesDecideNothing(t *testing.T) {
	o := usual(decisionWorks()...)
	o.rounds = 2
	d, ok := load(t, fakeFolder(t, o)).Suites[0].Decision()
	if !ok {
		t.Fatal("no map")
	}
	if got, want := d.Sentence(), "Too few samples to tell all modes apart."; got != want {
		t.Errorf("sentence %q, want %q", got, want)
	}
}

func TestDecisionGolden(t *testing.T) {
	r := someDecision(t)
	golden.Check(t, "decision.txt", []byte(r.decisionText(TextOptions{})))
	golden.Check(t, "decision-80.txt", []byte(r.decisionText(TextOptions{Width: 80})))
	golden.Check(t, "decision.md", r.DecisionMarkdown())
}

func TestDecisionIsInJSON(t *testing.T) {
	r := someDecision(t)
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
	if len(back.Decision) != 1 || len(back.Decision[0].Lines) != 3 {
		t.Fatalf("maps %+v, want one of three lines", back.Decision)
	}
	l := back.Decision[0].Lines[0]
	if l.Kind != CPUWork || len(l.Fields) != 5 || l.Fields[0].Decade != 1e-6 || !l.Fields[0].Clear || len(l.Fields[0].Fastest) == 0 {
		t.Errorf("line %+v", l)
	}
}

// TestSeriesHaveNoChartsOfTheirOwn holds the page of many sizes to a size that
// a browser likes: the map, the curves, and a table for each size.
func TestSeriesHaveNoChartsOfTheirOwn(t *testing.T) {
	works := append(decisionWorks(), fakeWorks()[0]) // with one that has one size
	r := load(t, fakeFolder(t, usual(works...)))
	var names []string
	for _, f := range r.Suites[0].Figures() {
		names = append(names, f.Name)
	}
	want := []string{"overview", "decision", "spin-granularity", "sleep-granularity", "hash-rate", "hash-scaling", "hash-cpu", "hash-memory", "hash-latency"}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("figures differ (-want +got):\n%s", d)
	}
	p, err := r.page()
	if err != nil {
		t.Fatal(err)
	}
	v := p.Suites[0]
	if len(v.Rows) != 1 || len(v.Series) != 3 || len(v.Series[0].Rows) != 5 || v.Decision == nil {
		t.Errorf("%d rows and %d series on the page, want 1 and 3", len(v.Rows), len(v.Series))
	}
	page, err := p.html()
	if err != nil {
		t.Fatal(err)
	}
	elements(t, page)
	for _, want := range []string{`href="#s1-decision"`, `id="s1-decision"`, "Which mode for which task", "no difference", "spin, size by size", "spin (iterations=1000)"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
	markdown, err := r.markdown()
	if err != nil {
		t.Fatal(err)
	}
	if before, after, ok := bytes.Cut(markdown, []byte("<summary>Findings size by size</summary>")); !ok || !bytes.Contains(before, []byte("- **hash")) || bytes.Contains(before, []byte("- **spin")) || !bytes.Contains(after, []byte("- **spin")) {
		t.Errorf("the findings of the series are not folded:\n%s", markdown)
	}
	// Three sizes are few enough for charts of each.
	few := load(t, fakeFolder(t, usual(grainWorks(1000, 10_000, 100_000)...)))
	if n := len(few.Suites[0].Figures()); n != 2+3*5 {
		t.Errorf("%d figures of three sizes, want 17", n)
	}
}
