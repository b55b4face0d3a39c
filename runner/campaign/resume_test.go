package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// cutPlan is small: two cells and the control kernel, two rounds, two profiles.
func cutOptions(out string) Options {
	return Options{Workloads: []string{"fine"}, Modes: []string{"process"}, Workers: []int{2}, Rounds: 2, Seed: 3, ProfileTime: 1, Out: out}
}

// toolProcess runs or resumes that plan and kills itself with SIGKILL at the
// event whose number is its last argument.
func toolProcess() {
	fail := func(err error) {
		if err != nil {
			_, _ = os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
	}
	b, err := Identify(os.Args[0])
	fail(err)
	last, err := strconv.Atoi(os.Args[3])
	fail(err)
	o := cutOptions(os.Args[2])
	if w := os.Getenv("FAKE_WORKLOAD"); w != "" {
		o.Workloads = []string{w}
	}
	p, err := NewPlan(fakeCatalog(), o)
	fail(err)
	n := 0
	_, err = Run(context.Background(), p, b, Hooks{Event: func(Event) {
		if n++; n == last {
			self, err := os.FindProcess(os.Getpid())
			fail(err)
			fail(self.Kill())
			select {}
		}
	}})
	fail(err)
}

// checkWhole fails unless the run has each sample once, in the order of its seed.
func checkWhole(t *testing.T, folder string) {
	t.Helper()
	run, err := results.ReadRun(folder)
	if err != nil {
		t.Fatal(err)
	}
	if !run.Finished {
		t.Error("the run is not finished")
	}
	var want []string
	for round := 1; round <= run.Rounds; round++ {
		for _, i := range order(run.Seed, round, len(run.Cells)) {
			want = append(want, run.Cells[i].Name())
		}
	}
	if got := sampleNames(t, folder); !slices.Equal(got, want) {
		t.Errorf("samples:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, err := os.Stat(filepath.Join(folder, workDir)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the work folder is still there: %v", err)
	}
}

func TestResumeCompletesARunKilledAtAnyEvent(t *testing.T) {
	b := self(t)
	// Phases begin at 1, 5 and 12; there are 14 events.
	events := []int{1, 3, 4, 5, 6, 9, 11, 12, 13, 14}
	if testing.Short() {
		events = []int{1, 6, 13}
	}
	for _, last := range events {
		t.Run(strconv.Itoa(last), func(t *testing.T) {
			out := t.TempDir()
			cmd := exec.CommandContext(t.Context(), b.Path, "tool", out, strconv.Itoa(last))
			if text, err := cmd.CombinedOutput(); err == nil || len(text) > 0 {
				t.Fatalf("tool = %v: %s", err, text)
			}
			folders, err := filepath.Glob(filepath.Join(out, "*"))
			if err != nil || len(folders) != 1 {
				t.Fatalf("folders = %q, %v", folders, err)
			}
			hosts := 0
			s, err := Resume(t.Context(), folders[0], b, Hooks{Event: func(e Event) {
				if e.Cell != nil {
					hosts++
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if want := 3 + 6 + 2 - doneBy(last); hosts != want {
				t.Errorf("resuming took %d hosts, want the %d that were missing", hosts, want)
			}
			if s.Samples != 6 || len(s.Failures) != 0 {
				t.Errorf("summary = %+v", s)
			}
			checkWhole(t, folders[0])
		})
	}
}

// doneBy returns how many of the first n events were about a host.
func doneBy(n int) int {
	for _, begin := range []int{12, 5, 1} {
		if n >= begin {
			n--
		}
	}
	return n
}

// TestResumeCompletesWhateverIsLeft cuts the two files that grow off at places
// of their own, as a crash of the whole machine can.
func TestResumeCompletesWhateverIsLeft(t *testing.T) {
	b := self(t)
	s, err := Run(t.Context(), planOf(t, cutOptions(t.TempDir())), b, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, name := range []string{results.LogFile, results.SamplesFile} {
		if files[name], err = os.ReadFile(filepath.Join(s.Folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	run, err := results.ReadRun(s.Folder)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	times := 12
	if testing.Short() {
		times = 3
	}
	for range times {
		run.Finished = false
		if err := run.Write(s.Folder); err != nil {
			t.Fatal(err)
		}
		var cuts []int
		for _, name := range []string{results.LogFile, results.SamplesFile} {
			cut := rng.IntN(len(files[name]) + 1)
			cuts = append(cuts, cut)
			if err := os.WriteFile(filepath.Join(s.Folder, name), files[name][:cut], 0o666); err != nil {
				t.Fatal(err)
			}
		}
		// The second cutting leaves traces of the first in the log.
		for range 2 {
			if _, err := Resume(t.Context(), s.Folder, b, Hooks{}); err != nil {
				t.Fatalf("cut at %v: %v", cuts, err)
			}
			checkWhole(t, s.Folder)
			samples := filepath.Join(s.Folder, results.SamplesFile)
			data, err := os.ReadFile(samples)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Truncate(samples, int64(len(data)*2/3)), run.Write(s.Folder)); err != nil {
				t.Fatal(err)
			}
		}
		if t.Failed() {
			t.Fatalf("cut at %v", cuts)
		}
	}
}

func TestResumeRefuses(t *testing.T) {
	b := self(t)
	// A run that is not finished.
	ctx, cancel := context.WithCancel(t.Context())
	s, err := Run(ctx, planOf(t, cutOptions(t.TempDir())), b, Hooks{Event: func(e Event) { cancel() }})
	if err == nil {
		t.Fatal("the run was not interrupted")
	}
	original, err := os.ReadFile(filepath.Join(s.Folder, results.RunFile))
	if err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*results.Run)) func(*testing.T) {
		return func(t *testing.T) {
			var run results.Run
			if err := json.Unmarshal(original, &run); err != nil {
				t.Fatal(err)
			}
			change(&run)
			if err := run.Write(s.Folder); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name    string
		prepare func(*testing.T)
		want    string
	}{
		{"another bench binary", edit(func(r *results.Run) { r.Bench.SHA256 = "12" }), `another bench binary than the run began with (sha256 was "12", is "`},
		{"a long hash", edit(func(r *results.Run) { r.Bench.SHA256 = strings.Repeat("ab", 32) }), `(sha256 was "abababababab", is "` + b.Binary.SHA256[:12] + `")`},
		{"another machine", edit(func(r *results.Run) { r.Machine.CPUs = 77 }), "(cpus was 77, is "},
		{"another environment", edit(func(r *results.Run) { r.Machine.Env = map[string]string{"GOGC": "off"} }), `env was {"GOGC":"off"}, is unknown`},
		{"another version", edit(func(r *results.Run) { r.Format = 99 }), "format 99, want 1"},
		{"no cells", edit(func(r *results.Run) { r.Cells = nil }), "not a run file"},
		{"a run that is in work", func(t *testing.T) {
			edit(func(*results.Run) {})(t)
			c, err := claimFolder(s.Folder)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.file.Close() })
		}, "another gvp is at work in it"},
		{"samples of something else", func(t *testing.T) {
			edit(func(*results.Run) {})(t)
			name := filepath.Join(s.Folder, results.SamplesFile)
			old, err := os.ReadFile(name)
			if err == nil {
				err = os.WriteFile(name, []byte("PASS\n"), 0o666)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.WriteFile(name, old, 0o666) })
		}, results.SamplesFile + " does not begin as this run's sample file does"},
		{"a broken log", func(t *testing.T) {
			edit(func(*results.Run) {})(t)
			if err := os.WriteFile(filepath.Join(s.Folder, results.LogFile), []byte("{}\n}{\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}, results.LogFile + ":2: not a log entry"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.prepare(t)
			_, err := Resume(t.Context(), s.Folder, b, Hooks{Event: func(Event) { t.Error("it went on") }})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Resume = %v, want %q", err, tt.want)
			}
		})
	}
	t.Run("a file", func(t *testing.T) {
		file := filepath.Join(s.Folder, results.RunFile)
		_, err := Resume(t.Context(), file, b, Hooks{})
		if err == nil || !strings.HasPrefix(err.Error(), file+" is not the folder of a run") {
			t.Errorf("Resume = %v", err)
		}
	})
	t.Run("a folder that is no run's", func(t *testing.T) {
		dir := t.TempDir()
		_, err := Resume(t.Context(), dir, b, Hooks{})
		if err == nil || !strings.Contains(err.Error(), dir+" is not the folder of a run") {
			t.Errorf("Resume = %v", err)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("it left %v there", entries)
		}
	})
}

func TestResumeOfAFinishedRunDoesNothing(t *testing.T) {
	b := self(t)
	s, err := Run(t.Context(), planOf(t, cutOptions(t.TempDir())), b, Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Resume(t.Context(), s.Folder, b, Hooks{Event: func(Event) { t.Error("it measured") }})
	if err != nil || again.Samples != s.Samples || !again.Finished {
		t.Errorf("Resume = %+v, %v", again, err)
	}
	checkWhole(t, s.Folder)
}

func TestReplacedBenchBinaryEndsTheRun(t *testing.T) {
	b := copyOf(t, self(t))
	replace := func() {
		// Of the same size and time: another file all the same.
		data, err := os.ReadFile(b.Path)
		if err == nil {
			data[len(data)/2] ^= 1
			err = errors.Join(os.Rename(b.Path, b.Path+".old"), os.WriteFile(b.Path, data, 0o777),
				os.Chtimes(b.Path, time.Time{}, b.info.ModTime()))
		}
		if err != nil {
			t.Error(err)
		}
	}
	s, err := Run(t.Context(), planOf(t, cutOptions(t.TempDir())), b, Hooks{Event: func(e Event) {
		if e.Phase == Measure && e.Done == 2 {
			replace()
		}
	}})
	if err == nil || !strings.Contains(err.Error(), b.Path+" was replaced during the run") || !strings.Contains(err.Error(), "put the old bench binary back") || strings.Contains(err.Error(), "--resume") {
		t.Fatalf("Run = %v", err)
	}
	if got := len(sampleNames(t, s.Folder)); got != 2 || s.Samples != 2 {
		t.Errorf("%d samples are left of 2", got)
	}
	// The new one is another program, the old one in a new place is not.
	other, err := Identify(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(t.Context(), s.Folder, other, Hooks{}); err == nil || !strings.Contains(err.Error(), "another bench binary") {
		t.Errorf("Resume = %v", err)
	}
	if _, err := Resume(t.Context(), s.Folder, self(t), Hooks{}); err != nil {
		t.Errorf("Resume = %v", err)
	}
	checkWhole(t, s.Folder)
}

func copyOf(t *testing.T, b *Bench) *Bench {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.exe")
	from, err := os.Open(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o777)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Close()); err != nil {
		t.Fatal(err)
	}
	c, err := Identify(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
