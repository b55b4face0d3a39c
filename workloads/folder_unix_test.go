//go:build unix

package workloads

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A sweep that found a folder before its owner removed it, and locks what it
// found afterwards, must not remove what has that name by then.
func TestLockIsOnWhatThePathLeadsTo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gvp-file-1")
	mkdir := func() {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	mkdir()
	old, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if !leadsTo(path, old) {
		t.Error("the path does not lead to what was opened by it")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if leadsTo(path, old) {
		t.Error("the path leads to what was removed")
	}
	mkdir()
	if leadsTo(path, old) {
		t.Error("the path leads to what was there before")
	}
}

func TestFolderIsLockedOnce(t *testing.T) {
	f, err := newFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lockFolder(f.path); !errors.Is(err, errTaken) {
		t.Errorf("second lock: error %v, want %v", err, errTaken)
	}
	if err := f.remove(); err != nil {
		t.Error(err)
	}
	if _, err := lockFolder(f.path); !errors.Is(err, errTaken) {
		t.Errorf("lock of what was removed: error %v, want %v", err, errTaken)
	}
}

func TestSweepFollowsNoSymlink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	link := filepath.Join(dir, "gvp-file-1")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Fatal(err)
	}
	if err := sweep(dir); err != nil {
		t.Error(err)
	}
	wantEntries(t, dir, 1)
	if _, err := lockFolder(link); err == nil {
		t.Error("a link was locked as a folder")
	}
}
