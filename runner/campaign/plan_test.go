package campaign

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

func cellNames(p *Plan) []string {
	var names []string
	for _, c := range p.Cells {
		names = append(names, strings.TrimPrefix(c.Name(), "Workload/workload="))
	}
	return names
}

func TestPlanMultipliesWhatIsAskedFor(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"serial comes with any mode", Options{Workloads: []string{"fine"}, Modes: []string{"process"}, Workers: []int{2}},
			"fine/size=64KiB/mode=serial/workers=1 fine/size=64KiB/mode=process/workers=2"},
		{"twice is once, in order", Options{Workloads: []string{"fine", "fine"}, Modes: []string{"process", "serial", "process"}, Workers: []int{4, 2, 4},
			Params: map[string][]string{"size": {"1KiB", "1024", "1024B"}}},
			"fine/size=1KiB/mode=serial/workers=1 fine/size=1KiB/mode=process/workers=2 fine/size=1KiB/mode=process/workers=4"},
		{"a parameter goes to those that have it", Options{Workloads: []string{"fine", "disk"}, Modes: []string{"serial"},
			Params: map[string][]string{"sync": {"true", "false"}}},
			"fine/size=64KiB/mode=serial/workers=1 disk/sync=true/mode=serial/workers=1 disk/sync=false/mode=serial/workers=1"},
		{"a workload's own value goes first", Options{Workloads: []string{"fine", "crash"}, Modes: []string{"serial"},
			Params: map[string][]string{"size": {"1KiB"}, "crash.size": {"2KiB"}}},
			"fine/size=1KiB/mode=serial/workers=1 crash/size=2KiB/mode=serial/workers=1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := NewPlan(fakeCatalog(), tt.o)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(cellNames(p), " "); got != tt.want {
				t.Errorf("cells = %s\nwant    %s", got, tt.want)
			}
		})
	}
}

