package managers

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of operations on objects of a manager, beside those of multiproc, such
// as [multiproc.ErrClosed] for an object that was deleted.
var (
	// ErrDisconnected is wrapped by the errors about a server that is gone, or
	// that the connection to is closed.
	ErrDisconnected = errors.New("disconnected from the manager")

	// ErrType is wrapped by the errors about an object that is not of the type
	// that is asked for.
	ErrType = errors.New("object of another type")

	// ErrMissing is returned for a key or a name that is not there.
	ErrMissing = errors.New("not there")

	// ErrIndex is returned for an index that is out of range.
	ErrIndex = errors.New("index out of range")

	// ErrFixed is returned where the length of an array would change.
	ErrFixed = errors.New("the length of an array does not change")

	// ErrProtocol is wrapped by the errors about a message that is none of
	// this package, or of another version of it.
	ErrProtocol = errors.New("unfit message of a manager")

	// ErrTooMany is returned where one client has too many operations under
	// way at once.
	ErrTooMany = fmt.Errorf("more than %d operations at once over one connection", maxCalls)
)

// An Error is what a registered function of a user's type returned at the
// server, or its panic.
type Error struct {
	Func    string // the name that it is registered under
	Message string
	Stack   string // of a panic; empty otherwise
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s at the manager: %s", e.Func, strings.TrimSpace(e.Message))
}
