package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/check"
)

// catalogOf is that of a bench binary with three modes and workloads, each told as
// its name and those of its parameters.
func catalogOf(workloads ...string) results.Catalog {
	c := results.Catalog{Modes: []results.CatalogMode{{Name: "serial", Single: true}, {Name: "goroutine"}, {Name: "process"}}}
	for _, w := range workloads {
		names := strings.Fields(w)
		of := results.CatalogWorkload{Name: names[0]}
		for _, p := range names[1:] {
			of.Params = append(of.Params, results.CatalogParam{Name: p, Kind: "int", Default: "1", Min: 1, Max: 1000})
		}
		c.Workloads = append(c.Workloads, of)
	}
	return c
}

func TestCellsOfSeveralBenchBinaries(t *testing.T) {
	old, current := catalogOf("hash size", "gone n"), catalogOf("hash size rounds", "fresh n")
	for _, tt := range []struct {
		name  string
		flags cellFlags
		want  [2]string // of old and of current, in short
		err   string
	}{
		{"a quick preset's", cellFlags{},
			[2]string{"hash/size=1 serial1 goroutine1 goroutine2 process1 process2", "hash/size=1/rounds=1 serial1 goroutine1 goroutine2 process1 process2"}, ""},
		{"chosen", cellFlags{workloads: words{"hash"}, modes: words{"process", "goroutine"}, workers: counts{2}, params: params{"size": {"4", "5"}}},
			[2]string{"hash/size=4 goroutine2 process2 hash/size=5 goroutine2 process2", "hash/size=4/rounds=1 goroutine2 process2 hash/size=5/rounds=1 goroutine2 process2"}, ""},
		{"serial alone", cellFlags{workloads: words{"hash"}, modes: words{"serial"}, workers: counts{2}}, [2]string{"hash/size=1 serial1", "hash/size=1/rounds=1 serial1"}, ""},
		{"of one side", cellFlags{workloads: words{"fresh"}, modes: words{"serial"}}, [2]string{"", "fresh/n=1 serial1"}, ""},
		{"a parameter of one side", cellFlags{modes: words{"serial"}, params: params{"hash.rounds": {"7"}}}, [2]string{"hash/size=1 serial1", "hash/size=1/rounds=7 serial1"}, ""},
		{"workload of none", cellFlags{workloads: words{"hsah"}}, [2]string{}, `unknown workload "hsah", did you mean hash? (there are hash, gone, fresh)`},
		{"mode of none", cellFlags{modes: words{"thread"}}, [2]string{}, `unknown mode "thread"`},
		{"parameter of none", cellFlags{params: params{"sise": {"1"}}}, [2]string{}, `unknown parameter "sise", did you mean size?`},
		{"parameter of another workload", cellFlags{workloads: words{"hash"}, params: params{"gone.n": {"1"}}}, [2]string{}, `unknown parameter "gone.n"`},
		{"value", cellFlags{params: params{"size": {"0"}}}, [2]string{}, `size: bad value "0"`},
		{"workers", cellFlags{workers: counts{1e8}}, [2]string{}, "100000000 workers"},
	} {
		cells, err := tt.flags.checkedCells([]results.Catalog{old, current}, 2)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v, want %q", tt.name, err, tt.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got [2]string
		for i, of := range cells {
			row := ""
			for _, c := range of {
				if c.Row() != row {
					row = c.Row()
					got[i] += " " + strings.TrimPrefix(row, "workload=")
				}
				got[i] += " " + c.Mode + string(rune('0'+c.Workers))
			}
			got[i] = strings.TrimSpace(got[i])
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestFlagsChooseKinds(t *testing.T) {
	hash := cellFlags{workloads: words{"hash"}}
	for _, tt := range []struct {
		flags checkFlags
		kinds check.Kinds
		cells bool
	}{
		{checkFlags{}, check.TestsElseCells, true},
		{checkFlags{bench: "."}, check.TestsElseCells, false},
		{checkFlags{cells: hash}, check.CellsAlone, true},
		{checkFlags{bench: ".", cells: hash}, check.TestsAndCells, true},
		{checkFlags{cells: cellFlags{workers: counts{1}}}, check.CellsAlone, true},
		{checkFlags{cells: cellFlags{params: params{"n": {"1"}}}}, check.CellsAlone, true},
	} {
		if kinds, cells := tt.flags.kinds(); kinds != tt.kinds || (cells != nil) != tt.cells {
			t.Errorf("flags %+v: kinds %d, cells %t, want %d and %t", tt.flags, kinds, cells != nil, tt.kinds, tt.cells)
		}
	}
}
