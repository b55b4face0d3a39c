package profiles

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/pprof/profile"
)

// Dir is the folder of the profiles within that of a run.
const Dir = "profiles"

// Path returns the name of the file that holds the profile of the mode in the
// folder of a run.
func Path(run, mode string) string { return filepath.Join(run, Dir, mode+Ext) }

// Add merges p into the profile of the mode in the folder of a run. The file is
// replaced in one step: an error, or the end of the program, leaves the old one.
// A run has one writer.
func Add(run, mode string, p *profile.Profile) error {
	if !filepath.IsLocal(mode) || mode == "." || mode != filepath.Base(mode) {
		return fmt.Errorf("adding a profile: mode %q cannot name a file", mode)
	}
	path := Path(run, mode)
	parts := []*profile.Profile{p}
	switch old, err := Read(path); {
	case err == nil:
		parts = []*profile.Profile{old, p}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("adding a profile: %w: move the file away to start anew", err)
	}
	sum, err := Merge(parts...)
	if err != nil {
		return fmt.Errorf("adding to %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return fmt.Errorf("adding a profile: %w", err)
	}
	if err := replace(path, sum); err != nil {
		return fmt.Errorf("adding a profile: %w", err)
	}
	return nil
}

// replace writes p beside the named file and then renames it.
func replace(path string, p *profile.Profile) (err error) {
	beside := path + ".new"
	f, err := os.Create(beside)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(beside))
		}
	}()
	if err := p.Write(f); err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", beside, err), f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// A File is a stored profile.
type File struct {
	Mode string
	Path string
}

// List returns the profiles in the folder of a run, by name of mode. A run
// without profiles has none, which is no error.
func List(run string) ([]File, error) {
	entries, err := os.ReadDir(filepath.Join(run, Dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing profiles: %w", err)
	}
	var files []File
	for _, e := range entries {
		if mode, ok := strings.CutSuffix(e.Name(), Ext); ok {
			files = append(files, File{Mode: mode, Path: Path(run, mode)})
		}
	}
	return files, nil
}
