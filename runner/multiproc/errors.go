package multiproc

import "github.com/gvp-bench/gvp/runner/multiproc/internal/hub"

// Errors of operations on what processes share.
var (
	// ErrClosed is returned for an object that was closed, or whose maker has
	// ended.
	ErrClosed = hub.ErrClosed

	// ErrOwnerDied is returned once after a process has died that held the
	// object: to the next one that asks. What the object guards may be half
	// changed. The object is free: the one that is told does not hold it, and
	// may ask again.
	ErrOwnerDied = hub.ErrOwnerDied

	// ErrNotHeld is returned for the release of what this process does not
	// hold.
	ErrNotHeld = hub.ErrNotHeld

	// ErrReleased is returned for one release, or one done task, too many.
	ErrReleased = hub.ErrReleased

	// ErrBroken is returned by a barrier that a party has left, or that was
	// aborted.
	ErrBroken = hub.ErrBroken

	// ErrUnreachable is returned by operations on an object that was made in a
	// process which is not an ancestor of this one.
	ErrUnreachable = hub.ErrUnreachable

	// ErrFull and ErrEmpty are returned by the operations of a queue that do
	// not wait.
	ErrFull  = hub.ErrFull
	ErrEmpty = hub.ErrEmpty
)
