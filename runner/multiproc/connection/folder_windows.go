package connection

import "syscall"

// errRefused is WSAECONNREFUSED, of a socket which nobody listens at.
const errRefused = syscall.Errno(10061)

// lockFolder does nothing: this system has no lock for a folder.
func lockFolder(string) (unlock func()) { return func() {} }
