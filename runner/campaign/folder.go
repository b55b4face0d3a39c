package campaign

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/internal/filelock"
)

// workDir, in a run's folder, holds what hosts leave on the way and the lock.
// It is gone when the run is finished. It is not in the system's folder for
// temporary files: one place less that can vanish or fill up during a run.
const workDir = ".work"

var errLocked = errors.New("another gvp is at work in it: wait until it has ended, or make a new run")

// unwritable adds to what went wrong in the folder of a run what can be done.
func unwritable(err error) error {
	return fmt.Errorf("cannot write in the run's folder: %w: make it writable, copy it to where it is and complete the copy, or make a new run with --out", err)
}

// A claim is a run's folder that no other process is at work in.
type claim struct {
	folder string
	work   string
	file   *os.File // holds the lock
}

// claimFolder makes folder, which exists, this process's own.
func claimFolder(folder string) (*claim, error) {
	c := &claim{folder: folder, work: filepath.Join(folder, workDir)}
	if err := os.MkdirAll(c.work, 0o777); err != nil {
		return nil, unwritable(err)
	}
	var err error
	if c.file, err = os.OpenFile(filepath.Join(c.work, "lock"), os.O_RDWR|os.O_CREATE, 0o666); err != nil {
		return nil, unwritable(err)
	}
	if err := filelock.Lock(c.file); err != nil {
		if errors.Is(err, filelock.ErrLocked) {
			err = errLocked
		}
		return nil, errors.Join(fmt.Errorf("run %s: %w", folder, err), c.file.Close())
	}
	return c, nil
}

// release gives the folder up. Only a finished run has its work folder removed:
// a lock in a removed folder would not keep anybody from locking its successor.
func (c *claim) release(finished bool) error {
	err := c.file.Close()
	if finished {
		err = errors.Join(err, os.RemoveAll(c.work))
	}
	if err != nil {
		return fmt.Errorf("clean up the run's folder: %w", err)
	}
	return nil
}

// present returns an error that says so if the run's folder is no longer there.
func (c *claim) present() error {
	if _, err := os.Stat(filepath.Join(c.folder, results.RunFile)); err != nil {
		return fmt.Errorf("the run's folder %s was moved or removed during the run: %w", c.folder, err)
	}
	return nil
}

// reconcile returns the entries that still count, in their order: of the
// samples that the log says were taken only those that are in the sample file,
// names. What was taken or noted last may be missing on either side.
//
// Each start of the tool says how many samples it has kept, so entries without
// a sample are known as such also when the file has grown again.
func reconcile(entries []results.LogEntry, names []string) (counting []results.LogEntry, samples int) {
	for _, e := range entries {
		switch {
		case e.Event == results.LogStart:
			counting, samples = keepSamples(counting, e.Samples)
		case e.Event == results.LogSample && e.OK:
			counting = append(counting, e)
			samples++
		default:
			counting = append(counting, e)
		}
	}
	agreed := 0
	for _, e := range counting {
		if e.Event == results.LogSample && e.OK {
			if agreed == len(names) || names[agreed] != e.Cell {
				break
			}
			agreed++
		}
	}
	return keepSamples(counting, agreed)
}

// keepSamples drops the entries of all samples but the first n.
func keepSamples(entries []results.LogEntry, n int) (kept []results.LogEntry, samples int) {
	for _, e := range entries {
		if e.Event == results.LogSample && e.OK {
			if samples == n {
				continue
			}
			samples++
		}
		kept = append(kept, e)
	}
	return kept, samples
}
