package profiles

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddSumsUp(t *testing.T) {
	run := t.TempDir()
	for _, workload := range []string{"hash", "primes", "hash"} {
		p := synthetic(10, "main.a")
		label(p, Labels{Mode: "process", Workload: workload}, "w0")
		if err := Add(run, "process", p); err != nil {
			t.Fatal(err)
		}
	}
	if err := Add(run, "serial", synthetic(10, "main.a")); err != nil {
		t.Fatal(err)
	}
	p, err := Read(Path(run, "process"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int64{"hash": 20, "primes": 10}, cpuBy(p, Workload)); diff != "" {
		t.Errorf("CPU time by workload (-want +got):\n%s", diff)
	}
	files, err := List(run)
	want := []File{{"process", Path(run, "process")}, {"serial", Path(run, "serial")}}
	if diff := cmp.Diff(want, files); err != nil || diff != "" {
		t.Errorf("List: error %v (-want +got):\n%s", err, diff)
	}
	entries, err := os.ReadDir(filepath.Join(run, Dir))
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder holds %v (%v), want the two profiles only", entries, err)
	}
}

func TestAddLeavesAnUnreadableProfileAlone(t *testing.T) {
	run := t.TempDir()
	path := Path(run, "process")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Add(run, "process", synthetic(10, "main.a")); err == nil {
		t.Error("no error")
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "precious" {
		t.Errorf("the file is now %q (%v)", data, err)
	}
}

func TestAddRefuses(t *testing.T) {
	run := t.TempDir()
	for _, mode := range []string{"", ".", "..", "../x", "a/b", "/abs"} {
		if err := Add(run, mode, synthetic(10, "main.a")); err == nil {
			t.Errorf("Add to mode %q: no error", mode)
		}
	}
	if err := Add(run, "process", nil); err == nil {
		t.Error("Add of nil: no error")
	}
	file := filepath.Join(run, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := Add(file, "process", synthetic(10, "main.a")); err == nil {
		t.Error("Add to a run that is a file: no error")
	}
	if entries, err := os.ReadDir(run); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
}

func TestAddWhenTheDiskIsFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no device that is always full")
	}
	run := t.TempDir()
	if err := Add(run, "process", synthetic(10, "main.a")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(Path(run, "process"))
	if err != nil {
		t.Fatal(err)
	}
	// The file that Add writes beside the old one lands on the full device.
	if err := os.Symlink("/dev/full", Path(run, "process")+".new"); err != nil {
		t.Fatal(err)
	}
	if err := Add(run, "process", synthetic(10, "main.a")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want no space left", err)
	}
	if after, err := os.ReadFile(Path(run, "process")); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the profile changed (%v)", err)
	}
	if entries, err := os.ReadDir(filepath.Join(run, Dir)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
}

func TestListWithoutProfiles(t *testing.T) {
	if files, err := List(t.TempDir()); err != nil || len(files) != 0 {
		t.Errorf("List = %v, %v; want none and no error", files, err)
	}
}
