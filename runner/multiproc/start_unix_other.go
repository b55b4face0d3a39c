//go:build unix && !linux

package multiproc

import (
	"os"
	"syscall"
)

func executable() (string, error) { return os.Executable() }

// childAttr is empty: the lifeline alone ends a child whose parent dies.
func childAttr(bool) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

func startChild(exe string, argv []string, cpus []int, attr *syscall.ProcAttr) (pid int, err error) {
	if cpus != nil {
		return 0, errNoPinning
	}
	pid, _, err = syscall.StartProcess(exe, argv, attr)
	if err != nil {
		err = &os.PathError{Op: "fork/exec", Path: exe, Err: err}
	}
	return pid, err
}

func pidfdOf(*syscall.SysProcAttr) *os.File { return nil }

// parks is that of Linux.
func (p *process) parks() bool { return false }
