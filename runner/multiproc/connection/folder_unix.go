//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package connection

import (
	"os"
	"syscall"
)

// errRefused is that of a socket which nobody listens at.
const errRefused = syscall.ECONNREFUSED

// lockFolder waits until no other listener starts in a folder. Where the folder
// cannot be read, that is left to luck.
func lockFolder(dir string) (unlock func()) {
	f, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	for syscall.Flock(int(f.Fd()), syscall.LOCK_EX) == syscall.EINTR {
	}
	return func() { _ = f.Close() }
}
