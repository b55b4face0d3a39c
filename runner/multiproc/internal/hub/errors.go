package hub

import (
	"errors"
	"slices"
)

// What an operation can fail with, in every process alike.
var (
	ErrClosed    = errors.New("closed, or gone with the process that made it")
	ErrOwnerDied = errors.New("the process that held it died")
	ErrNotHeld   = errors.New("not held by this process")
	ErrReleased  = errors.New("released more often than acquired")
	ErrBroken    = errors.New("barrier is broken")
	ErrFull      = errors.New("full")
	ErrEmpty     = errors.New("empty")
	ErrBusy      = errors.New("held by another")
	ErrRequest   = errors.New("request that this object does not know")

	ErrUnreachable = errors.New("made in a process that is neither this one nor an ancestor: make it in a common ancestor, or use a manager")
)

// coded are the errors that keep their identity on the way to another process:
// by their place in this list.
var coded = []error{ErrClosed, ErrOwnerDied, ErrNotHeld, ErrReleased, ErrBroken, ErrFull, ErrEmpty, ErrBusy, ErrRequest, ErrUnreachable}

// AppendOutcome appends the outcome of an operation to dst, as one byte that
// says what it is, and the result or the text of the error.
func AppendOutcome(dst, result []byte, err error) []byte {
	if err == nil {
		return append(append(dst, 0), result...)
	}
	if i := slices.IndexFunc(coded, func(e error) bool { return errors.Is(err, e) }); i >= 0 {
		return append(dst, byte(i+1))
	}
	return append(append(dst, 0xff), err.Error()...)
}

// Outcome reads what AppendOutcome has written.
func Outcome(b []byte) ([]byte, error) {
	switch {
	case len(b) == 0:
		return nil, ErrRequest
	case b[0] == 0:
		return b[1:], nil
	case int(b[0]) <= len(coded):
		return nil, coded[b[0]-1]
	}
	return nil, errors.New(string(b[1:]))
}
