//go:build unix

package strays

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tooLong is how long a stray may take to come or to go.
const tooLong = 2 * time.Minute

// Watch makes a named pipe, whose name is in the variable env of the environment
// until the test ends. Each stray process has to write a line to it when it is up,
// and to hold it open. Watch returns the pipe's reading end, and a function that
// returns when there was such a process and all of them are gone.
func Watch(t *testing.T, env string) (pipe *os.File, gone func()) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(name, 0o666); err != nil {
		t.Fatal(err)
	}
	// Nonblocking, or it would wait for the writer here.
	pipe, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	// The test fails, rather than hang, if no stray comes or one stays.
	if err := pipe.SetReadDeadline(time.Now().Add(tooLong)); err != nil {
		t.Fatal(err)
	}
	// A writer of our own, or reads would end before the first stray comes.
	hold, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pipe.Close(); _ = hold.Close() }) // one was only read, and nothing was written to the other
	t.Setenv(env, name)
	return pipe, func() {
		t.Helper()
		_ = hold.Close() // nothing was written to it
		pids, err := io.ReadAll(pipe)
		if err != nil || !strings.Contains(string(pids), "\n") {
			t.Errorf("stray processes = %q, %v, want at least one", pids, err)
		}
	}
}
