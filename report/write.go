package report

import (
	"fmt"
	"os"
	"path/filepath"
)

// writeFile writes data beside the named file and then renames it, so that
// whoever opens it finds the old one or the new one, whole. Its folder is made
// if need be.
func writeFile(name string, data []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("cannot write the report: %w; choose a folder that can be written to", err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	temp := name + ".new"
	if err := os.WriteFile(temp, data, 0o666); err != nil {
		_ = os.Remove(temp) // the error that led here says more
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		_ = os.Remove(temp) // the error that led here says more
		return err
	}
	return nil
}
