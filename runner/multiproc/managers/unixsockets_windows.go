package managers

import "syscall"

// unixSockets tells whether the system has sockets of that family, which came
// with Windows 10, version 1803.
func unixSockets() bool {
	s, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return false
	}
	_ = syscall.Closesocket(s)
	return true
}
