package runner

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gvp-bench/gvp/results"
)

// tooLong is how long a test waits for what has to happen at once.
const tooLong = time.Minute

// waitFor polls until done says so.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(tooLong)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond) // between two looks; nothing relies on how long
	}
}

// bench starts this test binary as a bench binary.
func bench(t *testing.T, args ...string) (*exec.Cmd, io.WriteCloser, *bytes.Buffer, *bytes.Buffer) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Env = append(os.Environ(), asHost+"=1")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdin, &stdout, &stderr
}

// ask has a host answer one request.
func ask(t *testing.T, request string) (results.Reply, error) {
	t.Helper()
	cmd, stdin, stdout, stderr := bench(t, results.HostCommand)
	if _, err := io.WriteString(stdin, request); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var r results.Reply
	if stdout.Len() > 0 {
		if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
			t.Fatalf("reply %q: %v", stdout, err)
		}
	}
	if stderr.Len() > 0 {
		t.Logf("stderr: %s", stderr)
	}
	return r, err
}

func request(t *testing.T, s results.Spec) string {
	t.Helper()
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestHostAnswersWithASample(t *testing.T) {
	forEachCrew(t, func(t *testing.T, mode string, workers int) {
		r, err := ask(t, request(t, results.Spec{Protocol: results.ProtocolVersion, Cell: cell("number", mode, workers), Units: 12}))
		if err != nil || r.Error != "" || r.Sample == nil {
			t.Fatalf("reply %+v, %v", r, err)
		}
		if v, ok := metric(r.Sample, results.SecPerOp); !ok || v <= 0 {
			t.Errorf("%v sec/op", v)
		}
	})
}

func TestHostRefusesAnotherProtocol(t *testing.T) {
	r, err := ask(t, request(t, results.Spec{Protocol: results.ProtocolVersion + 1, Cell: cell("number", "serial", 1), Units: 1}))
	if err != nil || !strings.Contains(r.Error, "build both from the same gvp") {
		t.Errorf("reply %+v, %v", r, err)
	}
}

func TestHostRefusesGarbage(t *testing.T) {
	if _, err := ask(t, "garbage"); err == nil {
		t.Error("a request that is no JSON is answered")
	}
}

func TestDescribePrintsTheCatalog(t *testing.T) {
	cmd, _, stdout, _ := bench(t, results.DescribeCommand)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	var c results.Catalog
	if err := json.Unmarshal(stdout.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Workloads) != len(underTest.workloads) || len(c.Modes) != len(modes()) || c.Modes[0].Name != "serial" {
		t.Errorf("catalog %+v", c)
	}
}

func TestABenchBinaryRunByHandSaysWhatItIs(t *testing.T) {
	cmd, _, _, stderr := bench(t)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 2 || !strings.Contains(stderr.String(), "gvp run") {
		t.Errorf("%v, %q; want exit status 2 and a hint", err, stderr)
	}
}
