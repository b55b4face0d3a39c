//go:build unix

package multiproc

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"syscall"
)

// firstInherited is the descriptor that follows stdio.
const firstInherited = 3

// startProcess executes this program again, with files beside its stdio.
func startProcess(env []string, name string, stdio, files []*os.File, cpus []int) (*os.Process, error) {
	exe, err := executable()
	if err != nil {
		return nil, err
	}
	env = append(env, childEnv+"="+name, filesEnv+"="+strconv.Itoa(len(files)))
	return startChild(exe, os.Args[:1], cpus, &os.ProcAttr{
		Env:   lastOfEach(env),
		Files: append(slices.Clip(stdio), files...),
		Sys:   childAttr(),
	})
}

// inheritedFiles opens the files that startProcess listed in filesEnv.
func inheritedFiles(list string) ([]*os.File, error) {
	n, err := strconv.Atoi(list)
	if err != nil {
		return nil, fmt.Errorf("bad %s %q", filesEnv, list)
	}
	files := make([]*os.File, n)
	for i := range files {
		fd := firstInherited + i
		// Nonblocking makes the file park its reader in the netpoller, where
		// it holds neither a thread nor a P.
		if err := syscall.SetNonblock(fd, true); err != nil {
			return nil, fmt.Errorf("descriptor %d: %w", fd, err)
		}
		syscall.CloseOnExec(fd)
		files[i] = os.NewFile(uintptr(fd), "inherited"+strconv.Itoa(i))
	}
	return files, nil
}

// exitCode is the exit status of a process, or the negative number of the
// signal that ended it.
func exitCode(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return -int(w.Signal())
	}
	return s.ExitCode()
}

func terminate(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
