package runner

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results"
)

// peakUnit is PSS: each page is shared out among those who have it mapped, so
// that a sum over processes counts it once.
const peakUnit = results.PeakPSS

// peakMemory returns the peak memory of this process and all its living
// descendants, in bytes. They report theirs themselves too, but a workload may
// have started processes of its own.
func peakMemory([]int64) (int64, error) { return treePeak(os.Getpid()) }

// ownPeak is not needed here: the host reads its whole tree.
func ownPeak() (int64, error) { return 0, nil }

// treePeak sums the peaks of a process and its descendants. One that ends
// meanwhile counts nothing.
func treePeak(pid int) (int64, error) {
	sum, err := processPeak(pid)
	if err != nil {
		if os.IsNotExist(err) && pid != os.Getpid() {
			return 0, nil
		}
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	tasks, err := os.ReadDir(procPath(pid, "task"))
	if err != nil {
		return sum, nil // it has ended
	}
	for _, t := range tasks {
		list, err := os.ReadFile(procPath(pid, "task/"+t.Name()+"/children"))
		if err != nil {
			continue // the thread has ended
		}
		for child := range strings.FieldsSeq(string(list)) {
			id, err := strconv.Atoi(child)
			if err != nil {
				return 0, fmt.Errorf("process %d has a child %q", pid, child)
			}
			n, err := treePeak(id)
			if err != nil {
				return 0, err
			}
			sum += n
		}
	}
	return sum, nil
}

// processPeak is the process's PSS now, and what its resident set was higher
// by at its peak: reading at the end costs the clock nothing, where polling
// would share the CPUs with the work.
func processPeak(pid int) (int64, error) {
	pss, err := procField(pid, "smaps_rollup", "Pss:")
	if err != nil {
		return 0, err
	}
	peak, err := procField(pid, "status", "VmHWM:")
	if err != nil {
		return 0, err
	}
	now, err := procField(pid, "status", "VmRSS:")
	if err != nil {
		return 0, err
	}
	return pss + max(0, peak-now), nil
}

func procPath(pid int, name string) string {
	return "/proc/" + strconv.Itoa(pid) + "/" + name
}

// procField returns the bytes on the line of a file in /proc that begins with
// name. A process that is gone, or is gone but for being reaped, has none.
func procField(pid int, file, name string) (int64, error) {
	b, err := os.ReadFile(procPath(pid, file))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(b) {
		rest, ok := bytes.CutPrefix(line, []byte(name))
		if !ok {
			continue
		}
		kb, err := strconv.ParseInt(strings.TrimSuffix(string(bytes.TrimSpace(rest)), " kB"), 10, 64)
		return kb << 10, err
	}
	return 0, &os.PathError{Op: "read", Path: procPath(pid, file) + " " + name, Err: os.ErrNotExist}
}
