package campaign

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results"
)

// tree writes files below a folder of the test's own.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, []byte(text+"\n"), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestMachineFromFiles(t *testing.T) {
	yes, no := true, false
	tests := []struct {
		name  string
		files map[string]string
		want  results.Machine
	}{
		{"nothing known", nil, results.Machine{}},
		{"bare metal, cgroup 2", map[string]string{
			"proc/cpuinfo":                                         "processor\t: 0\nmodel name\t: Fast CPU 9\nflags\t\t: fpu sse\nmodel name\t: other",
			"proc/meminfo":                                         "MemTotal:       16384 kB\nMemFree: 1 kB",
			"proc/self/cgroup":                                     "0::/user.slice/job",
			"sys/fs/cgroup/user.slice/job/cpu.max":                 "150000 100000",
			"sys/fs/cgroup/user.slice/cpu.max":                     "max 100000",
			"sys/fs/cgroup/user.slice/memory.max":                  "1048576",
			"sys/fs/cgroup/user.slice/job/memory.max":              "2097152",
			"sys/devices/system/cpu/online":                        "0-3,6",
			"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance",
			"sys/devices/system/cpu/cpu0/cpufreq/scaling_driver":   "intel_pstate",
			"sys/devices/system/cpu/smt/active":                    "1",
		}, results.Machine{CPU: "Fast CPU 9", CPUs: 5, CPULimit: 1.5, Memory: 16 << 20, MemoryLimit: 1 << 20,
			Governor: "performance", Driver: "intel_pstate", SMT: &yes, Hypervisor: &no}},
		{"virtual, cgroup 1", map[string]string{
			"proc/cpuinfo":     "model name: V\nflags: a hypervisor b",
			"proc/self/cgroup": "4:memory:/a/b\n2:cpu,cpuacct:/a\n0::/",
			"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us":   "50000",
			"sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us":  "100000",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":     "-1",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us":    "100000",
			"sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes":   "4096",
			"sys/devices/system/cpu/smt/active":              "0",
		}, results.Machine{CPU: "V", CPULimit: .5, MemoryLimit: 4096, SMT: &no, Hypervisor: &yes}},
		{"nonsense", map[string]string{
			"proc/cpuinfo":                      ":::\n\x00",
			"proc/meminfo":                      "MemTotal: lots kB",
			"proc/self/cgroup":                  "0:/\n::::\nx",
			"sys/devices/system/cpu/online":     "5-2",
			"sys/devices/system/cpu/smt/active": "maybe",
			"sys/fs/cgroup/cpu.max":             "-1 0",
		}, results.Machine{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got results.Machine
			readSystemAt(&got, tree(t, tt.files))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("machine (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoiseFromTheKernelsCounters(t *testing.T) {
	// Idle 300, steal 20; guest, the ninth, is in user already.
	steal, total := parseStat("cpu  100 0 50 300 5 2 3 20 99 0\ncpu0 1 2 3\n")
	if steal != 20 || total != 480 {
		t.Errorf("parseStat = %v, %v, want 20, 480", steal, total)
	}
	p := parsePressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n")
	if p != 2.5 {
		t.Errorf("parsePressure = %v, want 2.5", p)
	}
	before := noiseReading{steal: 20, total: 480, pressure: 2.5, load: 0.25}
	after := noiseReading{steal: 22, total: 680, pressure: 2.6, load: 9}
	want := []results.Metric{{Unit: results.StealRatio, Value: .01}, {Unit: results.PressureRatio, Value: .05}, {Unit: results.Load, Value: .25}}
	got := after.since(before, 2*time.Second)
	for i := range got {
		got[i].Value = float64(int(got[i].Value*1e6+.5)) / 1e6
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("noise (-want +got):\n%s", diff)
	}
	unknown := noiseReading{-1, -1, -1, -1}
	if got := after.since(unknown, time.Second); len(got) > 0 {
		t.Errorf("noise without counters = %v", got)
	}
	if got := unknown.since(before, time.Second); len(got) != 1 {
		t.Errorf("noise with lost counters = %v, want the load alone", got)
	}
}

func FuzzKernelFiles(f *testing.F) {
	f.Add("cpu  100 0 50 300 5 2 3 20 99 0\n")
	f.Add("some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\n")
	f.Add("0-3,8")
	f.Add("0::/user.slice/job\n2:cpu:/a/../..\n")
	f.Add("MemTotal:       16384 kB\n")
	f.Add("cpu nan inf 1e999 1 1 1 1 1 1")
	f.Fuzz(func(t *testing.T, text string) {
		steal, total := parseStat(text)
		if steal < -1 || total < -1 || steal > total && total >= 0 || math.IsNaN(steal) || math.IsNaN(total) {
			t.Errorf("parseStat(%q) = %v, %v", text, steal, total)
		}
		if p := parsePressure(text); p != -1 && !(p >= 0) {
			t.Errorf("parsePressure(%q) = %v", text, p)
		}
		if n := countCPUs(text); n < 0 {
			t.Errorf("countCPUs(%q) = %d", text, n)
		}
		if n := parseMemTotal(text); n < 0 {
			t.Errorf("parseMemTotal(%q) = %d", text, n)
		}
		parseCPUInfo(text)
		var m results.Machine
		readLimits(&m, func(string) string { return text })
		if m.CPULimit < 0 || m.MemoryLimit < 0 {
			t.Errorf("limits of %q = %v, %v", text, m.CPULimit, m.MemoryLimit)
		}
	})
}

func TestFullDiskKeepsWhatWasMeasured(t *testing.T) {
	out := t.TempDir()
	if err := syscall.Mount("tmpfs", out, "tmpfs", 0, "size=128k"); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(out, 0); err != nil {
			t.Error(err)
		}
	})
	ballast := filepath.Join(out, "ballast")
	p := planOf(t, cutOptions(out))
	kept := 0
	s, err := Run(t.Context(), p, self(t), Hooks{Event: func(e Event) {
		if e.Phase != Measure {
			return
		}
		kept = e.Done
		if e.Done == 2 {
			// Until nothing more goes in.
			_ = os.WriteFile(ballast, make([]byte, 1<<20), 0o666)
		}
	}})
	// What pages the files have may take a few lines more.
	if err == nil || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), s.Folder) {
		t.Fatalf("Run = %v, want an error that names the folder and the full disk", err)
	}
	if n := len(sampleNames(t, s.Folder)); kept < 2 || n < kept {
		t.Errorf("%d samples are left of %d", n, kept)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), s.Folder, self(t), Hooks{}); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, s.Folder)

	// And where there is no room at all.
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o666); err == nil {
		t.Fatal("the disk is not full")
	}
	if _, err := Run(t.Context(), p, self(t), Hooks{}); err == nil || !strings.Contains(err.Error(), "no space left on device") || !strings.Contains(err.Error(), out) {
		t.Errorf("Run = %v, want an error that names %s", err, out)
	}
}
