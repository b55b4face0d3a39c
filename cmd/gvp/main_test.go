package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

// benchEnv names the variable with the path of the bench binary that the tests
// drive. TestMain builds it, once.
const benchEnv = "GVP_TEST_BENCH"

// suite lets testscript.Main, which never returns, clean up after the tests.
type suite struct{ m *testing.M }

func (s suite) Run() int {
	dir, err := os.MkdirTemp("", "gvp-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	bench := filepath.Join(dir, exeName(benchName))
	build := exec.Command("go", "build", "-o", bench, "../"+benchName)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "cannot build the bench binary:", err)
		return 1
	}
	if err := os.Setenv(benchEnv, bench); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return s.m.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(suite{m}, map[string]func(){"gvp": func() { os.Exit(command()) }})
}

// TestScript runs each script in a folder of its own, with gvp as a command
// and $bench as the built-in bench binary.
func TestScript(t *testing.T) {
	module, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("bench", os.Getenv(benchEnv))
			e.Setenv("module", module)
			// What go needs to find its caches; scripts have no home of their own.
			for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY"} {
				out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
				if err != nil {
					return err
				}
				e.Setenv(name, strings.TrimSpace(string(out)))
			}
			return nil
		},
		Cmds: scriptCommands(),
		Condition: func(name string) (bool, error) {
			switch name {
			case "short":
				return testing.Short(), nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
	})
}
