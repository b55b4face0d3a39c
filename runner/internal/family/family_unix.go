//go:build unix

// Package family ends a process together with all its descendants.
package family

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Family is a process and its descendants: a process group of their own. It also
// keeps the terminal's Ctrl-C from them, which is for the tool to answer.
type Family struct{ cmd *exec.Cmd }

// New has cmd, which has not been started, begin a family.
func New(cmd *exec.Cmd) *Family {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &Family{cmd}
}

// Adopt does nothing here: who is born into a process group is in it.
func (g *Family) Adopt() error { return nil }

// Kill ends every process of the family at once.
func (g *Family) Kill() error {
	err := unix.Kill(-g.cmd.Process.Pid, unix.SIGKILL)
	if errors.Is(err, unix.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// Close does nothing here.
func (g *Family) Close() {}
