// Package checks is the form in which a check lies on disk: two sides of the same
// benchmarks, measured in turn. Who measures writes it, and who judges reads it.
//
// A check is a folder. check.json says what was compared ([Check]); log.jsonl has a
// line for each process that was to measure ([Sample]), as it ended; base.txt and
// head.txt have the good ones of each side in the Go benchmark format.
package checks

import (
	"time"

	"github.com/gvp-bench/gvp/results"
)

// Names of the files in a check's folder.
const (
	File     = "check.json"
	LogFile  = "log.jsonl"
	BaseFile = "base.txt"
	HeadFile = "head.txt"
)

// Format is the version of the folder's files.
const Format = 1

// The two sides.
const (
	Base = "base"
	Head = "head"
)

// ControlName is the benchmark that is the same on both sides: whatever differs
// there is the machine's doing.
const ControlName = "gvp/control"

// A Check is everything about a check but its samples.
type Check struct {
	Format int `json:"format"`

	Began    time.Time `json:"began"`
	Finished bool      `json:"finished"` // every decision that could be made was made

	// Stopped says why measuring ended early, if it did: "time" was up, it was
	// "interrupted".
	Stopped string `json:"stopped,omitempty"`

	Command []string `json:"command,omitempty"` // what the tool was called with
	Seed    uint64   `json:"seed"`              // of the order in each round

	Base Side `json:"base"`
	Head Side `json:"head"`

	// Missing are benchmarks that only one side has, by that side.
	Missing map[string][]string `json:"missing,omitempty"`

	// Benchmarks are those that both sides have.
	Benchmarks []Benchmark `json:"benchmarks,omitempty"`

	Rounds  int           `json:"rounds"`            // at most
	Target  time.Duration `json:"target,omitempty"`  // wall time aimed at for a sample, ns
	Timeout time.Duration `json:"timeout,omitempty"` // of a process, ns
	MaxTime time.Duration `json:"maxTime,omitempty"` // ns; 0 is no limit

	Machine results.Machine `json:"machine"`
}

// A Side is one of the two things that are compared.
type Side struct {
	// What is what the user has named: a revision, a binary, a file.
	What     string `json:"what"`
	Revision string `json:"revision,omitempty"` // in full
	Subject  string `json:"subject,omitempty"`  // first line of the commit's message
	Modified bool   `json:"modified,omitempty"` // with changes that are not committed

	Go       string            `json:"go,omitempty"` // version
	Settings map[string]string `json:"settings,omitempty"`
	Flags    string            `json:"flags,omitempty"` // of the go command that it was built with

	Builds []Build `json:"builds,omitempty"`
}

// A Benchmark is what both sides measure.
type Benchmark struct {
	Name  string `json:"name"`            // as Sample.Benchmark
	Units uint64 `json:"units,omitempty"` // iterations of each sample; absent if that was not to be found out

	// Failed says why it was given up, if it was.
	Failed string `json:"failed,omitempty"`
}

// A Build is one of the binaries of a side.
type Build struct {
	Package string `json:"package"`
	SHA256  string `json:"sha256"`
	Layout  uint64 `json:"layout,omitempty"` // seed of -randlayout; 0 is none
	Cached  bool   `json:"cached,omitempty"`
}

// A Sample is what one process measured of one benchmark.
type Sample struct {
	Time  time.Time `json:"time"`
	Round int       `json:"round"` // from 1; 0 is before the first, and only what failed is noted
	Order int       `json:"order"` // place in the round, from 1
	Side  string    `json:"side"`
	Build int       `json:"build,omitempty"` // index of the build, where a side has several of one package

	// Benchmark is its name without "Benchmark" and without the suffix of
	// GOMAXPROCS, behind the package if there are several.
	Benchmark string `json:"benchmark"`

	Package string `json:"package,omitempty"` // import path
	Name    string `json:"name,omitempty"`    // without the package, where Benchmark has it
	Procs   int    `json:"procs,omitempty"`   // GOMAXPROCS; of a suffix, which 1 has none of

	OK     bool   `json:"ok"`
	Reason Reason `json:"reason,omitempty"` // of one that is not
	Error  string `json:"error,omitempty"`  // why not; of a good one, what was left out of it
	Stderr string `json:"stderr,omitempty"` // its end

	Units   uint64           `json:"units,omitempty"` // iterations
	Metrics []results.Metric `json:"metrics,omitempty"`
	Wall    float64          `json:"wall,omitempty"` // seconds, from the process's start to its end
}

// A Reason is why there is no sample.
type Reason string

// Reasons.
const (
	Crashed  Reason = "crashed"   // the process failed
	TimedOut Reason = "timed out" // it did not end
	Garbage  Reason = "printed no result"
)
