package multiproc

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"unsafe"
)

// What the syscall package lacks.
var (
	kernel32                 = syscall.NewLazyDLL("kernel32.dll")
	createJobObject          = kernel32.NewProc("CreateJobObjectW")
	setInformationJobObject  = kernel32.NewProc("SetInformationJobObject")
	assignProcessToJobObject = kernel32.NewProc("AssignProcessToJobObject")
	terminateJobObject       = kernel32.NewProc("TerminateJobObject")
)

// A process is that of a child, with the job object that it and its descendants
// are in. The system ends what is in the job when its only handle is closed,
// which is here: also where this process dies, and where they are stopped.
type process struct {
	*os.Process

	mu  sync.Mutex
	job syscall.Handle // 0 if there is none, or not any more
}

// startProcess executes this program again, with files beside its stdio: their
// handles are inherited as they are, and listed in the environment.
func startProcess(argv, env []string, name string, stdio, files []*os.File, cpus []int) (*process, error) {
	if cpus != nil {
		return nil, errNoPinning
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var handles []syscall.Handle
	var list []string
	for _, f := range files {
		err := withHandle(f, func(h syscall.Handle) error {
			handles = append(handles, h)
			list = append(list, strconv.FormatUint(uint64(h), 10))
			return syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
		})
		if err != nil {
			return nil, fmt.Errorf("let the child inherit a handle: %w", err)
		}
	}
	env = append(env, childEnv+"="+name, filesEnv+"="+strings.Join(list, ","))
	job := newJob()
	p, err := os.StartProcess(exe, argv, &os.ProcAttr{
		Env:   lastOfEach(env),
		Files: stdio,
		Sys:   &syscall.SysProcAttr{AdditionalInheritedHandles: handles},
	})
	if err != nil {
		closeJob(job)
		return nil, err
	}
	// It starts nothing before it is told what to do, and is told later; until
	// then it ends with its lifeline.
	return &process{Process: p, job: assigned(job, p)}, nil
}

// withHandle calls do with the handle of a file, which is an error if that is
// closed: Fd would return the one of this process then.
func withHandle(f *os.File, do func(syscall.Handle) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	closed := raw.Control(func(h uintptr) { err = do(syscall.Handle(h)) })
	return errors.Join(closed, err)
}

// jobLimits is JOBOBJECT_EXTENDED_LIMIT_INFORMATION.
type jobLimits struct {
	processTime, jobTime           int64
	flags                          uint32
	minWorkingSet, maxWorkingSet   uintptr
	activeProcesses                uint32
	affinity                       uintptr
	priorityClass, schedulingClass uint32
	io                             [6]uint64
	memory                         [4]uintptr
}

// What is to be known of job objects.
const (
	extendedLimitInformation = 9
	killOnJobClose           = 0x2000
)

// newJob makes a job object whose processes end with its handle, which is not
// inherited; 0 if the system has none to give. Then a child ends with its
// lifeline, and what it runs is left.
func newJob() syscall.Handle {
	h, _, _ := createJobObject.Call(0, 0)
	if h == 0 {
		return 0
	}
	limits := jobLimits{flags: killOnJobClose}
	ok, _, _ := setInformationJobObject.Call(h, extendedLimitInformation, uintptr(unsafe.Pointer(&limits)), unsafe.Sizeof(limits))
	if ok == 0 {
		closeJob(syscall.Handle(h))
		return 0
	}
	return syscall.Handle(h)
}

// assigned puts a process into a job and returns the job; 0 if it is not in.
func assigned(job syscall.Handle, p *os.Process) syscall.Handle {
	var in uintptr
	err := p.WithHandle(func(h uintptr) {
		in, _, _ = assignProcessToJobObject.Call(uintptr(job), h)
	})
	if err != nil || in == 0 {
		closeJob(job)
		return 0
	}
	return job
}

func closeJob(job syscall.Handle) {
	if job != 0 {
		_ = syscall.CloseHandle(job) // it was ours
	}
}

// wait waits for the end of the process, and ends what it has left behind.
func (p *process) wait() (*os.ProcessState, error) {
	state, err := p.Process.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	closeJob(p.job)
	p.job = 0
	return state, err
}

// Kill ends the process and its descendants.
func (p *process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.job != 0 {
		if ok, _, _ := terminateJobObject.Call(uintptr(p.job), 1); ok != 0 {
			return nil
		}
	}
	err := p.Process.Kill()
	if errors.Is(err, syscall.EINVAL) { // what it says of one that was waited for
		return os.ErrProcessDone
	}
	return err
}

func (p *process) terminate() error { return p.Kill() }

// parks is that of Linux.
func (p *process) parks() bool { return false }

// lastWords is that of Unix: here, reading knows no deadline.
func lastWords(from *os.File) io.Reader { return from }

// endGroup has nothing to do: the job object went with the parent.
func endGroup() {}

// heedTerminal leaves Ctrl-C, which reaches every process of the console, to the
// parent: a child that died of it would only look like a crash.
func heedTerminal() { signal.Ignore(os.Interrupt) }

// leaveInterrupts has nothing to do: heedTerminal has.
func leaveInterrupts() {}

// inheritedFiles opens the files that startProcess listed in filesEnv.
func inheritedFiles(list string) ([]*os.File, error) {
	var files []*os.File
	for i, text := range strings.Split(list, ",") {
		h, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("bad %s %q", filesEnv, list)
		}
		files = append(files, os.NewFile(uintptr(h), "inherited"+strconv.Itoa(i)))
	}
	return files, nil
}

// exitCode is the exit status of a process.
func exitCode(s *os.ProcessState) int { return s.ExitCode() }
