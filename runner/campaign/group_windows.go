package campaign

import (
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// A group is a host and its descendants: a job object, which the system also
// ends when its last handle, ours, is closed. Its process group of its own
// keeps the console's Ctrl-C from the host, which is for the tool to answer.
type group struct {
	cmd *exec.Cmd

	mu  sync.Mutex // kill comes at any time
	job windows.Handle
}

func newGroup(cmd *exec.Cmd) *group {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	return &group{cmd: cmd}
}

// adopt puts the host into the job. It is called before the host has read its
// request, so before it has started anything.
func (g *group) adopt() error {
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
		return fmt.Errorf("put the host into a job object: %w", err)
	}
	if assign != nil {
		return fmt.Errorf("put the host into a job object: %w", assign)
	}
	return nil
}

// kill ends every process of the group at once.
func (g *group) kill() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.job == 0 {
		return g.cmd.Process.Kill()
	}
	return windows.TerminateJobObject(g.job, 1)
}

func (g *group) close() {
	if g.job != 0 {
		_ = windows.CloseHandle(g.job) // nothing is left in it
	}
}
