package profiles

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"testing"
	"time"

	"github.com/google/pprof/profile"
)

// The test binary is its own child: a process that profiles itself.
const (
	childEnv = "PROFILES_TEST_CHILD" // what the child does
	fileEnv  = "PROFILES_TEST_FILE"  // where its profile goes
)

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		if err := child(what, os.Getenv(fileEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(what, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return err
	}
	switch what {
	case "burn":
		burn()
	case "labelled": // one worker has a label, the host none
		pprof.Do(context.Background(), pprof.Labels(Worker, "w0"), func(context.Context) { burn() })
		burn()
	case "short":
	case "crash":
		os.Exit(0) // before the profile is written
	default:
		return fmt.Errorf("unknown child %q", what)
	}
	pprof.StopCPUProfile()
	return f.Close()
}

// burn uses a CPU for a dozen samples.
func burn() {
	x := uint64(1)
	for start := time.Now(); time.Since(start) < 120*time.Millisecond; {
		for range 100_000 {
			x = x*6364136223846793005 + 1442695040888963407
		}
	}
	if x == 0 {
		panic("the generator has no fixed point at 0")
	}
}

// host runs one child per file into a new folder and returns the folder.
func host(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, what := range files {
		cmd := exec.CommandContext(t.Context(), exe)
		cmd.Env = append(os.Environ(), childEnv+"="+what, fileEnv+"="+filepath.Join(dir, name))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("child %s: %v\n%s", what, err, out)
		}
	}
	return dir
}

// synthetic returns a profile with one sample of ns nanoseconds per name, each a
// stack of that function in main.main.
func synthetic(ns int64, names ...string) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10_000_000,
	}
	add := func(name string) *profile.Location {
		f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name}
		l := &profile.Location{ID: f.ID, Address: f.ID, Line: []profile.Line{{Function: f}}}
		p.Function, p.Location = append(p.Function, f), append(p.Location, l)
		return l
	}
	root := add("main.main")
	for _, n := range names {
		p.Sample = append(p.Sample, &profile.Sample{
			Location: []*profile.Location{add(n), root},
			Value:    []int64{1, ns},
			Label:    map[string][]string{},
		})
	}
	return p
}

// put writes p to the named file of the folder.
func put(t *testing.T, dir, name string, p *profile.Profile) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
