//go:build unix

package workloads

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lockNewFolder and lockOldFolder are the same here: a folder can be locked
// itself.
func lockNewFolder(path string) (*os.File, error) { return lockFolder(path) }

func lockOldFolder(path string) (*os.File, error) { return lockFolder(path) }

// lockFolder opens a folder and locks it. The lock is on what was opened, so
// it then looks whether that is still what the path leads to: whoever held the
// lock before may have removed it.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errTaken
	}
	if err != nil {
		return nil, err
	}
	err = flock(f)
	if err == nil && !leadsTo(path, f) {
		err = errTaken
	}
	if err != nil {
		return nil, cmp.Or(err, f.Close())
	}
	return f, nil
}

func flock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch err {
		case nil:
			return nil
		case syscall.EINTR:
			continue
		case syscall.EWOULDBLOCK:
			return errTaken
		}
		return os.NewSyscallError("flock "+f.Name(), err)
	}
}

func leadsTo(path string, f *os.File) bool {
	there, err1 := os.Lstat(path)
	here, err2 := f.Stat()
	return err1 == nil && err2 == nil && os.SameFile(there, here)
}

// removeLocked removes the folder while it is locked, so that nobody can take
// it for a dead worker's meanwhile.
func (f *folder) removeLocked() error {
	return cmp.Or(os.Remove(f.path), f.lock.Close())
}
