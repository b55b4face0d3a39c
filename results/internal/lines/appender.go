// Package lines appends to files of which every line must be whole.
package lines

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// An Appender writes whole lines to the end of a file, each with one call, so
// that whatever stops the program leaves at most the last line half written.
type Appender struct {
	file *os.File
	size int64 // of the lines that are whole
}

// Open opens the named file for appending, and makes it if there is none.
func Open(name string) (*Appender, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, fmt.Errorf("cannot open for writing: %w", err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot append: %w", err), file.Close())
	}
	return &Appender{file, size}, nil
}

// Append writes lines, which end in a newline. If that fails half-way, as on a
// full disk, it takes the half line back.
func (a *Appender) Append(lines []byte) error {
	if err := a.present(); err != nil {
		return err
	}
	n, err := a.file.Write(lines)
	if err == nil {
		a.size += int64(n)
		return nil
	}
	if n > 0 {
		if undo := a.Cut(a.size); undo != nil {
			return fmt.Errorf("cannot append: %w (its last line is only half there: %w)", err, undo)
		}
	}
	return fmt.Errorf("cannot append: %w", err)
}

// Cut shortens the file to its first size bytes.
func (a *Appender) Cut(size int64) error {
	if err := a.file.Truncate(size); err != nil {
		return err
	}
	_, err := a.file.Seek(size, io.SeekStart)
	a.size = size
	return err
}

// present says whether the file still has its name: what is written to one
// that was removed is lost without an error from the system.
func (a *Appender) present() error {
	opened, err := a.file.Stat()
	if err != nil {
		return fmt.Errorf("cannot append: %w", err)
	}
	named, err := os.Stat(a.file.Name())
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(opened, named) {
		return fmt.Errorf("%s was moved, removed or replaced while it was written", a.file.Name())
	}
	if err != nil {
		return fmt.Errorf("cannot append: %w", err)
	}
	return nil
}

// Name returns the file's name.
func (a *Appender) Name() string { return a.file.Name() }

// Size returns how many bytes the whole lines take.
func (a *Appender) Size() int64 { return a.size }

// Close closes the file.
func (a *Appender) Close() error { return a.file.Close() }
