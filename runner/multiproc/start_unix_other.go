//go:build unix && !linux

package multiproc

import (
	"os"
	"syscall"
)

func executable() (string, error) { return os.Executable() }

// childAttr is empty: the lifeline alone ends a child whose parent dies.
func childAttr() *syscall.SysProcAttr { return nil }

func startChild(exe string, argv []string, cpus []int, attr *os.ProcAttr) (*os.Process, error) {
	if cpus != nil {
		return nil, errNoPinning
	}
	return os.StartProcess(exe, argv, attr)
}
