//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package multiproc

import (
	"errors"
	"os"
	"syscall"
)

// hasGroups tells that children lead process groups.
const hasGroups = true

// leadsGroup tells whether this process leads one.
func leadsGroup() bool { return syscall.Getpgrp() == os.Getpid() }

// awaitEnd waits until the process has ended, and does not reap it.
func (p *process) awaitEnd() bool {
	syscall.ForkLock.RLock()
	q, err := syscall.Kqueue()
	if err == nil {
		syscall.CloseOnExec(q)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return false
	}
	defer syscall.Close(q)
	var ask [1]syscall.Kevent_t
	syscall.SetKevent(&ask[0], p.Pid, syscall.EVFILT_PROC, syscall.EV_ADD|syscall.EV_ONESHOT)
	ask[0].Fflags = syscall.NOTE_EXIT
	var told [1]syscall.Kevent_t
	for {
		n, err := syscall.Kevent(q, ask[:], told[:], nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.ESRCH): // a zombie has no events to come
			return true
		case err != nil:
			return false
		case n == 1 && told[0].Flags&syscall.EV_ERROR != 0:
			return syscall.Errno(told[0].Data) == syscall.ESRCH
		case n == 1:
			return true
		}
	}
}