func TestPlanPairsWhatGoesTogether(t *testing.T) {
	c := fakeCatalog()
	c.Workloads = []results.CatalogWorkload{{Name: "mixed", Params: []results.CatalogParam{
		{Name: "size", Kind: "size", Default: "1KiB", Min: 1, Max: 1 << 30},
		{Name: "sync", Kind: "bool", Default: "false"},
		{Name: "block", Kind: "size", Default: "1KiB", Min: 1, Max: 1 << 30},
	}}}
	o := Options{
		Modes: []string{"serial"}, Together: []string{"mixed.size", "mixed.block"},
		Params: map[string][]string{"mixed.size": {"1KiB", "2KiB"}, "mixed.block": {"4B", "8B"}, "sync": {"true", "false"}},
	}
	p, err := NewPlan(c, o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Cells {
		got = append(got, c.Row())
	}
	want := []string{
		"workload=mixed/size=1KiB/sync=true/block=4B", "workload=mixed/size=1KiB/sync=false/block=4B",
		"workload=mixed/size=2KiB/sync=true/block=8B", "workload=mixed/size=2KiB/sync=false/block=8B",
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	o.Params["mixed.block"] = []string{"4B"}
	if _, err := NewPlan(c, o); err == nil || !strings.Contains(err.Error(), "size and block go together but have 2 and 1 values") {
		t.Errorf("one value beside two: error %v", err)
	}
}

func TestPlanOfNothingAskedForIsEverything(t *testing.T) {
	p, err := NewPlan(fakeCatalog(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	o := p.Options
	if o.Rounds != 10 || o.Target != 250*time.Millisecond || o.Timeout != time.Minute || o.Out != "results/runs" || len(o.Workers) == 0 {
		t.Errorf("options = %+v", o)
	}
	if want := len(fakeCatalog().Workloads) * (1 + 2*len(o.Workers)); len(p.Cells) != want {
		t.Errorf("%d cells, want %d", len(p.Cells), want)
	}
	if got := fmt.Sprint(defaultWorkers(1), defaultWorkers(2), defaultWorkers(6), defaultWorkers(8)); got != "[1] [1 2] [1 2 4 6] [1 2 4 8]" {
		t.Errorf("default workers = %s", got)
	}
}

func TestPlanRefuses(t *testing.T) {
	tests := []struct {
		o    Options
		want string
	}{
		{Options{Workloads: []string{"fime"}}, `unknown workload "fime", did you mean fine? (there are fine, crash, `},
		{Options{Workloads: []string{"control"}}, `unknown workload "control" (there are `},
		{Options{Modes: []string{"Procces"}}, `unknown mode "Procces", did you mean process? (there are serial, goroutine, process)`},
		{Options{Modes: []string{""}}, `unknown mode ""`},
		{Options{Params: map[string][]string{"siez": {"1"}}}, `unknown parameter "siez", did you mean size? (there are dir, size, sync)`},
		{Options{Params: map[string][]string{"fine.sync": {"true"}}}, `unknown parameter "fine.sync", did you mean `},
		{Options{Workloads: []string{"fine"}, Params: map[string][]string{"sync": {"true"}}}, `unknown parameter "sync" (there are size)`},
		{Options{Params: map[string][]string{"size": {"0"}}}, `parameter size: bad value "0": want 1B to 1GiB`},
		{Options{Params: map[string][]string{"size": {"big"}}}, `parameter size: bad value "big": want a size`},
		{Options{Params: map[string][]string{"size": {}}}, `parameter size: no value given`},
		{Options{Params: map[string][]string{"dir": {"/a", "/b"}}}, `parameter dir: 2 folders given`},
		{Options{Workers: []int{0}}, "0 workers: want 1 to 10000"},
		{Options{Workers: []int{-1}}, "-1 workers: want 1 to 10000"},
		{Options{Workers: []int{1 << 40}}, "workers: want 1 to 10000"},
		{Options{Rounds: -1}, "-1 rounds: want 1 to 10000"},
		{Options{Rounds: 1 << 40}, "rounds: want 1 to 10000"},
		{Options{Target: time.Nanosecond}, "samples of 1ns: want 1ms to 1h0m0s"},
		{Options{Target: -time.Second}, "samples of -1s"},
		{Options{Timeout: time.Millisecond}, "a time-out of 1ms: want more than the 250ms of a sample"},
		{Options{ProfileTime: -1}, "profiles of -1ns"},
		{Options{Workers: numbers(1000)}, "cells are too many (at most 10000)"},
		{Options{Workers: numbers(100), Rounds: 10_000}, "samples are too many (at most 1000000)"},
	}
	for _, tt := range tests {
		_, err := NewPlan(fakeCatalog(), tt.o)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("NewPlan(%+v) = %v, want %q", tt.o, err, tt.want)
		}
	}
	if _, err := NewPlan(results.Catalog{}, Options{}); err == nil {
		t.Error("a catalog without modes was planned")
	}
}

func numbers(n int) []int {
	ns := make([]int, n)
	for i := range ns {
		ns[i] = i + 1
	}
	return ns
}

func TestEstimateGrowsWithEverything(t *testing.T) {
	estimate := func(o Options) time.Duration {
		o.Workloads = []string{"fine"}
		return planOf(t, o).Estimate()
	}
	small := estimate(Options{Rounds: 1})
	if small <= 0 {
		t.Errorf("estimate = %v", small)
	}
	for name, o := range map[string]Options{
		"rounds":   {Rounds: 2},
		"target":   {Rounds: 1, Target: time.Second},
		"workers":  {Rounds: 1, Workers: []int{1, 2}},
		"profiles": {Rounds: 1, ProfileTime: time.Second},
	} {
		if more := estimate(o); more <= small {
			t.Errorf("with more %s the estimate is %v, not above %v", name, more, small)
		}
	}
	// Four cells with control, ten samples of 250 ms each: at least that.
	if d := estimate(Options{}); d < 10*time.Second || d > 30*time.Second {
		t.Errorf("estimate of 40 samples of 250 ms = %v", d)
	}
}

func TestFoldersBecomeConfiguration(t *testing.T) {
	p := planOf(t, Options{Workloads: []string{"disk"}, Params: map[string][]string{"dir": {"some/where"}}})
	abs, err := filepath.Abs("some/where")
	if err != nil {
		t.Fatal(err)
	}
	if got := folders(newRun(p).Cells); !slices.Equal(got, [][2]string{{"disk-dir", abs}}) {
		t.Errorf("folders = %v", got)
	}
}

func TestOrderIsAPermutationOfItsOwnEachRound(t *testing.T) {
	for n := 1; n < 20; n++ {
		for round := range 5 {
			o := order(9, round, n)
			if o[0] != n-1 {
				t.Errorf("order(9, %d, %d) does not begin with the control kernel", round, n)
			}
			if !slices.Equal(o, order(9, round, n)) {
				t.Errorf("order(9, %d, %d) varies", round, n)
			}
			slices.Sort(o)
			for i, j := range o {
				if i != j {
					t.Errorf("order(9, %d, %d) is no permutation", round, n)
				}
			}
		}
	}
	if slices.Equal(order(1, 1, 20), order(1, 2, 20)) || slices.Equal(order(1, 1, 20), order(2, 1, 20)) {
		t.Error("the order depends on round or seed not at all")
	}
}

func TestReconcileTrustsOnlyWhatBothSidesHave(t *testing.T) {
	start := func(n int) results.LogEntry { return results.LogEntry{Event: results.LogStart, OK: true, Samples: n} }
	took := func(c string) results.LogEntry { return results.LogEntry{Event: results.LogSample, OK: true, Cell: c} }
	lost := func(c string) results.LogEntry { return results.LogEntry{Event: results.LogSample, Cell: c} }
	tests := []struct {
		name    string
		log     []results.LogEntry
		samples string
		want    string // cells that count
		n       int
	}{
		{"nothing", nil, "", "", 0},
		{"all there", []results.LogEntry{start(0), took("a"), took("b")}, "ab", "ab", 2},
		{"log entry missing", []results.LogEntry{start(0), took("a")}, "ab", "a", 1},
		{"sample missing", []results.LogEntry{start(0), took("a"), took("b")}, "a", "a", 1},
		{"failures stay", []results.LogEntry{start(0), lost("x"), took("a"), lost("y")}, "", "xy", 0},
		{"other samples", []results.LogEntry{start(0), took("a"), took("b"), took("c")}, "axc", "a", 1},
		{"after a resume", []results.LogEntry{start(0), took("a"), took("b"), took("c"), start(1), took("b"), took("d")}, "abd", "abd", 3},
		{"resumed from nothing", []results.LogEntry{took("a"), start(0), took("a")}, "a", "a", 1},
	}
	for _, tt := range tests {
		entries, n := reconcile(tt.log, strings.Split(tt.samples, ""))
		got := ""
		for _, e := range entries {
			got += e.Cell
		}
		if got != tt.want || n != tt.n {
			t.Errorf("%s: reconcile = %q, %d, want %q, %d", tt.name, got, n, tt.want, tt.n)
		}
	}
}

func TestProfiledTakesTheMostWorkersWithACPUEach(t *testing.T) {
	p := planOf(t, Options{Workloads: []string{"fine"}, Modes: []string{"process"}, Workers: []int{1, 2, 3, 8, 16}, Params: map[string][]string{"size": {"1KiB", "2KiB"}}})
	for cpus, want := range map[int]int{1: 1, 2: 2, 4: 3, 8: 8, 100: 16} {
		run := newRun(p)
		var got []string
		for _, i := range profiled(run.Cells, cpus) {
			got = append(got, run.Cells[i].Name())
		}
		if want := fmt.Sprintf("[Workload/workload=fine/size=1KiB/mode=serial/workers=1 Workload/workload=fine/size=1KiB/mode=process/workers=%d]", want); fmt.Sprint(got) != want {
			t.Errorf("profiled with %d CPUs = %v, want %v", cpus, got, want)
		}
	}
	if !better(8, 16, 4) || better(16, 8, 4) {
		t.Error("where no number of workers has a CPU each, the least is not chosen")
	}
}
