//go:build !windows && !darwin && !dragonfly && !freebsd && !linux && !netbsd && !openbsd

package connection

import "syscall"

// errRefused is that of a socket which nobody listens at.
const errRefused = syscall.ECONNREFUSED

// lockFolder does nothing: this system has no lock for a folder.
func lockFolder(string) (unlock func()) { return func() {} }
