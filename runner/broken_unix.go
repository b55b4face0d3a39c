//go:build unix

package runner

import (
	"errors"
	"syscall"
)

// isBrokenPipe tells whether a write failed because nobody reads any more.
func isBrokenPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
