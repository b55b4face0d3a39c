package multiproc

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// apart has the command run in namespaces of its own, by the right of root or,
// where the system grants that, of a user who is root in there.
func apart(cmd *exec.Cmd, namespaces uintptr) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	return cmd
}

// denied tells whether an error is that of a system that does not allow it.
func denied(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EINVAL) ||
		errors.Is(err, syscall.ENOSYS) || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EUSERS)
}

// inSmallSharedMemory runs the test once more in a process that has a small
// /dev/shm of its own. It reports elsewhere if it has done that, or small if
// this is that process; neither if the system does not allow it.
func inSmallSharedMemory(t *testing.T) (elsewhere, small bool) {
	t.Helper()
	if !isAgain(t) {
		err := again(t, apart(runAgain(t), syscall.CLONE_NEWNS))
		if err != nil && !denied(err) && !errors.Is(err, errSkipped) {
			t.Fatal(err)
		}
		return err == nil, false
	}
	if shm.Dir() != "/dev/shm" {
		t.Skip("there is no /dev/shm")
	}
	// What is mounted here stays here.
	err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount("none", "/dev/shm", "tmpfs", 0, "size=4m")
	}
	if err != nil {
		t.Skip("mount a small /dev/shm:", err)
	}
	return false, true
}

// fillSharedMemory leaves no room in /dev/shm, until the function that it
// returns is called or the test ends.
func fillSharedMemory(t *testing.T) (free func()) {
	t.Helper()
	file := filepath.Join(shm.Dir(), "filler")
	free = func() { _ = os.Remove(file) }
	t.Cleanup(free)
	if err := os.WriteFile(file, make([]byte, 16<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("16 MiB go into a /dev/shm of 4 MiB: %v", err)
	}
	return free
}
