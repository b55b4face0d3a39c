//go:build unix

package multiproc

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// unixFault is what every Unix is able to do to a process.
func unixFault(how string) func(result []byte) ([]byte, error) {
	switch how {
	case "stop":
		return func([]byte) ([]byte, error) { return nil, hitMyself(syscall.SIGSTOP) }
	case "terminate":
		return func([]byte) ([]byte, error) { return nil, hitMyself(syscall.SIGTERM) }
	case "no descriptors from now on":
		return func(result []byte) ([]byte, error) { return result, leaveNoDescriptors() }
	case "no descriptors":
		return func([]byte) ([]byte, error) { return nil, openTooMany() }
	}
	return nil
}

// hitMyself sends this process a signal and does not go on while it takes effect.
func hitMyself(sig syscall.Signal) error {
	if err := syscall.Kill(os.Getpid(), sig); err != nil {
		return err
	}
	select {}
}

// openTooMany runs out of descriptors, and gives them back.
func openTooMany() error {
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		return err
	}
	defer func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) }()
	if err := leaveNoDescriptors(); err != nil {
		return err
	}
	_, err := os.Open(os.DevNull)
	return err
}

// leaveNoDescriptors has this process get none any more. It may keep those that
// it has.
func leaveNoDescriptors() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = 3
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	f, err := os.Open(os.DevNull)
	if err == nil {
		return errors.Join(errors.New("there was one more"), f.Close())
	}
	return nil
}

// signalsOutside are those that hit workers from outside: one in five stops it.
var signalsOutside = []os.Signal{syscall.SIGKILL, syscall.SIGKILL, syscall.SIGKILL, syscall.SIGTERM, syscall.SIGSTOP}

// stopAll stops all workers.
func stopAll(t *testing.T, p *Pool) {
	t.Helper()
	hitAll(p, syscall.SIGSTOP)
	for _, pid := range p.PIDs() {
		awaitStop(t, pid)
	}
}

// stopProcess stops a process.
func stopProcess(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}
