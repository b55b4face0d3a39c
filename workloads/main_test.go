package workloads

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// childDir names the folder in which a re-executed test binary does units of
// the file workload until it is killed, a line each, instead of running tests.
const childDir = "GVP_TEST_FILE_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, doFiles(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func doFiles(dir string) error {
	w, err := newWorker(File, map[string]string{"dir": dir, "size": "16MiB"})
	for i := uint64(0); err == nil; i++ {
		if _, err = w.Unit(i); err == nil {
			_, err = fmt.Println(i)
		}
	}
	return err
}

// startChild starts a process that does units of the file workload in dir, and
// returns when it has done the first.
func startChild(t *testing.T, dir string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(cmd) })
	lines := bufio.NewReader(out)
	nextLine(t, lines)
	return cmd, lines
}

func nextLine(t *testing.T, r *bufio.Reader) {
	t.Helper()
	if _, err := r.ReadString('\n'); err != nil && err != io.EOF {
		t.Fatal(err)
	} else if err == io.EOF {
		t.Fatal("the child ended by itself")
	}
}

// kill ends a child without giving it a say, and waits until it is gone.
func kill(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

func newJob(w Workload, given map[string]string) (Job, error) {
	v, err := w.Resolve(given)
	if err != nil {
		return Job{}, err
	}
	return w.New(v)
}

func newWorker(w Workload, given map[string]string) (Worker, error) {
	job, err := newJob(w, given)
	if err != nil {
		return nil, err
	}
	return job.NewWorker(0)
}

// mustWorker returns a worker that the test closes.
func mustWorker(tb testing.TB, w Workload, id int, given map[string]string) Worker {
	tb.Helper()
	job, err := newJob(w, given)
	if err != nil {
		tb.Fatal(err)
	}
	worker, err := job.NewWorker(id)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := worker.Close(); err != nil {
			tb.Error(err)
		}
	})
	return worker
}

func mustUnit(tb testing.TB, w Worker, i uint64) uint64 {
	tb.Helper()
	digest, err := w.Unit(i)
	if err != nil {
		tb.Fatal(err)
	}
	return digest
}
