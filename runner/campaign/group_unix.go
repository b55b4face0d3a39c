//go:build unix

package campaign

import (
	"errors"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// A group is a host and its descendants: a process group of their own. It also
// keeps the terminal's Ctrl-C from them, which is for the tool to answer.
type group struct{ cmd *exec.Cmd }

func newGroup(cmd *exec.Cmd) *group {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return &group{cmd}
}

func (g *group) adopt() error { return nil }

// kill ends every process of the group at once.
func (g *group) kill() error {
	err := unix.Kill(-g.cmd.Process.Pid, unix.SIGKILL)
	if errors.Is(err, unix.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

func (g *group) close() {}
