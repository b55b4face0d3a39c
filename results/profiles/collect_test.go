package profiles

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/pprof/profile"
)

// cpuBy returns the nanoseconds of CPU time by the label with the key.
func cpuBy(p *profile.Profile, key string) map[string]int64 {
	ns := map[string]int64{}
	for _, s := range p.Sample {
		ns[strings.Join(s.Label[key], "+")] += s.Value[1]
	}
	return ns
}

func TestCollectMergesTheProfilesOfRealProcesses(t *testing.T) {
	dir := host(t, map[string]string{
		"host.pb.gz":  "labelled",
		"w1.pb.gz":    "burn",
		"w2-17.pb.gz": "burn",
		"w2-18.pb.gz": "short",
		"w2-19.pb.gz": "crash",
	})
	want := map[string]int64{}
	for file, worker := range map[string]string{"w1.pb.gz": "w1", "w2-17.pb.gz": "w2"} {
		p, err := Read(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		want[worker] = cpuBy(p, Worker)[""]
	}

	p, warnings, err := Collect(dir, Labels{Mode: "process", Workload: "hash"})
	if err != nil {
		t.Fatal(err)
	}
	got := cpuBy(p, Worker)
	if !slices.Equal(slices.Sorted(maps.Keys(got)), []string{"host", "w0", "w1", "w2"}) {
		t.Errorf("workers %v, want host, w0, w1 and w2", got)
	}
	for worker, ns := range want {
		if got[worker] != ns {
			t.Errorf("%s has %d ns, its own profile %d", worker, got[worker], ns)
		}
	}
	for key, value := range map[string]string{Mode: "process", Workload: "hash"} {
		if by := cpuBy(p, key); len(by) != 1 || by[value] == 0 {
			t.Errorf("samples by %s: %v, want all of %s", key, by, value)
		}
	}
	if p.TimeNanos == 0 || p.DurationNanos != 0 {
		t.Errorf("time %d and duration %d, want some time and no duration", p.TimeNanos, p.DurationNanos)
	}
	wantWarnings := []string{"1 empty profiles of mode process left out (w2-19.pb.gz): their processes ended before writing them"}
	if diff := cmp.Diff(wantWarnings, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestCollectLabelsWorkers(t *testing.T) {
	dir := t.TempDir()
	p := synthetic(10, "main.a", "main.b", "main.c")
	p.Sample[1].Label[Worker] = []string{"w3"}
	p.Sample[2].Label[Worker] = []string{"4"} // pprof would take it for a number
	put(t, dir, "host.pb.gz", p)
	put(t, dir, "w5.pb.gz", synthetic(20, "main.a"))
	put(t, dir, "6-100.pb.gz", synthetic(30, "main.a"))
	put(t, dir, "6-101.pb.gz", synthetic(40, "main.a"))
	got, _, err := Collect(dir, Labels{Mode: "m", Workload: "w"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{"host": 10, "w3": 10, "w4": 10, "w5": 20, "w6": 70}
	if diff := cmp.Diff(want, cpuBy(got, Worker)); diff != "" {
		t.Errorf("CPU time by worker (-want +got):\n%s", diff)
	}
}

func TestCollectLeavesOutWhatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "host.pb.gz", synthetic(10, "main.a"))
	for name, data := range map[string]string{
		"w0.pb.gz": "not a profile", "w1-1.pb.gz": "", "w1-2.pb.gz": "", "w1-3.pb.gz": "", "w1-4.pb.gz": "", "notes.txt": "x",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "w2.pb.gz"), 0o777); err != nil {
		t.Fatal(err)
	}
	p, warnings, err := Collect(dir, Labels{Mode: "spawn", Workload: "hash"})
	if err != nil {
		t.Fatal(err)
	}
	if got := cpuBy(p, Worker); len(got) != 1 || got["host"] != 10 {
		t.Errorf("CPU time by worker %v, want 10 ns of the host", got)
	}
	want := []string{
		"profile left out: " + filepath.Join(dir, "w0.pb.gz") + ": not a compressed profile: gzip: invalid header",
		"profile left out: " + filepath.Join(dir, "w2.pb.gz") + ": not a regular file",
		"4 empty profiles of mode spawn left out (w1-1.pb.gz, w1-2.pb.gz, w1-3.pb.gz, …): their processes ended before writing them",
	}
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestCollectWithoutAProfile(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := Collect(dir, Labels{}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("Collect of an empty folder: error %v, want one that names the folder", err)
	}
	if _, _, err := Collect(filepath.Join(dir, "none"), Labels{}); err == nil {
		t.Error("Collect of no folder: no error")
	}
	put(t, dir, "host.pb.gz", synthetic(10)) // no samples
	p, warnings, err := Collect(dir, Labels{})
	if err != nil || len(warnings) != 0 || len(p.Sample) != 0 {
		t.Errorf("Collect of a profile without samples = %v, %q, %v; want it and no complaint", p, warnings, err)
	}
}
