package campaign

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// The test binary is its own bench binary: a fake one, whose workloads are
// named for what goes wrong with them. It is also the tool that is killed.
func TestMain(m *testing.M) {
	command := ""
	if len(os.Args) > 1 {
		command = os.Args[1]
	}
	switch command {
	case results.DescribeCommand:
		fakeDescribe()
	case results.HostCommand:
		fakeHost()
	case "left-behind":
		leftBehind()
	case "tool":
		toolProcess()
	case results.CleanupCommand:
		fakeCleanup()
	default:
		// Under the race detector each host would wait a second before it ends.
		if err := os.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE")); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	}
}

// What the fake is told through its environment.
const (
	fakeProtocol = "FAKE_PROTOCOL" // version to claim
	fakeNoise    = "FAKE_NOISE"    // anything: the control kernel varies, and samples are long enough to count
	fakeFIFO     = "FAKE_FIFO"     // named pipe that hangs and left-behinds hold open
	fakeStranger = "FAKE_STRANGER" // anything: be no bench binary
	fakeClean    = "FAKE_CLEAN"    // file to note the last cleanup in
	fakeLate     = "FAKE_LATE"     // anything: calibrations come without digests
)

func fakeCatalog() results.Catalog {
	c := results.Catalog{
		Protocol: results.ProtocolVersion,
		Modes:    []results.CatalogMode{{Name: "serial", Single: true}, {Name: "goroutine"}, {Name: "process"}},
	}
	for _, name := range []string{"fine", "crash", "calcrash", "hang", "garbage", "twice", "error", "exit", "mute", "wrong", "unsteady", "nan", "fewer", "anonymous", "orphan", "picky"} {
		c.Workloads = append(c.Workloads, results.CatalogWorkload{Name: name, Params: []results.CatalogParam{
			{Name: "size", Kind: "size", Default: "64KiB", Min: 1, Max: 1 << 30},
		}})
	}
	c.Workloads = append(c.Workloads, results.CatalogWorkload{Name: "disk", Params: []results.CatalogParam{
		{Name: "dir", Kind: "path", Default: "/tmp"}, {Name: "sync", Kind: "bool", Default: "false"},
	}})
	return c
}

func fakeDescribe() {
	if os.Getenv(fakeStranger) != "" {
		fmt.Fprintln(os.Stderr, "usage: stranger FILE")
		os.Exit(2)
	}
	c := fakeCatalog()
	if v := os.Getenv(fakeProtocol); v != "" {
		c.Protocol, _ = strconv.Atoi(v)
	}
	print1(c)
}

func print1(v any) {
	if err := json.NewEncoder(os.Stdout).Encode(v); err != nil {
		panic(err)
	}
}

func fakeHost() {
	in := json.NewDecoder(os.Stdin)
	var spec results.Spec
	if err := in.Decode(&spec); err != nil {
		os.Exit(1)
	}
	if spec.Check {
		fakeCheck(spec)
		return
	}
	go func() { // the lifeline
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(3)
	}()
	if spec.Profile != "" {
		if err := os.WriteFile(spec.Profile+"/host.pb.gz", []byte("profile"), 0o666); err != nil {
			panic(err)
		}
	}
	calibrates := spec.Units == 0
	reply := results.Reply{Sample: fakeSample(spec)}
	// Serial is always right.
	if spec.Cell.Mode != "serial" && misbehave(spec, calibrates, reply.Sample) {
		return
	}
	print1(reply)
	if spec.Cell.Workload == "exit" && spec.Cell.Mode != "serial" && !calibrates {
		os.Exit(7)
	}
}

// fakeCheck sets up a worker.
func fakeCheck(spec results.Spec) {
	switch spec.Cell.Workload {
	case "picky":
		print1(results.Reply{Error: "set up worker 0: not in " + spec.Cell.Values()["size"]})
	case "crash":
		panic("the worker fell over")
	default:
		print1(results.Reply{Sample: &results.Sample{}})
	}
}

// misbehave does what the workload is named for, and says whether that was all.
func misbehave(spec results.Spec, calibrates bool, s *results.Sample) bool {
	work := spec.Cell.Workload
	switch {
	case work == "calcrash" && calibrates, work == "crash" && !calibrates:
		fmt.Fprintln(os.Stderr, "panic: the worker fell over")
		fmt.Fprint(os.Stderr, strings.Repeat("goroutine 1 [running]\n", 1000))
		os.Exit(2)
	case work == "wrong" && len(s.Digest.Sums) > 0:
		s.Digest.Sums[0]++
	case calibrates:
	case work == "hang":
		startLeftBehind(os.Stdin)
		time.Sleep(time.Hour)
	case work == "orphan":
		startLeftBehind(nil)
	case work == "garbage":
		fmt.Println("hello from a workload")
	case work == "twice":
		print1(results.Reply{Sample: s})
	case work == "error":
		print1(results.Reply{Error: "no space for the worker"})
		os.Exit(1)
	case work == "mute":
		return true
	case work == "unsteady":
		s.Digest.Sums[len(s.Digest.Sums)-1] += uint64(os.Getpid())
	case work == "nan":
		s.Metrics = append(s.Metrics, results.Metric{Unit: "bogus", Value: 1})
	case work == "fewer":
		s.Units--
	case work == "anonymous":
		s.Processes = nil
	}
	return false
}

// fakeCleanup notes after which cell it was asked to clean up.
func fakeCleanup() {
	var spec results.Spec
	if err := json.Unmarshal([]byte(os.Args[2]), &spec); err != nil {
		panic(err)
	}
	name := os.Getenv(fakeClean)
	if name == "" {
		return
	}
	if err := os.WriteFile(name, []byte(spec.Cell.Name()), 0o666); err != nil {
		fmt.Fprintln(os.Stderr, "cannot remove the file")
		os.Exit(1)
	}
}

func fakeSample(spec results.Spec) *results.Sample {
	s := &results.Sample{Units: spec.Units}
	n := spec.Units
	if n == 0 {
		s.Units = 8 * uint64(spec.Cell.Workers)
		if os.Getenv(fakeLate) != "" {
			return s
		}
		n = s.Units
	}
	cuts := spec.Cuts
	if cuts == nil {
		cuts = results.CutsOf(n, nil)
	}
	s.Digest = results.NewFold(cuts)
	for i := range n {
		s.Digest.Add(i, 3*i)
	}
	if spec.Units == 0 {
		return s
	}
	sec := 0.001
	if os.Getenv(fakeNoise) != "" {
		awaitTick()
		if spec.Cell.Workload == results.ControlWorkload {
			sec += 0.0001 * float64(os.Getpid()%10)
		}
	}
	s.Metrics = []results.Metric{{Unit: results.SecPerOp, Value: sec}, {Unit: results.UserPerOp, Value: 0}, {Unit: results.PeakRSS, Value: 1 << 20}}
	// As a Go program would.
	procs := 3
	if v, err := strconv.Atoi(os.Getenv("GOMAXPROCS")); err == nil {
		procs = v
	}
	s.Processes = []results.Process{{Role: "host", GOMAXPROCS: procs}}
	return s
}

// awaitTick returns once the kernel has counted CPU time since it was called, as
// it does in every real sample: steal is a share of what it counts.
func awaitTick() {
	first := func() string {
		data, err := os.ReadFile("/proc/stat")
		if err != nil {
			return ""
		}
		line, _, _ := strings.Cut(string(data), "\n")
		return line
	}
	for before := first(); before != "" && first() == before; {
		time.Sleep(time.Millisecond)
	}
}

// startLeftBehind starts a child that cares for nobody but its lifeline, if it
// has one, and waits until it is up.
func startLeftBehind(lifeline *os.File) {
	cmd := exec.Command(os.Args[0], "left-behind")
	if lifeline != nil {
		cmd.Args = append(cmd.Args, "lifeline")
		cmd.Stdin = lifeline
	}
	cmd.Stderr = os.Stderr
	up, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		panic(err)
	}
	_, _ = up.Read(make([]byte, 1))
}

