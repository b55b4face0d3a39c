package multiproc

import (
	"os"
	"runtime"
	"sync"
	"syscall"
	"unsafe"
)

// executable is this very program, also after its file has been replaced.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// childAttr has the kernel tell a child that its parent has died: the means that
// also reaches a stopped child, which the lifeline does not. One that leads a
// group goes on, sees the end of its lifeline, and takes the group along; others
// are killed.
func childAttr(leads bool) *syscall.SysProcAttr {
	sys := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, PidFD: new(int)}
	if leads {
		sys.Pdeathsig = syscall.SIGCONT
	}
	return sys
}

// startChild starts all children from one thread, which lives as long as the
// process: the death signal is sent when the starting thread ends
// (golang/go#27505).
func startChild(exe string, argv []string, cpus []int, attr *syscall.ProcAttr) (pid int, err error) {
	req := startRequest{exe, argv, cpus, attr, make(chan startReply, 1)}
	starter() <- req
	r := <-req.reply
	return r.pid, r.err
}

type startRequest struct {
	exe   string
	argv  []string
	cpus  []int
	attr  *syscall.ProcAttr
	reply chan startReply
}

type startReply struct {
	pid int
	err error
}

// starter returns the channel to the starting thread, made at its first use.
var starter = sync.OnceValue(func() chan<- startRequest {
	requests := make(chan startRequest)
	go func() {
		runtime.LockOSThread()
		for req := range requests {
			req.reply <- start(req)
		}
	}()
	return requests
})

// start starts one child from the starting thread. A child inherits the CPUs
// that the thread may run on, and so does whatever it starts.
func start(req startRequest) startReply {
	if req.cpus != nil {
		before, err := affinity()
		if err != nil {
			return startReply{0, err}
		}
		if err := setAffinity(req.cpus); err != nil {
			return startReply{0, err}
		}
		defer func() { _ = setAffinity(before) }() // the thread only starts children
	}
	pid, _, err := syscall.StartProcess(req.exe, req.argv, req.attr)
	if err != nil {
		err = &os.PathError{Op: "fork/exec", Path: req.exe, Err: err}
	}
	return startReply{pid, err}
}

// pidfdOf is the pidfd of the process that was started with sys, in the
// netpoller: to wait for its end there takes no thread. It is nil where the
// kernel has none.
func pidfdOf(sys *syscall.SysProcAttr) *os.File {
	fd := *sys.PidFD
	if fd < 0 {
		return nil
	}
	if syscall.SetNonblock(fd, true) != nil {
		_ = syscall.Close(fd) // without it, the end is seen a little later
		return nil
	}
	return os.NewFile(uintptr(fd), "pidfd")
}

// parks tells whether awaitEnd takes no thread.
func (p *process) parks() bool { return p.pidfd != nil }

// hasGroups tells that children lead process groups.
const hasGroups = true

// leadsGroup tells whether this process leads one.
func leadsGroup() bool { return syscall.Getpgrp() == os.Getpid() }

// What waitid takes the number for.
const (
	byPID   = 1
	byPIDFD = 3
)

// awaitEnd waits until the process is a zombie, and leaves it one.
func (p *process) awaitEnd() bool {
	if p.pidfd != nil && p.awaitPidfd() {
		return true
	}
	_, err := zombie(byPID, uintptr(p.Pid), 0)
	return err == nil
}

func (p *process) awaitPidfd() (ended bool) {
	defer p.pidfd.Close() // it was only waited for
	raw, err := p.pidfd.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Read(func(fd uintptr) bool {
		ended, err = zombie(byPIDFD, fd, syscall.WNOHANG)
		return ended || err != nil
	})
	return ended
}

// zombie tells whether a child has ended, and does not reap it. Unless options
// say otherwise, it waits for that.
func zombie(by, number, options uintptr) (bool, error) {
	var info [32]int32 // siginfo_t, whose first field is 0 where there is none
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, by, number, uintptr(unsafe.Pointer(&info)), options|syscall.WEXITED|syscall.WNOWAIT, 0, 0)
		if errno == 0 {
			return info[0] != 0, nil
		}
		if errno != syscall.EINTR {
			return false, errno
		}
	}
}
