package multiproc

import (
	"os"
	"runtime"
	"sync"
	"syscall"
)

// executable is this very program, also after its file has been replaced.
func executable() (string, error) {
	const self = "/proc/self/exe"
	if _, err := os.Stat(self); err == nil {
		return self, nil
	}
	return os.Executable()
}

// childAttr has the kernel kill a child whose parent dies: the means that also
// reaches a stopped child, which the lifeline does not.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// startChild starts all children from one thread, which lives as long as the
// process: the death signal is sent when the starting thread ends
// (golang/go#27505).
func startChild(exe string, argv []string, cpus []int, attr *os.ProcAttr) (*os.Process, error) {
	req := startRequest{exe, argv, cpus, attr, make(chan startReply, 1)}
	starter() <- req
	r := <-req.reply
	return r.proc, r.err
}

type startRequest struct {
	exe   string
	argv  []string
	cpus  []int
	attr  *os.ProcAttr
	reply chan startReply
}

type startReply struct {
	proc *os.Process
	err  error
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
			return startReply{nil, err}
		}
		if err := setAffinity(req.cpus); err != nil {
			return startReply{nil, err}
		}
		defer func() { _ = setAffinity(before) }() // the thread only starts children
	}
	p, err := os.StartProcess(req.exe, req.argv, req.attr)
	return startReply{p, err}
}
