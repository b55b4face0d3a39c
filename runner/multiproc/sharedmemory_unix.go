//go:build unix

package multiproc

import "github.com/gvp-bench/gvp/runner/multiproc/internal/shm"

// createSegment makes a named segment and returns what removes it.
func createSegment(name string, size int) (*shm.Segment, func() error, error) {
	if err := shm.CheckName(name); err != nil {
		return nil, nil, err
	}
	if err := functions.ready(); err != nil { // the tracker is this program, too
		return nil, nil, err
	}
	dir := shm.Dir()
	link, path := shm.NewLink(dir), shm.Path(dir, name)
	if err := tracked.add(link, path); err != nil {
		return nil, nil, err
	}
	seg, err := shm.Create(link, path, size)
	if err != nil {
		tracked.remove(link)
		return nil, nil, err
	}
	return seg, func() error {
		if err := shm.Remove(link, path); err != nil {
			return err
		}
		tracked.remove(link)
		return nil
	}, nil
}

// openSegment attaches to a named segment.
func openSegment(name string) (*shm.Segment, error) {
	if err := shm.CheckName(name); err != nil {
		return nil, err
	}
	return shm.Open(shm.Path(shm.Dir(), name))
}
