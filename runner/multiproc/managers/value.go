package managers

import "context"

// A Value holds one value of type T.
type Value[T any] struct{ proxy[valueOf[T]] }

type valueOf[T any] struct{}

func (valueOf[T]) words() string { return "value of " + nameOf[T]() }

// NewValue makes a value.
func NewValue[T any](ctx context.Context, where In, v T) (*Value[T], error) {
	b, err := encode(v)
	if err != nil {
		return nil, err
	}
	key, err := keyEnc.Marshal(true)
	if err != nil {
		return nil, err
	}
	p, err := newObject[valueOf[T]](ctx, where, kindTable, field(field(nil, key), b))
	if err != nil {
		return nil, err
	}
	return &Value[T]{p}, nil
}

// cell is the only one of the value's table.
func (v *Value[T]) cell() cells[bool, T] { return cells[bool, T]{v.ref} }

// Get returns the value.
func (v *Value[T]) Get(ctx context.Context) (T, error) {
	there, _, err := v.cell().get(ctx, true)
	return there, err
}

// Set sets the value.
func (v *Value[T]) Set(ctx context.Context, to T) error { return v.cell().set(ctx, true, to) }

// Update sets the value to what change makes of it, and returns that. Nobody
// changes it in between; change may run several times.
func (v *Value[T]) Update(ctx context.Context, change func(old T) (T, error)) (T, error) {
	return v.cell().update(ctx, true, func(old T, _ bool) (T, error) { return change(old) })
}

// Swap sets the value if it is old, and reports whether it was.
func Swap[T comparable](ctx context.Context, v *Value[T], old, to T) (bool, error) {
	return compareAndSwap(ctx, v.cell(), true, old, to)
}
