package workloads

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A folder belongs to one worker. Who owns it is said by a lock that the
// system drops when the owner ends, however it ends; a process id in its name
// would say so only until the id is used again.
type folder struct {
	path string
	lock *os.File
}

// folderPrefix begins the names of the folders; a number follows. A folder
// holds the file of the unit in hand and, where the system cannot lock a
// folder itself, a file to lock.
const (
	folderPrefix = "gvp-file-"
	unitFile     = "unit"
	lockFile     = "lock"
)

// errTaken is what lockFolder returns for a folder that another one has locked
// or removed.
var errTaken = errors.New("folder is another's")

// newFolder makes a folder in dir and locks it. A sweep that comes between the
// two takes the folder for a dead worker's, and the next one is tried.
func newFolder(dir string) (*folder, error) {
	const tries = 100
	for range tries {
		path, err := os.MkdirTemp(dir, folderPrefix)
		if err != nil {
			return nil, err
		}
		lock, err := lockNewFolder(path)
		if err == nil {
			return &folder{path, lock}, nil
		}
		if !errors.Is(err, errTaken) {
			return nil, errors.Join(err, os.Remove(path))
		}
	}
	return nil, fmt.Errorf("%d folders were removed while they were being made", tries)
}

// remove removes the folder and what a worker puts there, and nothing else:
// should it hold anything else, then it stays, and that is an error.
func (f *folder) remove() error {
	err := os.Remove(filepath.Join(f.path, unitFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, f.removeLocked())
}

// sweep removes the folders in dir whose owners are dead. What it may not
// touch, as another user's, it leaves alone.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if !e.IsDir() || !isFolderName(e.Name()) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		lock, err := lockOldFolder(path)
		if errors.Is(err, errTaken) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err == nil {
			err = (&folder{path, lock}).remove()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// isFolderName says whether [os.MkdirTemp] makes such names from folderPrefix.
func isFolderName(name string) bool {
	number, ok := strings.CutPrefix(name, folderPrefix)
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}
