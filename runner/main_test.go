package runner

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
	"github.com/gvp-bench/gvp/workloads"
)

// What this test binary is told through its environment.
const (
	asHost    = "GVP_TEST_HOST"    // anything: be a bench binary
	hostHolds = "GVP_TEST_HOLDS"   // bytes that it then holds itself, as a host
	asSpinner = "GVP_TEST_SPINNER" // number of a CPU: keep it busy until standard input ends
)

// intEnv returns a number from the environment; 0 if it is not there.
func intEnv(name string) int {
	n, _ := strconv.Atoi(os.Getenv(name)) // the tests set it
	return n
}

// underTest measures the workloads of the tests; its processes are this test
// binary, executed again.
var underTest *Runner

func TestMain(m *testing.M) {
	var err error
	underTest, err = New(append([]workloads.Workload{number, diary, faulty, garbage, burn, ballast, doze, grow}, systemWorkloads()...)...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	multiproc.Main()
	if os.Getenv(asSpinner) != "" {
		spin(intEnv(asSpinner))
	}
	if os.Getenv(asHost) != "" {
		held := bytes.Repeat([]byte{1}, intEnv(hostHolds))
		stdout := os.Stdout
		os.Stdout = os.Stderr
		status := underTest.command(os.Args[1:], os.Stdin, stdout, os.Stderr)
		runtime.KeepAlive(held)
		os.Exit(status)
	}
	os.Exit(m.Run())
}

// number is work that is over at once.
var number = workloads.Workload{
	Name: "number", Help: "the unit's number",
	New: func(workloads.Values) (workloads.Job, error) {
		return stateless(func(i uint64) (uint64, error) { return i, nil }), nil
	},
}

// diary writes what its workers do, a line each, to a file.
var diary = workloads.Workload{
	Name: "diary", Help: "writes down what happens",
	Params: []workloads.Param{workloads.Path("file", "unset", "where to")},
	New: func(v workloads.Values) (workloads.Job, error) {
		path := v.Path("file")
		return workloads.Job{NewWorker: func(id int) (workloads.Worker, error) {
			return &diarist{path, id}, note(path, "setup %d pid=%d gomaxprocs=%d", id, os.Getpid(), runtime.GOMAXPROCS(0))
		}}, nil
	},
}

type diarist struct {
	path string
	id   int
}

func (d *diarist) Unit(i uint64) (uint64, error) { return i, note(d.path, "unit %d by %d", i, d.id) }
func (d *diarist) Close() error                  { return note(d.path, "close %d", d.id) }

// noting keeps the lines of one process apart; O_APPEND those of several.
var noting sync.Mutex

func note(path, format string, args ...any) error {
	noting.Lock()
	defer noting.Unlock()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, format+"\n", args...); err != nil {
		return err
	}
	return f.Close()
}

// faulty goes wrong at one unit, in a chosen way.
var faulty = workloads.Workload{
	Name: "faulty", Help: "goes wrong",
	Params: []workloads.Param{
		workloads.Int("at", 50, 0, 1<<40, "unit"),
		workloads.Path("how", "error", "error, exit, hang or setup"),
	},
	New: func(v workloads.Values) (workloads.Job, error) {
		at, how := uint64(v.Int("at")), v.Path("how")
		return workloads.Job{NewWorker: func(id int) (workloads.Worker, error) {
			if how == "setup" {
				return nil, fmt.Errorf("no state to be had")
			}
			return workloads.UnitFunc(func(i uint64) (uint64, error) {
				if i != at {
					return i, nil
				}
				switch how {
				case "exit":
					os.Exit(7)
				case "hang":
					select {}
				}
				return 0, fmt.Errorf("no good")
			}), nil
		}}, nil
	},
}

const garbageSize = 1 << 20

// garbage allocates one object per unit, larger than all that a mode itself
// needs for a unit.
var garbage = workloads.Workload{
	Name: "garbage", Help: "allocates",
	New: func(workloads.Values) (workloads.Job, error) {
		return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
			var kept []byte
			return workloads.UnitFunc(func(i uint64) (uint64, error) {
				kept = make([]byte, garbageSize)
				kept[0] = byte(i)
				return i ^ uint64(kept[1]), nil
			}), nil
		}}, nil
	},
}

// burn computes for a millisecond or so.
var burn = workloads.Workload{
	Name: "burn", Help: "computes",
	New: func(workloads.Values) (workloads.Job, error) {
		return stateless(func(i uint64) (uint64, error) {
			for range 500_000 {
				i = i*6364136223846793005 + 1442695040888963407
			}
			return i, nil
		}), nil
	},
}

const ballastSize = 32 << 20

