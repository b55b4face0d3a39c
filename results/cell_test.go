package results

import "testing"

func TestParseCellInvertsName(t *testing.T) {
	for _, c := range []Cell{
		{Workload: "spin", Mode: "serial", Workers: 1},
		{Workload: "hash", Params: []Param{{Name: "size", Value: "64KiB"}}, Mode: "process", Workers: 2},
		{Workload: "file", Params: []Param{{Name: "size", Value: "4KiB"}, {Name: "sync", Value: "false"}}, Mode: "spawn", Workers: 12},
	} {
		for _, suffix := range []string{"", "-8"} {
			got, ok := ParseCell(c.Name() + suffix)
			if !ok || got.Name() != c.Name() || len(got.Params) != len(c.Params) {
				t.Errorf("ParseCell(%q) = %+v, %v; want %+v", c.Name()+suffix, got, ok, c)
			}
		}
	}
	for _, name := range []string{
		"", "Workload", "Sort", "Sort/workload=hash/mode=process/workers=2", "Workload/mode=process/workers=2",
		"Workload/workload=hash/mode=process", "Workload/workload=hash/mode=process/workers=two",
		"Workload/workload=hash/mode=process/workers=0", "Workload/workload=hash/64KiB/mode=process/workers=2",
		"Workload/workload=hash/workers=2/mode=process",
	} {
		if c, ok := ParseCell(name); ok {
			t.Errorf("ParseCell(%q) = %+v, want none", name, c)
		}
	}
}
