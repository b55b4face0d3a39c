//go:build unix

package multiproc

import "syscall"

// Exit codes of children that were ended by signals.
const (
	terminated = -int(syscall.SIGTERM)
	killed     = -int(syscall.SIGKILL)
)
