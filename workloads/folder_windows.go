package workloads

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// lockFile is what is locked: Windows cannot lock a folder itself.
const lockFile = "lock"

// sharingViolation is ERROR_SHARING_VIOLATION: somebody has the file open.
const sharingViolation = syscall.Errno(32)

// lockNewFolder keeps a file open, which Windows does not remove meanwhile.
func lockNewFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(path, lockFile), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errTaken
	}
	return f, err
}

// lockOldFolder removes the lock: that it can is the proof that the owner is
// dead. An owner that comes just now makes the lock anew, and then the folder
// cannot be removed.
func lockOldFolder(path string) (*os.File, error) {
	err := os.Remove(filepath.Join(path, lockFile))
	switch {
	case err == nil, errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, sharingViolation):
		return nil, errTaken
	}
	return nil, err
}

// removeLocked closes and removes the lock, then the folder. An owner that came
// just now, when there was no lock, keeps its folder, and that is no error.
func (f *folder) removeLocked() error {
	if f.lock == nil {
		err := os.Remove(f.path)
		if _, owned := os.Lstat(filepath.Join(f.path, lockFile)); owned == nil {
			return nil
		}
		return err
	}
	err := cmp.Or(f.lock.Close(), os.Remove(f.lock.Name()))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(f.path)
}
