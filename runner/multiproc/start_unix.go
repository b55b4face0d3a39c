//go:build unix

package multiproc

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// firstInherited is the descriptor that follows stdio.
const firstInherited = 3

// A process is that of a child.
type process struct {
	*os.Process
	pidfd *os.File // tells of its end; nil where there is none
	leads bool     // it leads a process group, which its descendants are in

	mu     sync.Mutex // held while the process is reaped: before that, its number is its own
	reaped bool
}

// startProcess executes this program again, with files beside its stdio.
//
// A child of a process that is no child itself leads a process group, and its
// descendants stay in it: by that they can be ended together, also those that
// know nothing of multiproc.
func startProcess(argv, env []string, name string, stdio, files []*os.File, cpus []int) (*process, error) {
	exe, err := executable()
	if err != nil {
		return nil, err
	}
	env = append(env, childEnv+"="+name, filesEnv+"="+strconv.Itoa(len(files)))
	p := &process{leads: hasGroups && upward == nil}
	sys := childAttr(p.leads)
	sys.Setpgid = p.leads
	attr := &syscall.ProcAttr{Env: lastOfEach(env), Sys: sys}
	for _, f := range stdio {
		attr.Files = append(attr.Files, f.Fd()) // blocking, as programs expect their stdio
	}
	pid := 0
	err = withDescriptors(files, attr.Files, func(fds []uintptr) (err error) {
		attr.Files = fds
		pid, err = startChild(exe, argv, cpus, attr)
		return err
	})
	runtime.KeepAlive(stdio)
	if err != nil {
		return nil, err
	}
	p.pidfd = pidfdOf(sys)
	p.Process, err = os.FindProcess(pid) // it is there: nobody else reaps it
	return p, err
}

// withDescriptors calls do with those of the files behind fds. It does not use
// Fd, which makes a file a blocking one: the mode belongs to the open file, and
// so to every process that has it.
func withDescriptors(files []*os.File, fds []uintptr, do func(fds []uintptr) error) error {
	if len(files) == 0 {
		return do(fds)
	}
	raw, err := files[0].SyscallConn()
	if err != nil {
		return err
	}
	closed := raw.Control(func(fd uintptr) {
		err = withDescriptors(files[1:], append(fds, fd), do)
	})
	if closed != nil {
		return closed
	}
	return err
}

// inheritedFiles opens the files that startProcess listed in filesEnv. Those of
// multiproc come nonblocking, so that their readers park in the netpoller, where
// they hold neither a thread nor a P; those of users come as they are.
func inheritedFiles(list string) ([]*os.File, error) {
	n, err := strconv.Atoi(list)
	if err != nil {
		return nil, fmt.Errorf("bad %s %q", filesEnv, list)
	}
	files := make([]*os.File, n)
	for i := range files {
		fd := firstInherited + i
		syscall.CloseOnExec(fd)
		files[i] = os.NewFile(uintptr(fd), "inherited"+strconv.Itoa(i))
	}
	return files, nil
}

// wait waits for the end of the process, ends what it has left behind in its
// group, and reaps it: in that order, because the group's number can be that of
// another one as soon as nobody holds it.
func (p *process) wait() (*os.ProcessState, error) {
	ended := p.awaitEnd()
	p.mu.Lock()
	defer p.mu.Unlock()
	if ended && p.leads {
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // it may be alone in it
	}
	p.reaped = ended
	return p.Process.Wait()
}

// Kill ends the process, and all of its group if it leads one.
func (p *process) Kill() error {
	if p.leads {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.reaped {
			return os.ErrProcessDone
		}
		_ = syscall.Kill(-p.Pid, syscall.SIGKILL) // it may have left it
	}
	return p.Process.Kill()
}

func (p *process) terminate() error { return p.Signal(syscall.SIGTERM) }

// endGroup ends this process, whose parent is gone, with all that it has
// started, if it leads their group.
func endGroup() {
	if leadsGroup() {
		_ = syscall.Kill(-os.Getpid(), syscall.SIGKILL)
	}
}

// heedTerminal says what the keys of the terminal do to this child. Its group
// is in the background: Ctrl-C and Ctrl-Z do not reach it, and a program that it
// runs has them as they are by default. To read from the terminal would stop it
// for ever; so it is an error.
func heedTerminal() {
	bornDeaf = signal.Ignored(os.Interrupt)
	if leadsGroup() {
		signal.Ignore(syscall.SIGTTIN, syscall.SIGTTOU)
	}
}

// leaveInterrupts leaves an interrupt that comes all the same to the parent. It is
// caught and not ignored, since what this child runs would ignore it as well. That
// takes a thread of the runtime's, and a tenth of the time in which a child starts
// and ends: a worker does it before it is ready, others when they are no longer
// young. A function that has come to ignore interrupts by then goes on to.
var leaveInterrupts = sync.OnceFunc(func() {
	if bornDeaf || !signal.Ignored(os.Interrupt) {
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
})

// bornDeaf tells that this process has ignored interrupts from its start, as what a
// shell runs in the background does.
var bornDeaf bool

// exitCode is the exit status of a process, or the negative number of the
// signal that ended it.
func exitCode(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return -int(w.Signal())
	}
	return s.ExitCode()
}
