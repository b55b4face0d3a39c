package runner

import (
	"errors"
	"syscall"
)

// errNoData is what a write to a pipe fails with whose other end is closing
// (ERROR_NO_DATA).
const errNoData = syscall.Errno(232)

// isBrokenPipe tells whether a write failed because nobody reads any more.
func isBrokenPipe(err error) bool {
	return errors.Is(err, syscall.ERROR_BROKEN_PIPE) || errors.Is(err, errNoData)
}
