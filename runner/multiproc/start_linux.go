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
func startChild(exe string, argv []string, attr *os.ProcAttr) (*os.Process, error) {
	req := startRequest{exe, argv, attr, make(chan startReply, 1)}
	starter() <- req
	r := <-req.reply
	return r.proc, r.err
}

type startRequest struct {
	exe   string
	argv  []string
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
			p, err := os.StartProcess(req.exe, req.argv, req.attr)
			req.reply <- startReply{p, err}
		}
	}()
	return requests
})
