package multiproc

import (
	"context"
	"fmt"
	"unsafe"
)

// An Array is a fixed number of values of type T in shared memory, with a lock
// of its own. All that is said of [Value] holds for it.
type Array[T any] struct {
	guarded
	n int
}

// NewArray returns an array of n values that are zero at first.
func NewArray[T any](n int) (*Array[T], error) {
	g, err := newGuarded[T](n)
	if err != nil {
		return nil, fmt.Errorf("make an array: %w", err)
	}
	return &Array[T]{g, n}, nil
}

// NewArrayOf returns an array of these values.
func NewArrayOf[T any](values []T) (*Array[T], error) {
	a, err := NewArray[T](len(values))
	if err != nil {
		return nil, err
	}
	copy(a.Slice(), values)
	return a, nil
}

// Len returns the number of values.
func (a *Array[T]) Len() int { return a.n }

// check says that there is no value i.
func (a *Array[T]) check(i int) error {
	if i < 0 || i >= a.n {
		return fmt.Errorf("index %d: the array has %d values", i, a.n)
	}
	return nil
}

// Get returns value i.
func (a *Array[T]) Get(ctx context.Context, i int) (T, error) {
	var got T
	if err := a.check(i); err != nil {
		return got, err
	}
	err := a.locked(ctx, func(b []byte) error {
		got = valuesIn[T](b, a.n)[i]
		return nil
	})
	return got, err
}

// Set sets value i.
func (a *Array[T]) Set(ctx context.Context, i int, v T) error {
	if err := a.check(i); err != nil {
		return err
	}
	return a.locked(ctx, func(b []byte) error {
		valuesIn[T](b, a.n)[i] = v
		return nil
	})
}

// Update has change change the values where they are, under the lock. What it
// has changed stays, whatever it returns. The slice must not be used after it.
func (a *Array[T]) Update(ctx context.Context, change func([]T) error) error {
	return a.locked(ctx, func(b []byte) error { return change(valuesIn[T](b, a.n)) })
}

// Slice returns the values where they are in shared memory, for sync/atomic or
// while the lock is held; nil after Close, which takes the memory from under
// it.
func (a *Array[T]) Slice() []T {
	if a.memory == nil {
		return nil
	}
	b := a.memory.Bytes()
	if b == nil {
		return nil
	}
	return valuesIn[T](b, a.n)
}

// valuesIn returns the n values at the beginning of b, which is that of a page.
func valuesIn[T any](b []byte, n int) []T { return unsafe.Slice(valueIn[T](b), n) }

// BoundToFiles marks the type for the codec.
func (Array[T]) BoundToFiles() {}

// MarshalCBOR puts the memory into the luggage of the argument.
func (a Array[T]) MarshalCBOR() ([]byte, error) { return a.pack(a.n) }

// UnmarshalCBOR takes the memory out of the luggage of the argument.
func (a *Array[T]) UnmarshalCBOR(b []byte) (err error) {
	a.guarded, a.n, err = unpackGuarded[T](b)
	return err
}
