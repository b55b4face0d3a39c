// Package family ends a process together with all its descendants.
package family

import (
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A Family is a process and its descendants: a job object, which the system also
// ends when its last handle, ours, is closed. Its process group of its own
// keeps the console's Ctrl-C from them, which is for the tool to answer.
type Family struct {
	cmd *exec.Cmd

	mu  sync.Mutex // Kill comes at any time
	job windows.Handle
}

// New has cmd, which has not been started, begin a family.
func New(cmd *exec.Cmd) *Family {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	return &Family{cmd: cmd}
}

// Adopt puts the process into the job. It is called before the process has done
// much, so before it has started anything of its own.
func (g *Family) Adopt() error {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return fmt.Errorf("make a job object: %w", err)
	}
	g.mu.Lock()
	g.job = job
	g.mu.Unlock()
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE},
	}
	if _, err := windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info))); err != nil {
		return fmt.Errorf("limit a job object: %w", err)
	}
	var assign error
	if err := g.cmd.Process.WithHandle(func(h uintptr) {
		assign = windows.AssignProcessToJobObject(job, windows.Handle(h))
	}); err != nil {
		return fmt.Errorf("put the process into a job object: %w", err)
	}
	if assign != nil {
		return fmt.Errorf("put the process into a job object: %w", assign)
	}
	return nil
}

// Kill ends every process of the family at once.
func (g *Family) Kill() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.job == 0 {
		return g.cmd.Process.Kill()
	}
	return windows.TerminateJobObject(g.job, 1)
}

// Close gives the job up, which ends whoever is still in it.
func (g *Family) Close() {
	if g.job != 0 {
		_ = windows.CloseHandle(g.job) // nothing is left in it
	}
}
