package campaign

import (
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/gvp-bench/gvp/results"
)

func readSystem(m *results.Machine) {
	readSystemAt(m, "")
	var uts unix.Utsname
	if unix.Uname(&uts) == nil {
		m.Kernel = unix.ByteSliceToString(uts.Release[:])
	}
}

// readSystemAt reads what the files of /proc and /sys say, root before them.
func readSystemAt(m *results.Machine, root string) {
	file := func(name string) string {
		data, err := os.ReadFile(root + name)
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(data))
	}
	m.CPU, m.Hypervisor = parseCPUInfo(file("/proc/cpuinfo"))
	m.CPUs = countCPUs(file("/sys/devices/system/cpu/online"))
	m.Memory = parseMemTotal(file("/proc/meminfo"))
	m.Governor = file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
	m.Driver = file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver")
	switch file("/sys/devices/system/cpu/smt/active") {
	case "0":
		m.SMT = new(bool)
	case "1":
		smt := true
		m.SMT = &smt
	}
	readLimits(m, file)
}

// parseCPUInfo returns the CPU's model and, where flags are listed, whether
// there is a hypervisor.
func parseCPUInfo(text string) (model string, hypervisor *bool) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		// x86 and most others; POWER; s390; some ARM.
		if model == "" && slices.Contains([]string{"model name", "cpu", "processor 0", "Model Name", "Hardware"}, key) {
			model = value
		}
		if hypervisor == nil && key == "flags" {
			has := slices.Contains(strings.Fields(value), "hypervisor")
			hypervisor = &has
		}
	}
	return model, hypervisor
}

// countCPUs counts the CPUs of a list such as 0-3,8.
func countCPUs(list string) int {
	n := 0
	for part := range strings.SplitSeq(list, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		a, err1 := strconv.Atoi(first)
		b, err2 := strconv.Atoi(last)
		if err1 != nil || err2 != nil || a < 0 || b < a || b > 1<<20 {
			return 0
		}
		n += b - a + 1
	}
	return n
}

// parseMemTotal returns the machine's memory in bytes.
func parseMemTotal(text string) int64 {
	for line := range strings.Lines(text) {
		if kib, ok := strings.CutPrefix(line, "MemTotal:"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(kib), " kB"), 10, 44)
			if err != nil || n < 0 {
				return 0
			}
			return n << 10
		}
	}
	return 0
}

// readLimits finds the tightest limits of the control groups that the process
// is in, of either version, and of all above them.
func readLimits(m *results.Machine, file func(string) string) {
	for line := range strings.Lines(file("/proc/self/cgroup")) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // id:controllers:path
		if len(fields) != 3 {
			continue
		}
		controllers := strings.Split(fields[1], ",")
		for dir := range upwards(fields[2]) {
			switch {
			case fields[1] == "":
				// Alone, version 2 is mounted at the root; beside version 1, below it.
				for _, mount := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
					tighten(&m.CPULimit, quota(strings.Fields(file(mount+dir+"/cpu.max"))))
					tighten(&m.MemoryLimit, limit(file(mount+dir+"/memory.max")))
				}
			case slices.Contains(controllers, "cpu"):
				base := "/sys/fs/cgroup/" + fields[1] + dir
				tighten(&m.CPULimit, quota([]string{file(base + "/cpu.cfs_quota_us"), file(base + "/cpu.cfs_period_us")}))
			case slices.Contains(controllers, "memory"):
				tighten(&m.MemoryLimit, limit(file("/sys/fs/cgroup/"+fields[1]+dir+"/memory.limit_in_bytes")))
			}
		}
	}
}

// upwards yields an absolute path and each folder above it; the root is "".
func upwards(p string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for p = path.Clean("/" + p); p != "/"; p = path.Dir(p) {
			if !yield(p) {
				return
			}
		}
		yield("")
	}
}

// quota returns CPUs from a quota and its period; 0 if there is no limit.
func quota(fields []string) float64 {
	if len(fields) != 2 {
		return 0
	}
	q, err1 := strconv.ParseInt(fields[0], 10, 64)
	period, err2 := strconv.ParseInt(fields[1], 10, 64)
	if err1 != nil || err2 != nil || q <= 0 || period <= 0 {
		return 0
	}
	return float64(q) / float64(period)
}

// limit returns a number of bytes; 0 if there is no limit, which version 1
// writes as about the largest number there is.
func limit(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n >= 1<<62 {
		return 0
	}
	return n
}

func tighten[T float64 | int64](least *T, n T) {
	if n > 0 && (*least == 0 || n < *least) {
		*least = n
	}
}
