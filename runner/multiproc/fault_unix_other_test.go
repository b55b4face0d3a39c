//go:build unix && !linux

package multiproc

import (
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// systemFault returns what does to this process what is possible here; nil if
// how is unknown.
func systemFault(how string) func(result []byte) ([]byte, error) { return unixFault(how) }

// awaitStop waits until a process has stopped: it takes a moment, in which it
// could do its task.
func awaitStop(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "stopped", func() bool {
		out, err := exec.CommandContext(t.Context(), "ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "T")
	})
}

// sendToTheStopped is for systems that tell what was written.
func sendToTheStopped(func() error) ([]byte, error) { return nil, errors.ErrUnsupported }
