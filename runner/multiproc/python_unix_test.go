//go:build unix

package multiproc

import (
	"syscall"
	"testing"
)

// Exit codes of children that were ended by signals.
const (
	terminated = -int(syscall.SIGTERM)
	killed     = -int(syscall.SIGKILL)
)

// killedText is what is said of a process that was killed.
const killedText = "signal: killed"

// scratch returns a folder for the test's files.
func scratch(t *testing.T) string {
	t.Helper()
	return t.TempDir()
}

// startsOutliveKills tells whether a process that is killed while it starts
// another may leave that one behind.
func startsOutliveKills() bool { return false }
