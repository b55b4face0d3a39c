package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/results"
)

// grainWorks are spin with several sizes of tasks, of a nanosecond for each
// iteration.
func grainWorks(iterations ...int) []fakeWork {
	var works []fakeWork
	for _, n := range iterations {
		param := []results.Param{{Name: "iterations", Value: fmt.Sprint(n)}}
		works = append(works, fakeWork{results.Cell{Workload: "spin", Params: param}, 1e-9 * float64(n), 0, 0})
	}
	return works
}

// someGrains is a report on tasks of several sizes, on two CPUs.
func someGrains(t *testing.T) *Report {
	t.Helper()
	works := grainWorks(10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000)
	return load(t, fakeFolder(t, usual(works...)))
}

func TestGranularityOfAMadeUpRun(t *testing.T) {
	all := someGrains(t).Suites[0].Granularities()
	if len(all) != 1 {
		t.Fatalf("%d workloads with granularities, want 1", len(all))
	}
	g := all[0]
	if g.Workload != "spin" || g.Param != "iterations" || g.Workers != 2 || math.Abs(g.PerSize/1e-9-1) > 0.05 {
		t.Errorf("granularity of %s by %s, %d workers, %g s per size", g.Workload, g.Param, g.Workers, g.PerSize)
	}
	// A task is charged for two cores: for the work and the hand-out, and where
	// one CPU does all, for the other one too.
	for i, m := range fakeModes {
		want, peak := 2*m.handOut, 1.0
		if m.name == "gomaxprocs1" {
			want, peak = 4*m.handOut, 0.5
		}
		got := g.Modes[i]
		if got.Mode != m.name {
			t.Fatalf("mode %d is %s, want %s", i, got.Mode, m.name)
		}
		switch v := got.Seconds; {
		case m.handOut == 0:
			if v.Center != 0 {
				t.Errorf("%s: METG is %v, want it to be below all sizes", m.name, v)
			}
		case math.Abs(v.Center/want-1) > 0.35 || !(v.Lo <= v.Center && v.Center <= v.Hi):
			t.Errorf("%s: METG is %v, want about %g", m.name, v, want)
		}
		if math.Abs(got.Peak/peak-1) > 0.08 {
			t.Errorf("%s: peak efficiency is %g, want %g", m.name, got.Peak, peak)
		}
	}
}

func TestGranularityIsAbsentWhereThereIsNoSeries(t *testing.T) {
	for _, c := range []struct {
		name  string
		works []fakeWork
	}{
		{"ordinary workloads", fakeWorks()},
		{"three sizes", grainWorks(10, 100, 1000)},
		{"work that is not proportional", func() []fakeWork {
			works := grainWorks(10, 100, 1000, 10_000)
			for i := range works {
				works[i].cpu = 1e-3
			}
			return works
		}()},
		{"two parameters", func() []fakeWork {
			works := grainWorks(10, 100, 1000, 10_000)
			for i := range works {
				works[i].cell.Params = append(works[i].cell.Params, results.Param{Name: "other", Value: fmt.Sprint(i % 2)})
			}
			return works
		}()},
		{"words", func() []fakeWork {
			works := grainWorks(10, 100, 1000, 10_000)
			for i := range works {
				works[i].cell.Params[0].Value = string(rune('a' + i))
			}
			return works
		}()},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := load(t, fakeFolder(t, usual(c.works...)))
			if all := r.Suites[0].Granularities(); len(all) != 0 {
				t.Errorf("granularities of %s by %s, want none", all[0].Workload, all[0].Param)
			}
			if text := r.granularityText(TextOptions{}) + string(r.GranularityMarkdown()); text != "" {
				t.Errorf("a section:\n%s", text)
			}
		})
	}
}

