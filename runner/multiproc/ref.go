package multiproc

import (
	"context"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub"
)

// A ref is what all processes hold of an object that they share: where it is.
// It travels as two numbers, in any message, and means the object in the
// process that made it and in all of that one's descendants.
type ref struct{ hub, object uint64 }

// share puts an object into the hub of this process.
func share(o hub.Object) ref { return ref{home.ID, home.Add(o)} }

// do does an operation on the object and waits for its end. It does not begin
// if ctx has ended.
func (r ref) do(ctx context.Context, op byte, arg []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.begin(ctx, op, arg)
}

// begin is do that begins whatever ctx says.
func (r ref) begin(ctx context.Context, op byte, arg []byte) ([]byte, error) {
	if r == (ref{}) {
		return nil, zeroError{}
	}
	return operate(ctx, r.hub, r.object, op, arg)
}

// now does an operation that ends at once.
func (r ref) now(op byte) ([]byte, error) { return r.do(context.Background(), op, nil) }

// try does an operation that fails with the given error where it would have to
// wait.
func (r ref) try(op byte, arg []byte, busy error) (bool, error) {
	switch _, err := r.do(context.Background(), op, arg); {
	case errors.Is(err, busy):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

// truth does an operation whose result is yes or no.
func (r ref) truth(op byte) (bool, error) {
	b, err := r.now(op)
	return len(b) == 1 && b[0] == 1, err
}

// count does an operation whose result is a number.
func (r ref) count(op byte) (int, error) {
	b, err := r.now(op)
	if err != nil {
		return 0, err
	}
	n, err := hub.Number(b)
	return int(n), err
}

// A zeroError is that of an object which nobody has made.
type zeroError struct{}

func (zeroError) Error() string {
	return "the zero value is not usable: make one with its New function: " + hub.ErrClosed.Error()
}

func (zeroError) Unwrap() error { return hub.ErrClosed }

// close ends the object, for everybody. Only the process that made it can.
func (r ref) close() error {
	if r.hub != home.ID {
		return fmt.Errorf("close: %w", ErrNotOwner)
	}
	home.Remove(r.object)
	return nil
}

// MarshalCBOR encodes where the object is.
func (r ref) MarshalCBOR() ([]byte, error) { return cbor.Marshal([2]uint64{r.hub, r.object}) }

// UnmarshalCBOR decodes where the object is.
func (r *ref) UnmarshalCBOR(b []byte) error {
	var place [2]uint64
	if err := cbor.Unmarshal(b, &place); err != nil {
		return err
	}
	*r = ref{place[0], place[1]}
	return nil
}
