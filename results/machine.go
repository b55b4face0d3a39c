package results

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Machine is what a run was measured on. What is not known is absent.
type Machine struct {
	OS     string `json:"os"`   // as GOOS
	Arch   string `json:"arch"` // as GOARCH
	Kernel string `json:"kernel,omitempty"`

	CPU  string `json:"cpu,omitempty"`  // the model, as go test prints it
	CPUs int    `json:"cpus,omitempty"` // online

	// UsableCPUs is how many CPUs the process's affinity leaves it.
	UsableCPUs int `json:"usableCPUs,omitempty"`

	// CPULimit is the CPU quota of the control groups, in CPUs; absent when
	// there is none.
	CPULimit float64 `json:"cpuLimit,omitempty"`

	Memory      int64 `json:"memory,omitempty"`      // bytes
	MemoryLimit int64 `json:"memoryLimit,omitempty"` // of the control groups, bytes; absent when there is none
	PageSize    int   `json:"pageSize"`              // bytes

	Governor   string `json:"governor,omitempty"`   // frequency governor of CPU 0
	Driver     string `json:"driver,omitempty"`     // frequency driver of CPU 0
	SMT        *bool  `json:"smt,omitempty"`        // whether hardware threads share cores
	Hypervisor *bool  `json:"hypervisor,omitempty"` // whether the machine is a virtual one

	// Env are the environment variables that steer the Go runtime of the
	// hosts (GOGC, GOMEMLIMIT, GODEBUG), where they are set.
	Env map[string]string `json:"env,omitempty"`
}

// A Binary is what a bench binary was built from.
type Binary struct {
	Name      string `json:"name"` // without its folder
	SHA256    string `json:"sha256"`
	GoVersion string `json:"goVersion,omitempty"`
	Module    string `json:"module,omitempty"` // path@version of the main module
	Level     string `json:"level,omitempty"`  // GOAMD64, GOARM64 …: v1, v8.0
	// Experiment is GOEXPERIMENT; absent when none was set.
	Experiment string `json:"experiment,omitempty"`
	Flags      string `json:"flags,omitempty"`    // of the go command, as [BuildFlags] has them
	Revision   string `json:"revision,omitempty"` // VCS revision of the source
	Modified   *bool  `json:"modified,omitempty"` // whether the source differed from Revision
}

// Config returns the machine's configuration lines for a sample file, key and
// value by turns. benchstat compares only samples whose keys all agree, so
// there is nothing here that differs between two runs worth comparing.
func (m Machine) Config() [][2]string {
	all := [][2]string{
		{"goos", m.OS},
		{"goarch", m.Arch},
		{"cpu", m.CPU},
		{"cpus", absentZero(m.CPUs)},
		{"usable-cpus", absentZero(m.UsableCPUs)},
		{"kernel", m.Kernel},
		{"gogc", m.Env["GOGC"]},
		{"gomemlimit", m.Env["GOMEMLIMIT"]},
		{"godebug", m.Env["GODEBUG"]},
		{"gomaxprocs", "pinned by mode"},
	}
	return slices.DeleteFunc(all, func(kv [2]string) bool { return kv[1] == "" })
}

// Config returns the configuration lines of what the binary was built with for an
// architecture, as [Machine.Config] does. What is as it is where nobody says otherwise
// is not written.
func (b Binary) Config(arch string) [][2]string {
	level := b.Level
	if level == defaultLevels[LevelVariable(arch)] {
		level = ""
	}
	all := [][2]string{
		{strings.ToLower(LevelVariable(arch)), level},
		{"goexperiment", b.Experiment},
		{"build-flags", b.Flags},
	}
	return slices.DeleteFunc(all, func(kv [2]string) bool { return kv[1] == "" })
}

// LevelVariable returns the name of the setting for the level of the instruction set
// of an architecture: GOAMD64 of amd64.
func LevelVariable(arch string) string {
	return "GO" + strings.ToUpper(strings.TrimSuffix(arch, "le"))
}

// defaultLevels are those of the go command (internal/buildcfg), but for GOARM, whose
// default is that of the machine that it runs on.
var defaultLevels = map[string]string{
	"GO386": "sse2", "GOAMD64": "v1", "GOARM64": "v8.0", "GOMIPS": "hardfloat", "GOMIPS64": "hardfloat", "GOPPC64": "power8", "GORISCV64": "rva20u64",
}

func absentZero(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Diff lists in what two machines differ, a line for each property, in the
// order of its names; nothing if they are alike.
func (m Machine) Diff(other Machine) []string { return diff(m, other) }

// Diff lists in what two binaries differ, as [Machine.Diff] does.
func (b Binary) Diff(other Binary) []string { return diff(b, other) }

// diff compares the JSON forms, so that no property can be forgotten.
func diff(was, is any) []string {
	a, b := properties(was), properties(is)
	names := maps.Clone(a)
	maps.Copy(names, b)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if x, y := shown(a, name), shown(b, name); x != y {
			lines = append(lines, fmt.Sprintf("%s was %s, is %s", name, x, y))
		}
	}
	return lines
}

func properties(v any) map[string]json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		return nil // impossible: plain data
	}
	var p map[string]json.RawMessage
	if err := json.Unmarshal(data, &p); err != nil {
		return nil // impossible: it has just been written
	}
	return p
}

func shown(p map[string]json.RawMessage, name string) string {
	if v, ok := p[name]; ok {
		return string(v)
	}
	return "unknown"
}
