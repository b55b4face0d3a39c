package multiproc

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// againEnv names the test that a process of the tests is to run once more.
const againEnv = "GVP_TEST_AGAIN"

// isAgain tells whether this process is the one that again has started.
func isAgain(t *testing.T) bool {
	t.Helper()
	return os.Getenv(againEnv) == t.Name()
}

// runAgain is a command that runs this test, which is to be one of the package
// and no part of another, in a process of its own.
func runAgain(t *testing.T) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, "-test.v", "-test.run=^"+t.Name()+"$",
		"-test.short="+strconv.FormatBool(testing.Short()), "-test.timeout=8m")
	cmd.Env = append(os.Environ(), againEnv+"="+t.Name())
	return cmd
}

// errSkipped is that of a test that has skipped itself.
var errSkipped = errors.New("the test was skipped")

// again runs a command of runAgain, with what it says in this test's log. The
// error is that of a process that could not be started, or errSkipped; if the
// test fails there, it fails here.
func again(t *testing.T, cmd *exec.Cmd) error {
	t.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return err
	}
	err := cmd.Wait()
	t.Logf("in process %d:\n%s", cmd.Process.Pid, &out)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out.Bytes(), []byte("--- SKIP: "+t.Name()+" ")) {
		return errSkipped
	}
	return nil
}
