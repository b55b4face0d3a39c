package runner

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/workloads"
)

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// childProcesses counts the children of this process, zombies included.
func childProcesses(t *testing.T) int {
	t.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range lists {
		b, err := os.ReadFile(l)
		if err != nil {
			continue // the thread has ended
		}
		n += len(strings.Fields(string(b)))
	}
	return n
}

// alive tells whether a process exists and is no zombie.
func alive(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func systemWorkloads() []workloads.Workload { return []workloads.Workload{mapped} }

const mappedSize = 64 << 20

// mapped has every worker map the same file.
var mapped = workloads.Workload{
	Name: "mapped", Help: "shares memory",
	Params: []workloads.Param{
		workloads.Path("file", "unset", "of mappedSize bytes"),
		workloads.Bool("keep", true, "keep it mapped after the first unit"),
	},
	New: func(v workloads.Values) (workloads.Job, error) {
		path, keep := v.Path("file"), v.Bool("keep")
		return workloads.Job{NewWorker: func(int) (workloads.Worker, error) {
			f, err := os.Open(path)
			if err != nil {
				return nil, err
			}
			defer f.Close() // only read
			m := &mapping{keep: keep}
			m.data, err = unix.Mmap(int(f.Fd()), 0, mappedSize, unix.PROT_READ, unix.MAP_SHARED)
			return m, err
		}}, nil
	},
}

type mapping struct {
	data []byte
	keep bool
}

// Unit looks at every page.
func (m *mapping) Unit(uint64) (sum uint64, err error) {
	for at := 0; at < len(m.data); at += os.Getpagesize() {
		sum += uint64(m.data[at])
	}
	if m.keep {
		return sum, nil
	}
	return sum, m.Close()
}

func (m *mapping) Close() error {
	data := m.data
	m.data = nil
	if data == nil {
		return nil
	}
	return unix.Munmap(data)
}

// What several processes share is in memory once, and is counted once.
func TestFairnessSharedMemoryIsCountedOnce(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector's own memory would be counted")
	}
	file := mappedFile(t)
	const workers = 6
	for _, m := range modes() {
		mode, n := m.describe().Name, workersIn(m, workers)
		v := peakOf(t, cell("mapped", mode, n, "file="+file))
		// Seven processes, with what each has for itself, are far from having
		// the file twice more; were it counted for each, it would be six times.
		if v < mappedSize || v > 3*mappedSize {
			t.Errorf("%s: peak %.0f B, want at least the %d of the file and less than three times that", mode, v, mappedSize)
		}
	}
}

// What is given back before the sample ends was in use all the same.
func TestFairnessMemoryIsThatOfThePeak(t *testing.T) {
	file := mappedFile(t)
	for _, m := range modes() {
		mode, n := m.describe().Name, workersIn(m, 2)
		if v := peakOf(t, cell("mapped", mode, n, "file="+file, "keep=false")); v < mappedSize {
			t.Errorf("%s: peak %.0f B, want at least the %d that were mapped on the way", mode, v, mappedSize)
		}
	}
}

func mappedFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mapped")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, mappedSize); err != nil {
		t.Fatal(err)
	}
	return file
}

// systemGrowths has the involuntary switches: the threads that want them go to
// the CPU on which contend keeps a rival.
func systemGrowths() map[string]growth {
	return map[string]growth{
		"involuntary": {results.InvoluntaryOp, 1, func(s system) float64 { return s.Involuntary }, func() error {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var all unix.CPUSet
			if err := unix.SchedGetaffinity(0, &all); err != nil {
				return os.NewSyscallError("sched_getaffinity", err)
			}
			if err := stayOn(contended(all)); err != nil {
				return err
			}
			x := uint64(1)
			for range 100_000 {
				x = x*6364136223846793005 + 1442695040888963407
			}
			runtime.KeepAlive(x)
			return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &all))
		}},
	}
}

// stayOn keeps this thread on one CPU.
func stayOn(cpu int) error {
	var one unix.CPUSet
	one.Set(cpu)
	return os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &one))
}

// contended is the CPU on which the rivals meet: the first of those that this
// process may use.
func contended(cpus unix.CPUSet) int {
	cpu := 0
	for !cpus.IsSet(cpu) {
		cpu++
	}
	return cpu
}

// contend keeps a process busy on one CPU for as long as the test lasts.
func contend(t *testing.T) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var cpus unix.CPUSet
	if err := unix.SchedGetaffinity(0, &cpus); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), asSpinner+"="+strconv.Itoa(contended(cpus)))
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = lifeline.Close()
		_ = cmd.Wait()
	})
}

// spin keeps a CPU busy for as long as whoever started it lives.
func spin(cpu int) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	runtime.LockOSThread()
	if err := stayOn(cpu); err != nil {
		panic(err)
	}
	for i := 0; ; {
		i++
	}
}