// ballast holds memory in every worker.
var ballast = workloads.Workload{
	Name: "ballast", Help: "holds memory",
	New: func(workloads.Values) (workloads.Job, error) {
		return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
			held := bytes.Repeat([]byte{1}, ballastSize)
			return workloads.UnitFunc(func(i uint64) (uint64, error) {
				return i + uint64(held[i%ballastSize]), nil
			}), nil
		}}, nil
	},
}

// dozeTime is how long setting up a worker of doze, and each of its units, lasts
// at least.
const dozeTime = 2 * time.Millisecond

// doze sleeps, when it is set up and in each unit. With its thread locked to
// it, the goroutine puts the thread itself to sleep.
var doze = workloads.Workload{
	Name: "doze", Help: "sleeps",
	New: func(workloads.Values) (workloads.Job, error) {
		return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
			time.Sleep(dozeTime)
			return workloads.UnitFunc(func(i uint64) (uint64, error) {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				time.Sleep(dozeTime)
				return i, nil
			}), nil
		}}, nil
	},
}

// grow's units last until one of the counts that the system keeps of their
// process has grown by growth: whatever the system's resolution is, each unit
// has used that much.
var grow = workloads.Workload{
	Name: "grow", Help: "uses up a resource",
	Params: []workloads.Param{workloads.Path("what", "sys", "which: see growths")},
	New: func(v workloads.Values) (workloads.Job, error) {
		g, ok := growths()[v.Path("what")]
		if !ok {
			return workloads.Job{}, fmt.Errorf("no growth %q", v.Path("what"))
		}
		return stateless(func(i uint64) (uint64, error) { return i, g.grow() }), nil
	},
}

// A growth is one of the counts that the system keeps of a process, and what
// makes it grow.
type growth struct {
	unit  string // the metric
	least float64
	read  func(system) float64
	use   func() error
}

func growths() map[string]growth {
	all := map[string]growth{
		"sys": {results.SysPerOp, 1e-3, func(s system) float64 { return s.Sys }, func() error {
			_, err := os.Stat(os.DevNull)
			return err
		}},
	}
	if countsSwitches {
		all["voluntary"] = growth{results.VoluntaryOp, 1, func(s system) float64 { return s.Voluntary }, func() error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			time.Sleep(time.Microsecond)
			return nil
		}}
	}
	maps.Copy(all, systemGrowths())
	return all
}

// grow uses the resource until the count has grown by g.least.
func (g growth) grow() error {
	before, err := readSystem()
	if err != nil {
		return err
	}
	for start := time.Now(); ; {
		for range 100 {
			if err := g.use(); err != nil {
				return err
			}
		}
		now, err := readSystem()
		if err != nil {
			return err
		}
		if g.read(now)-g.read(before) >= g.least {
			return nil
		}
		if time.Since(start) > tooLong {
			return fmt.Errorf("the count of %s does not grow", g.unit)
		}
	}
}

func stateless(f workloads.UnitFunc) workloads.Job {
	return workloads.Job{NewWorker: func(int) (workloads.Worker, error) { return f, nil }}
}

// cell names a cell of a workload, with parameters key=value.
func cell(workload, mode string, workers int, params ...string) results.Cell {
	c := results.Cell{Workload: workload, Mode: mode, Workers: workers}
	for _, p := range params {
		k, v, _ := strings.Cut(p, "=")
		c.Params = append(c.Params, results.Param{Name: k, Value: v})
	}
	return c
}

// measure takes a sample that has to succeed.
func measure(t *testing.T, c results.Cell, units uint64, clock Clock) *results.Sample {
	t.Helper()
	s, err := underTest.Measure(t.Context(), results.Spec{Cell: c, Units: units}, clock)
	if err != nil {
		t.Fatalf("%s: %v", c.Name(), err)
	}
	return s
}

// metric returns the value of a sample's metric.
func metric(s *results.Sample, unit string) (float64, bool) {
	for _, m := range s.Metrics {
		if m.Unit == unit {
			return m.Value, true
		}
	}
	return 0, false
}

// crews are all modes, each with the numbers of workers to try it with.
func crews(f func(mode string, workers int)) {
	for _, m := range modes() {
		d := m.describe()
		counts := []int{1, 2, 5}
		if testing.Short() {
			counts = []int{3}
		}
		for _, workers := range counts {
			if d.Single {
				workers = 1
			}
			f(d.Name, workers)
			if d.Single {
				break
			}
		}
	}
}

// forEachCrew runs a subtest for each of crews.
func forEachCrew(t *testing.T, f func(t *testing.T, mode string, workers int)) {
	t.Helper()
	crews(func(mode string, workers int) {
		t.Run("mode="+mode+"/workers="+strconv.Itoa(workers), func(t *testing.T) { f(t, mode, workers) })
	})
}

func diaryFile(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "diary")
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}

var background = context.Background()
