// Package filelock locks files against other processes.
package filelock

import "errors"

// ErrLocked says that another process has the file.
var ErrLocked = errors.New("locked by another process")
