package workloads

import (
	"cmp"
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

const (
	folderPrefix = "gvp-file-" // begins the names of folders; a number follows
	unitFile     = "unit"      // the file of the unit in hand
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
			return nil, cmp.Or(err, os.Remove(path))
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
	return cmp.Or(err, f.removeLocked())
}

// sweep removes the folders in dir whose owners are dead, and returns the first
// error once it has tried them all. What it may not touch, such as another
// user's, it leaves alone.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var failed error
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
		failed = cmp.Or(failed, err)
	}
	return failed
}

// isFolderName says whether [os.MkdirTemp] makes such names from folderPrefix.
func isFolderName(name string) bool {
	number, ok := strings.CutPrefix(name, folderPrefix)
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}
