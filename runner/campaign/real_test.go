package campaign

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// realBench builds the bench binary with the built-in workloads.
func realBench(t *testing.T) *Bench {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs the bench binary")
	}
	path := filepath.Join(t.TempDir(), "gvp-bench.exe")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "../../cmd/gvp-bench").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	b, err := Identify(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRealBenchBinary measures every mode once, after an interruption, and has
// the real benchstat read what came of it.
func TestRealBenchBinary(t *testing.T) {
	b := realBench(t)
	catalog, err := Describe(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(catalog, Options{
		Workloads: []string{"hash", "file"}, Params: map[string][]string{"file.dir": {t.TempDir()}},
		Workers: []int{2}, Rounds: 2, Target: 5 * time.Millisecond, ProfileTime: 20 * time.Millisecond, Out: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Run(ctx, p, b, Hooks{Event: func(e Event) {
		if e.Phase == Measure && e.Done == 5 {
			cancel()
		}
	}})
	if err == nil || s.Samples != 5 {
		t.Fatalf("Run = %+v, %v, want an interruption after 5 samples", s, err)
	}
	profiles := 0
	s, err = Resume(t.Context(), s.Folder, b, Hooks{Profiles: func(_, dir string, c results.Cell) error {
		entries, err := os.ReadDir(dir)
		if len(entries) == 0 {
			t.Errorf("no profile of %s", c.Name())
		}
		profiles++
		return err
	}})
	if err != nil || len(s.Failures) > 0 {
		t.Fatalf("Resume = %+v, %v", s, err)
	}
	if want := len(catalog.Modes) * 2; profiles != want {
		t.Errorf("%d profiles, want %d", profiles, want)
	}
	checkWhole(t, s.Folder)
	for _, e := range logOf(t, s.Folder, results.LogSample) {
		for _, q := range e.Processes {
			if strings.Contains(e.Cell, "mode=process") && q.GOMAXPROCS != 1 {
				t.Errorf("%s: %s with GOMAXPROCS %d", e.Cell, q.Role, q.GOMAXPROCS)
			}
		}
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "go", "tool", "benchstat", "-col", "/mode", filepath.Join(s.Folder, results.SamplesFile))
	cmd.Stderr = &stderr
	if out, err := cmd.Output(); err != nil || stderr.Len() > 0 || !bytes.Contains(out, []byte("file-dir: ")) {
		t.Errorf("benchstat = %v, and said %q:\n%s", err, &stderr, out)
	}
}
