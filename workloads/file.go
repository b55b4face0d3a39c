package workloads

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is what a program does that keeps its data in files.
var File = Workload{
	Name: "file",
	Help: "create a file, write it, read it back, compare, remove it",
	Note: "The system keeps what was just written in memory: without sync, no unit waits for a disk, and the figure is that of the page cache and the file system's bookkeeping; with sync, writing waits for the disk and reading still does not.",
	Params: []Param{
		Size("size", 64<<10, 1, 64<<20, "bytes per file"),
		Bool("sync", false, "wait until the file is on the disk (fsync) before reading it back"),
		Path("dir", systemTemp, "folder to work in; "+systemTemp+" stands for the system's folder for temporary files"),
	},
	New: newFile,
}

// systemTemp stands for os.TempDir. Its name, unlike the folder's, is the same
// on every machine and in every result.
const systemTemp = "$TMPDIR"

func newFile(v Values) (Job, error) {
	size, sync, dir := v.Size("size"), v.Bool("sync"), v.Path("dir")
	if dir == systemTemp {
		dir = os.TempDir()
	}
	return Job{
		BytesPerUnit: size,
		NewWorker: func(int) (Worker, error) {
			folder, err := newFolder(dir)
			if err != nil {
				return nil, elsewhere(dir, err)
			}
			return &fileWorker{
				dir:    dir,
				folder: folder,
				sync:   sync,
				write:  seeded(size),
				read:   make([]byte, size),
			}, nil
		},
		Cleanup: func() error {
			if err := sweep(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove what killed workers left in %s: %w", dir, err)
			}
			return nil
		},
	}, nil
}

// elsewhere adds to err what can be done about a folder that is full, read-only
// or gone.
func elsewhere(dir string, err error) error {
	return fmt.Errorf("cannot work in folder %s (choose another with --param dir=...): %w", dir, err)
}

type fileWorker struct {
	dir    string
	folder *folder
	sync   bool
	write  []byte
	read   []byte
}

// blockSize is how much of a file a stamp marks: a page, so that a unit that
// reads back a page of the unit before it is found out.
const blockSize = 4 << 10

func (w *fileWorker) Unit(i uint64) (uint64, error) {
	for at := 0; at < len(w.write); at += blockSize {
		stamp(w.write[at:], i)
	}
	if err := w.roundTrip(); err != nil {
		return 0, elsewhere(w.dir, err)
	}
	digest := uint64(len(w.read))
	for at := 0; at < len(w.read); at += blockSize {
		var head [8]byte
		copy(head[:], w.read[at:])
		digest = mix(digest ^ binary.LittleEndian.Uint64(head[:]))
	}
	return digest, nil
}

// roundTrip takes w.write to a new file and back to w.read, and leaves no file.
func (w *fileWorker) roundTrip() (err error) {
	name := filepath.Join(w.folder.path, unitFile)
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		// Close first: Windows does not remove an open file.
		err = cmp.Or(err, f.Close(), os.Remove(name))
	}()
	if _, err := f.Write(w.write); err != nil {
		return err
	}
	if w.sync {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	clear(w.read)
	if _, err := f.ReadAt(w.read, 0); err != nil {
		return err
	}
	if !bytes.Equal(w.read, w.write) {
		return fmt.Errorf("%s: what was read is not what was written", name)
	}
	return nil
}

func (w *fileWorker) Close() error {
	if err := w.folder.remove(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove folder of file worker: %w", err)
	}
	return nil
}
