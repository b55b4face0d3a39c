package results

import "time"

// The tool and a host speak JSON, one value each way: the tool writes a [Spec]
// to the host's standard input and keeps it open, the host writes a [Reply] to
// its standard output. When its standard input ends, the host and all its
// workers end at once. Standard error is for people.

// What the tool calls a bench binary with, as its first argument.
const (
	HostCommand     = "host"     // take one sample
	DescribeCommand = "describe" // print the [Catalog] as JSON

	// CleanupCommand removes what the workers of a killed host left behind. A
	// second argument is the host's Spec, as JSON. It waits for the end of
	// standard input first.
	CleanupCommand = "cleanup"
)

// ProtocolVersion is that of the types in this file. A bench binary and a tool
// of different versions do not work together.
const ProtocolVersion = 1

// A Catalog is what a bench binary can do.
type Catalog struct {
	Protocol  int               `json:"protocol"`
	Workloads []CatalogWorkload `json:"workloads"`
	Modes     []CatalogMode     `json:"modes"` // serial, the base of every speedup, is the first
}

// A CatalogWorkload describes one workload.
type CatalogWorkload struct {
	Name   string         `json:"name"`
	Help   string         `json:"help"`
	Note   string         `json:"note,omitempty"`
	Params []CatalogParam `json:"params,omitempty"`
}

// A CatalogParam describes one parameter of a workload.
type CatalogParam struct {
	Name    string `json:"name"`
	Help    string `json:"help"`
	Kind    string `json:"kind"` // int, size, duration, bool or path
	Default string `json:"default"`
	Min     int64  `json:"min,omitempty"`
	Max     int64  `json:"max,omitempty"`
	Range   string `json:"range"` // the range, for people
}

// A CatalogMode describes one mode.
type CatalogMode struct {
	Name string `json:"name"`
	Help string `json:"help"`

	// Single says that the mode has just one worker.
	Single bool `json:"single,omitempty"`
}

// A Spec asks a host for one sample.
type Spec struct {
	Protocol int  `json:"protocol"`
	Cell     Cell `json:"cell"`

	// Units is the number of units of the sample: 0 to Units-1. If it is 0,
	// the host calibrates instead: it finds the number of units that last
	// about Target, and replies with that.
	Units  uint64        `json:"units,omitempty"`
	Target time.Duration `json:"target,omitempty"`

	// Cuts are where the folded digests are to be cut, see [CutsOf]; without
	// them, at the powers of two.
	Cuts []uint64 `json:"cuts,omitempty"`

	// Chunk is the number of units handed to a worker at once; 0 means a
	// quarter of the worker's share of what is left, and at least one.
	Chunk uint64 `json:"chunk,omitempty"`

	// Check asks for no sample: the host sets one worker up, to find out
	// whether that can be done with these parameters, and replies with an
	// empty Sample.
	Check bool `json:"check,omitempty"`

	// Profile is an existing folder into which every process of the host
	// writes its CPU profile; empty for none. A sample with profiles is no
	// measurement.
	Profile string `json:"profile,omitempty"`
}

// A Reply is a host's answer: a Sample or an Error.
type Reply struct {
	Sample *Sample `json:"sample,omitempty"`

	// Error is what kept the host from taking the sample, one line.
	Error string `json:"error,omitempty"`
}

// A Sample is one measurement of one cell, or, of a calibration, only Units and
// the Digest of the units that it did to find that number: what a mode computes
// is checked before it is measured.
type Sample struct {
	Units   uint64   `json:"units"`
	Metrics []Metric `json:"metrics"` // what was not measured is absent
	Digest  Fold     `json:"digest"`

	// Processes says what each process of the mode ran with: the host first,
	// then its workers.
	Processes []Process `json:"processes,omitempty"`
}

// A Metric is one measured value.
type Metric struct {
	Unit  string  `json:"unit"` // one of Units
	Value float64 `json:"value"`
}

// A Process is what one process of a mode ran with.
type Process struct {
	Role       string `json:"role"` // host or worker
	GOMAXPROCS int    `json:"gomaxprocs"`
}
