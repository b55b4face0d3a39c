package multiproc

import (
	"os"
	"syscall"
	"testing"
)

// Exit codes of children that were ended: Windows knows one way to do it.
const (
	terminated = 1
	killed     = 1
)

// killedText is what is said of a process that was killed.
const killedText = "exit status 1"

// scratch returns a folder for the test's files. Not t.TempDir: Wine 8 cannot
// remove files as Go asks for it, and a test must not fail of that.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "multiproc")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// startsOutliveKills tells whether this is Wine: a process that is killed while
// it starts another leaves that one behind, which then never comes to run.
func startsOutliveKills() bool {
	return syscall.NewLazyDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}
