package managers

import (
	"context"
	"fmt"
	"iter"
	"math"
	"slices"
)

// An Array holds a fixed number of values of type T. An index below 0 counts
// from the end.
type Array[T any] struct{ proxy[arrayOf[T]] }

type arrayOf[T any] struct{}

func (arrayOf[T]) words() string { return "array of " + nameOf[T]() }

// NewArray makes an array of the given values.
func NewArray[T any](ctx context.Context, where In, vs []T) (*Array[T], error) {
	arg, err := encodeAll(nil, vs)
	if err != nil {
		return nil, fmt.Errorf("make an array: %w", err)
	}
	p, err := newObject[arrayOf[T]](ctx, where, kindArray, arg)
	if err != nil {
		return nil, err
	}
	return &Array[T]{p}, nil
}

func (a *Array[T]) items() items[T] { return items[T]{a.ref} }

// Get returns the value at an index, or [ErrIndex].
func (a *Array[T]) Get(ctx context.Context, i int) (T, error) { return a.items().take(ctx, seqGet, i) }

// Set sets the value at an index, or returns [ErrIndex].
func (a *Array[T]) Set(ctx context.Context, i int, v T) error {
	return a.items().give(ctx, seqSet, i, v)
}

// Len returns the number of values.
func (a *Array[T]) Len(ctx context.Context) (int, error) { return a.items().length(ctx) }

// Slice returns the values from one index up to, not including, another, as
// they are at one moment. Ends that are out of range are cut to what there is.
func (a *Array[T]) Slice(ctx context.Context, from, to int) ([]T, error) {
	vs, _, err := a.items().slice(ctx, from, to)
	return vs, err
}

// All returns the values with their indices, as they are at one moment.
func (a *Array[T]) All(ctx context.Context) (iter.Seq2[int, T], error) {
	vs, err := a.Slice(ctx, 0, math.MaxInt)
	return slices.All(vs), err
}

// Update sets the values to what change makes of them. Nobody changes them in
// between; change may run several times. A change of the length is [ErrFixed].
func (a *Array[T]) Update(ctx context.Context, change func(vs []T) ([]T, error)) error {
	return a.items().update(ctx, change)
}
