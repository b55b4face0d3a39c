//go:build unix

package shm

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestASegmentIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	path, link := Path(dir, "one"), NewLink(dir)
	s, err := Create(link, path, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other := NewLink(dir)
	if _, err := Create(other, path, 10); !errors.Is(err, fs.ErrExist) {
		t.Errorf("made twice: %v", err)
	}
	if _, err := os.Lstat(other); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the second one's link is left: %v", err)
	}
	a, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.Bytes()[9] = 7
	if s.Bytes()[9] != 7 || a.Size() != 10 {
		t.Errorf("%v is not the same memory", s.Bytes())
	}
	if err := errors.Join(Remove(link, path), Remove(link, path)); err != nil {
		t.Error(err)
	}
	if _, err := Open(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
	if entries, err := os.ReadDir(dir); len(entries) > 0 || err != nil {
		t.Errorf("%v left, %v", entries, err)
	}
}

// Whoever removes a name behind our back and makes it anew keeps the new one.
func TestOnlyTheOwnSegmentIsRemoved(t *testing.T) {
	dir := t.TempDir()
	path, first, second := Path(dir, "one"), NewLink(dir), NewLink(dir)
	s, err := Create(first, path, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	again, err := Create(second, path, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := Remove(first, path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("another's segment is gone: %v", err)
	}
}

func TestOpenTakesNothingElse(t *testing.T) {
	dir := t.TempDir()
	empty, folder, link := filepath.Join(dir, "empty"), filepath.Join(dir, "folder"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(empty, nil, 0o600), os.Mkdir(folder, 0o700), os.Symlink(empty, link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{empty, folder, link, filepath.Join(dir, "missing")} {
		if _, err := Open(path); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
}

func TestAnUnlinkedFileServesAsWell(t *testing.T) {
	f, err := unlinked(100)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Attach(f, 100)
	if err != nil {
		t.Fatal(err)
	}
	s.Bytes()[99] = 1
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAttachedMemoryIsAsLargeAsItClaims(t *testing.T) {
	for _, size := range []int{101, 0, -1} {
		f, err := unlinked(100)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Attach(f, size); err == nil {
			t.Errorf("%d bytes of 100", size)
		}
		if _, err := f.Stat(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("the file is open: %v", err)
		}
	}
}

func TestFilledFilesHaveTheirSize(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := fill(f, 200_000); err != nil {
		t.Fatal(err)
	}
	if info, err := f.Stat(); err != nil || info.Size() != 200_000 {
		t.Errorf("%v, %v", info, err)
	}
}
