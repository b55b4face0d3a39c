package campaign

import (
	"errors"
	"io/fs"

	"github.com/gvp-bench/gvp/results"
)

// A Bench is a bench binary: a program whose main function is runner.Main.
type Bench struct {
	Path   string
	Binary results.Binary // what it was built from

	info fs.FileInfo // of the file, when it was identified
}

// Identify reads what the bench binary at path is.
func Identify(path string) (*Bench, error) {
	return nil, errors.ErrUnsupported
}
