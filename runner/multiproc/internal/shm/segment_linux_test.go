package shm

import (
	"errors"
	"os"
	"syscall"
	"testing"
)

// A full /dev/shm is an error when a segment is made, not a fault later.
func TestAFullFolderIsAnErrorOfCreation(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if _, err := Create(NewLink(dir), Path(dir, "large"), 2<<20); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want %v", err, syscall.ENOSPC)
	}
	if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil {
		t.Errorf("%v left, %v", entries, err)
	}
	link, path := NewLink(dir), Path(dir, "small")
	s, err := Create(link, path, 512<<10)
	if err != nil {
		t.Fatal(err)
	}
	clear(s.Bytes())
	if err := errors.Join(s.Close(), Remove(link, path)); err != nil {
		t.Error(err)
	}
}

func TestTheSizeOfAnonymousMemoryIsSealed(t *testing.T) {
	if memfdCreate() == 0 {
		t.Skip("no memfd here")
	}
	s, err := Anonymous(100)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.File().Truncate(0); err == nil {
		t.Error("it can be cut")
	}
}
