package results

import (
	"slices"
	"strings"
)

// ByKey is the key of benchmark names under which primitives say how they do what
// they do: BenchmarkRoundTrip/size=8B/by=channel.
const ByKey = "by"

// A Side is whose primitive something is done by.
type Side string

const (
	GoroutineSide Side = "goroutine"
	ProcessSide   Side = "process"
	PythonSide    Side = "Python"
	UnknownSide   Side = "" // of another project, or new
)

// pythonPrefix is what the ways of Python's multiprocessing begin with.
const pythonPrefix = "python"

// The ways of the benchmarks in bench/, which a test there holds to these lists.
var (
	goroutineWays = []string{"atomic", "channel", "cond", "goroutine", "mutex", "sync", "syncmap"}
	processWays   = []string{"manager", "multiproc", "pipe", "pool", "process", "queue", "rawvalue", "sharedmemory", "spare", "value"}
)

// SideOf returns whose way it is that a benchmark has under [ByKey].
func SideOf(by string) Side {
	switch {
	case strings.HasPrefix(by, pythonPrefix):
		return PythonSide
	case slices.Contains(goroutineWays, by):
		return GoroutineSide
	case slices.Contains(processWays, by):
		return ProcessSide
	}
	return UnknownSide
}
