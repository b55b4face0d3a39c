package multiproc

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// startProcess executes this program again, with files beside its stdio: their
// handles are inherited as they are, and listed in the environment.
func startProcess(env []string, name string, stdio, files []*os.File, cpus []int) (*os.Process, error) {
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
		h := syscall.Handle(f.Fd())
		if err := syscall.SetHandleInformation(h, syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT); err != nil {
			return nil, fmt.Errorf("let the child inherit a handle: %w", err)
		}
		handles = append(handles, h)
		list = append(list, strconv.FormatUint(uint64(h), 10))
	}
	env = append(env, childEnv+"="+name, filesEnv+"="+strings.Join(list, ","))
	return os.StartProcess(exe, os.Args[:1], &os.ProcAttr{
		Env:   lastOfEach(env),
		Files: stdio,
		Sys:   &syscall.SysProcAttr{AdditionalInheritedHandles: handles},
	})
}

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

func terminate(p *os.Process) error { return p.Kill() }
