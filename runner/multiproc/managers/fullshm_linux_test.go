package managers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// inSmallShm has the process that it is set in mount a small /dev/shm.
const inSmallShm = "GVP_TEST_SMALL_SHM"

// segmentType keeps named memory at the server.
var (
	segmentType = Type("segment", func(name string) (*multiproc.SharedMemory, error) {
		return multiproc.CreateSharedMemory(name, 1<<20)
	}, TypeOptions{})
	segmentSize = Method("segment.size", func(_ context.Context, m *multiproc.SharedMemory, _ struct{}) (int, error) {
		return m.Size(), m.Unlink()
	})
)

// A manager whose machine has a full /dev/shm does all that it does, but for an
// object that takes memory with a name, which is an error of its maker's.
func TestAFullSharedMemoryLeavesAManagerAtWork(t *testing.T) {
	if os.Getenv(inSmallShm) == "" {
		exe := got(os.Executable())(t)
		cmd := exec.CommandContext(t.Context(), exe, "-test.v", "-test.run=^"+t.Name()+"$", "-test.timeout=5m")
		cmd.Env = append(os.Environ(), inSmallShm+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
		if os.Geteuid() != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
		}
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Skip("start a process with mounts of its own:", err)
		}
		err := cmd.Wait()
		t.Logf("in process %d:\n%s", cmd.Process.Pid, &out)
		ok(t, err)
		if strings.Contains(out.String(), "--- SKIP: ") {
			t.Skip("it was skipped there")
		}
		return
	}
	err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "")
	if err == nil {
		err = syscall.Mount("none", "/dev/shm", "tmpfs", 0, "size=4m")
	}
	if err != nil {
		t.Skip("mount a small /dev/shm:", err)
	}
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, name := soon(t), fmt.Sprintf("test-%d-segment", os.Getpid())
		const filler = "/dev/shm/filler"
		if err := os.WriteFile(filler, make([]byte, 16<<20), 0o600); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("16 MiB go into a /dev/shm of 4 MiB: %v", err)
		}
		if _, err := segmentType.New(ctx, m, name); err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("an object that takes room: %v", err)
		}
		c := got(counterType.New(ctx, m, 1))(t)
		n, err := incr.Call(ctx, c, 5)
		check(t, "another object", n, err, 6)
		q := got(NewQueue[[]byte](ctx, m, 0))(t)
		ok(t, q.Put(ctx, make([]byte, 1<<20)))
		b, err := q.Get(ctx)
		check(t, "item", len(b), err, 1<<20)

		ok(t, os.Remove(filler))
		s := got(segmentType.New(ctx, m, name))(t)
		n, err = segmentSize.Call(ctx, s, struct{}{})
		check(t, "size when there is room", n, err, 1<<20)
	})
}
