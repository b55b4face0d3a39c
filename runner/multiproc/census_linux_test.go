package multiproc

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// countSystem counts what /proc and /dev/shm show.
func (c *census) countSystem() error {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return err
	}
	c.children = 0
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // no process, or not any more
		}
		_, rest, _ := strings.Cut(string(stat), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(os.Getpid()) {
			c.children++
		}
		if descends(e.Name()) {
			c.family++
		}
	}
	if entries, err = os.ReadDir("/proc/self/fd"); err != nil {
		return err
	}
	c.descriptors = len(entries)
	c.segments, err = segments()
	return err
}

// descends tells whether a process carries the mark of the tests. Zombies carry
// nothing; those of this process are counted as its children.
func descends(pid string) bool {
	if pid == strconv.Itoa(os.Getpid()) {
		return false
	}
	env, err := os.ReadFile("/proc/" + pid + "/environ")
	return err == nil && bytes.Contains(append([]byte{0}, env...), []byte("\x00"+familyEnv+"="+os.Getenv(familyEnv)))
}

// segments counts the entries of the package among those of shared memory, but
// for those that bear the name of a test of another process. A second link to
// one of those is its maker's.
func segments() (n int, err error) {
	dir := shm.Dir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	prefix := filepath.Base(shm.Path(dir, ""))
	var others []os.FileInfo
	var rest []os.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // it has just been removed
		}
		name := strings.TrimPrefix(e.Name(), ".")
		switch {
		case !strings.HasPrefix(name, prefix):
		case strings.HasPrefix(name, prefix+"test-") && !strings.HasPrefix(name, prefix+"test-"+testsPID()+"-"):
			others = append(others, info)
		default:
			rest = append(rest, info)
		}
	}
	for _, info := range rest {
		if !sameAsOneOf(info, others) {
			n++
		}
	}
	return n, nil
}

func sameAsOneOf(info os.FileInfo, others []os.FileInfo) bool {
	for _, o := range others {
		if os.SameFile(info, o) {
			return true
		}
	}
	return false
}

// orphan starts a process that is no child of the package, and ends without it.
var orphan = Func("orphan", func(ctx context.Context, _ struct{}) (int, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "sleep", "3600") // it is to outlive its parent
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}                    // otherwise it would end with its group
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
})

func TestTheCensusFindsOrphans(t *testing.T) {
	before := settledCensus(t)
	left, err := mustStart(t, orphan, struct{}{}, Options{}).Join(soon(t))
	if err != nil {
		t.Skip("there is nothing to start:", err)
	}
	p, err := os.FindProcess(left)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Kill() }() // whose parent init is by now, which reaps it
	if after := settledCensus(t); after.family != before.family+1 || after.children > before.children {
		t.Errorf("%+v, before %+v", after, before)
	}
}
