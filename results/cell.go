package results

import (
	"strconv"
	"strings"
)

// A Cell is one row × column of the table: what is measured, and where its
// workers live.
type Cell struct {
	Workload string  `json:"workload"`
	Params   []Param `json:"params,omitempty"` // in declared order
	Mode     string  `json:"mode"`
	Workers  int     `json:"workers"`
}

// A Param is the value, in canonical form, of one of a workload's parameters.
type Param struct {
	Name  string `json:"name"`
	Value string `json:"value"`

	// Unnamed says that the value is a folder, which has no place in a
	// benchmark name: it becomes a configuration line.
	Unnamed bool `json:"unnamed,omitempty"`
}

// Name returns the cell's benchmark name without the leading "Benchmark":
// Workload/workload=hash/size=64KiB/mode=process/workers=2. No part of it ends
// in -digits, which Go's tools would take for a GOMAXPROCS suffix.
func (c Cell) Name() string {
	return "Workload/" + c.Row() + "/mode=" + c.Mode + "/workers=" + strconv.Itoa(c.Workers)
}

// Row returns the part of the name that says what is measured, without where:
// workload=hash/size=64KiB.
func (c Cell) Row() string {
	var b strings.Builder
	b.WriteString("workload=" + c.Workload)
	for _, p := range c.Params {
		if !p.Unnamed {
			b.WriteString("/" + p.Name + "=" + p.Value)
		}
	}
	return b.String()
}

// ParseCell parses what [Cell.Name] returns, with or without a GOMAXPROCS
// suffix at its end.
func ParseCell(name string) (Cell, bool) {
	if head := strings.TrimRight(name, "0123456789"); head != name && strings.HasSuffix(head, "-") {
		name = head[:len(head)-1]
	}
	parts := strings.Split(name, "/")
	if parts[0] != "Workload" || len(parts) < 4 {
		return Cell{}, false
	}
	pairs := make([]Param, len(parts)-1)
	for i, p := range parts[1:] {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			return Cell{}, false
		}
		pairs[i] = Param{Name: key, Value: value}
	}
	n := len(pairs)
	work, mode, count := pairs[0], pairs[n-2], pairs[n-1]
	workers, err := strconv.Atoi(count.Value)
	if work.Name != "workload" || mode.Name != "mode" || count.Name != "workers" || err != nil || workers < 1 {
		return Cell{}, false
	}
	c := Cell{Workload: work.Value, Mode: mode.Value, Workers: workers}
	if n > 3 {
		c.Params = pairs[1 : n-2]
	}
	return c, true
}

// Values returns the cell's parameters by name.
func (c Cell) Values() map[string]string {
	v := make(map[string]string, len(c.Params))
	for _, p := range c.Params {
		v[p.Name] = p.Value
	}
	return v
}

// ControlWorkload names the fixed kernel that every bench binary has and that
// a run measures once a round, to see whether the machine itself moved. It is
// not one of the comparisons.
const ControlWorkload = "control"
