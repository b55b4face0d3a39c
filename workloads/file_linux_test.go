package workloads

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// mountTmpfs returns a small file system of its own, if the test may mount one.
func mountTmpfs(t *testing.T, flags uintptr) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size=64k")
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("mounting a file system is not permitted here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFileSaysThatTheDiskIsFull(t *testing.T) {
	dir := mountTmpfs(t, 0)
	w, err := newWorker(File, map[string]string{"dir": dir, "size": "32KiB"})
	if err != nil {
		t.Fatal(err)
	}
	want := mustUnit(t, w, 1)

	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 60<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = w.Unit(1)
	wantElsewhere(t, err, dir)
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v is not the error of a full disk", err)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if got := mustUnit(t, w, 1); got != want {
		t.Errorf("with room again, the unit gives %x, before %x", got, want)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	wantEntries(t, dir, 0)
}

func TestFileSaysThatItsFolderIsReadOnly(t *testing.T) {
	dir := mountTmpfs(t, syscall.MS_RDONLY)
	_, err := newWorker(File, map[string]string{"dir": dir})
	wantElsewhere(t, err, dir)
	if !errors.Is(err, syscall.EROFS) {
		t.Errorf("%v is not the error of a read-only file system", err)
	}
}
