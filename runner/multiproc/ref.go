package multiproc

import (
	"context"
	"fmt"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A ref is what all processes hold of an object that they share: where it is.
// It travels as two numbers, in any message, and means the object in the
// process that made it and in all of that one's descendants.
type ref struct {
	Hub    uint64
	Object uint64
}

// share puts an object into the hub of this process.
func share(o hub.Object) ref { return ref{home.ID, home.Add(o)} }

// do does an operation on the object and waits for its end.
func (r ref) do(ctx context.Context, op byte, arg []byte) ([]byte, error) {
	if r == (ref{}) {
		return nil, errZero
	}
	return operate(ctx, r.Hub, r.Object, op, arg)
}

var errZero = fmt.Errorf("the zero value is not usable: make one with its New function: %w", hub.ErrClosed)

// close ends the object, for everybody. Only the process that made it can.
func (r ref) close() error {
	if r.Hub != home.ID {
		return fmt.Errorf("close: %w", ErrNotOwner)
	}
	home.Remove(r.Object)
	return nil
}
