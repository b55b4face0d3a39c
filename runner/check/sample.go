package check

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/gvp-bench/gvp/results"
)

// exact returns the pattern that matches just a name, level by level, as
// package testing splits it. It quotes by backslashes: within \Q…\E testing would
// take a bracket for the beginning of a class.
func exact(name string) string {
	levels := strings.Split(name, "/")
	for i, level := range levels {
		levels[i] = "^" + regexp.QuoteMeta(level) + "$"
	}
	return strings.Join(levels, "/")
}

// testArgs are the arguments of a test binary that is to run the benchmarks of a
// filter so many times each.
func testArgs(filter string, units uint64, procs int) []string {
	return []string{
		"-test.run=^$", "-test.bench=" + filter, "-test.benchtime=" + strconv.FormatUint(units, 10) + "x",
		"-test.count=1", "-test.benchmem", "-test.cpu=" + strconv.Itoa(procs), "-test.timeout=0",
	}
}

// testEnv is the environment of a test binary: as go test leaves it, but for
// what ties it to something of ours.
func testEnv(dir string, padding int) []string {
	env := slices.DeleteFunc(withoutGit(os.Environ()), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return name == "GOMAXPROCS" || name == "GOCOVERDIR" || name == "PWD" || name == paddingName || strings.HasPrefix(name, "GVP_MULTIPROC_")
	})
	return append(env, "PWD="+dir, paddingName+"="+strings.Repeat("x", padding))
}

// Where the system puts a process's first stack depends on how long its
// environment is, and the speed of some programs on that (Mytkowicz et al.,
// “Producing Wrong Data Without Doing Anything Obviously Wrong!”, ASPLOS 2009).
// The sides differ there, as the names of their folders do. So each sample has
// padding of a random length, uniform over a page, which makes noise of a bias.
const (
	paddingName = "GVP_CHECK_PADDING"
	maxPadding  = 4096
)

// A reading is a line of results.
type reading struct {
	name    string // without "Benchmark" and without the suffix of GOMAXPROCS
	units   uint64
	metrics []results.Metric
	left    string // what was left out, if anything
}

// parseOutput reads what a test binary wrote. GOMAXPROCS tells what is a suffix
// and what is part of a name.
func parseOutput(stdout []byte, procs int) ([]reading, error) {
	suffix := ""
	if procs != 1 {
		suffix = "-" + strconv.Itoa(procs)
	}
	var all []reading
	var errs error
	for r := benchfmt.NewReader(bytes.NewReader(stdout), "output"); ; {
		if !r.Scan() {
			return all, errors.Join(errs, r.Err())
		}
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			g := reading{name: strings.TrimSuffix(string(rec.Name), suffix), units: uint64(max(0, rec.Iters))}
			for _, v := range rec.Values {
				if math.IsNaN(v.Value) || math.IsInf(v.Value, 0) {
					g.left = fmt.Sprintf("%s is %v and left out", v.Unit, v.Value)
					continue
				}
				g.metrics = append(g.metrics, results.Metric{Unit: v.Unit, Value: v.Value})
			}
			all = append(all, g)
		case *benchfmt.SyntaxError:
			errs = firstError(errs, fmt.Errorf("it printed what is no result: %s", rec.Msg))
		}
	}
}

// firstError keeps the first error: there may be a million of them.
func firstError(first, err error) error {
	if first != nil {
		return first
	}
	return err
}

// find returns the one reading of the name.
func find(all []reading, name string, units uint64) (reading, error) {
	var found []reading
	for _, r := range all {
		if r.name == name {
			found = append(found, r)
		}
	}
	switch {
	case len(found) == 0:
		return reading{}, errors.New("it printed no result")
	case len(found) > 1:
		return reading{}, fmt.Errorf("it printed %d results instead of one", len(found))
	case found[0].units != units:
		return reading{}, fmt.Errorf("it did %d iterations, not the %d asked for", found[0].units, units)
	case len(found[0].metrics) == 0:
		return reading{}, errors.New("it printed no value that is a number")
	}
	return found[0], nil
}

// secPerOp returns the time of an iteration; 0 if that is not among the metrics.
func secPerOp(metrics []results.Metric) float64 {
	for _, m := range metrics {
		if m.Unit == results.SecPerOp {
			return max(0, m.Value)
		}
	}
	return 0
}