// A cell in which all fails, and modes that were not measured at every size,
// leave the rest as it is.
func TestGranularityOfWhatWasMeasured(t *testing.T) {
	var lines []string
	for _, n := range []int{10, 100, 1000, 10_000, 100_000} {
		sec := 1e-9 * float64(n)
		seconds := map[string]float64{serial: sec, "goroutine": sec/2 + 50e-9}
		if n > 10 && n != 1000 {
			seconds["process"] = sec/2 + 500e-9
		}
		if n == 100 {
			seconds["spawn"] = 1e-3
		}
		lines = append(lines, someLines(fmt.Sprintf("spin/iterations=%d", n), seconds))
	}
	g := suiteOfLines(t, lines...).Granularities()[0]
	var modes []string
	for _, m := range g.Modes {
		modes = append(modes, fmt.Sprintf("%s of %d", m.Mode, len(m.Points)))
	}
	if got, want := strings.Join(modes, ", "), "serial of 5, goroutine of 5, process of 3"; got != want {
		t.Errorf("modes %s, want %s", got, want)
	}
}

func TestSizeOf(t *testing.T) {
	for value, want := range map[string]float64{
		"1000": 1000, "1e3": 1000, "0.5": 0.5, "64KiB": 65536, "1MiB": 1 << 20, "2GiB": 2 << 30, "512B": 512,
		"10ms": 0.01, "250us": 250e-6, "true": math.NaN(), "": math.NaN(), "KiB": math.NaN(), "B": math.NaN(),
	} {
		if got := sizeOf(value); math.Abs(got-want) > 1e-12 || math.IsNaN(got) != math.IsNaN(want) {
			t.Errorf("the size of %q is %g, want %g", value, got, want)
		}
	}
}

func TestGranularityGolden(t *testing.T) {
	r := someGrains(t)
	golden.Check(t, "granularity.txt", []byte(r.granularityText(TextOptions{})))
	golden.Check(t, "granularity.md", r.GranularityMarkdown())
}

func TestGranularityIsInJSON(t *testing.T) {
	r := someGrains(t)
	tables, err := r.Tables(false)
	if err != nil {
		t.Fatal(err)
	}
	var got, plain bytes.Buffer
	if err := r.WriteJSON(&got, tables); err != nil {
		t.Fatal(err)
	}
	var back JSON
	if err := json.Unmarshal(got.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if len(back.Granularity) != 1 || len(back.Granularity[0].Modes) != len(fakeModes) || len(back.Tables) == 0 {
		t.Fatalf("%d granularities, %d tables", len(back.Granularity), len(back.Tables))
	}
	for i, m := range back.Granularity[0].Modes {
		if (m.METG == nil) != (fakeModes[i].handOut == 0) || (m.METG == nil) != (m.Below != nil) || m.Above != nil || len(m.Points) != 8 {
			t.Errorf("%s: %+v", m.Mode, m)
		}
	}

	// What has no such series is as it was without it.
	ordinary := madeUp(t)
	if tables, err = ordinary.Tables(false); err != nil {
		t.Fatal(err)
	}
	got.Reset()
	if err := ordinary.WriteJSON(&got, tables); err != nil {
		t.Fatal(err)
	}
	if err := tables.WriteJSON(&plain); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), plain.Bytes()) {
		t.Error("the JSON of an ordinary run is not that of its tables")
	}
}

func TestPageHasGranularity(t *testing.T) {
	r := someGrains(t)
	var figures []string
	for _, f := range r.Suites[0].Figures() {
		if f.granularity != "" {
			figures = append(figures, f.Name+": "+f.granularity)
		}
	}
	if got := strings.Join(figures, ", "); got != "spin-granularity: spin" {
		t.Errorf("figures of granularity: %s", got)
	}
	p, err := r.page()
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.html()
	if err != nil {
		t.Fatal(err)
	}
	elements(t, page)
	for _, want := range []string{`href="#s1-grain-1"`, `id="s1-grain-1"`, "Granularity of spin", "METG(50", "peak efficiency", "spawn"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
}