// leftBehind holds the named pipe open until it is killed. Its reader sees the
// end when all such processes are gone.
func leftBehind() {
	if name := os.Getenv(fakeFIFO); name != "" {
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(f, os.Getpid())
	}
	fmt.Println("up")
	if len(os.Args) > 2 {
		_, _ = os.Stdin.Read(make([]byte, 1))
		return
	}
	time.Sleep(time.Hour)
}

// self identifies the test binary as a bench binary.
func self(t *testing.T) *Bench {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := Identify(exe)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// planOf plans workloads of the fake into a folder of the test's own.
func planOf(t *testing.T, o Options) *Plan {
	t.Helper()
	if o.Out == "" {
		o.Out = t.TempDir()
	}
	if o.Workers == nil {
		o.Workers = []int{2}
	}
	p, err := NewPlan(fakeCatalog(), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sampleNames returns the names in a run's sample file, and fails if it is not whole.
func sampleNames(t *testing.T, folder string) []string {
	t.Helper()
	data, err := os.ReadFile(folder + "/" + results.SamplesFile)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasSuffix(line, "\n") {
			t.Errorf("half a line: %q", line)
		}
		if name, ok := strings.CutPrefix(strings.Fields(line + " -")[0], "Benchmark"); ok {
			names = append(names, name)
		}
	}
	return names
}

// logOf returns the entries of one kind in a run's log.
func logOf(t *testing.T, folder, event string) []results.LogEntry {
	t.Helper()
	all, err := results.ReadLog(folder)
	if err != nil {
		t.Fatal(err)
	}
	var some []results.LogEntry
	for _, e := range all {
		if e.Event == event {
			some = append(some, e)
		}
	}
	return some
}
