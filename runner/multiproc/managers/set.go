package managers

import (
	"context"
	"fmt"
	"iter"
	"slices"
)

// A Set holds values of type T, each once, in the order in which they came in.
// They are what keys of a [Dict] are.
type Set[T comparable] struct{ proxy[setOf[T]] }

type setOf[T comparable] struct{}

func (setOf[T]) words() string { return "set of " + nameOf[T]() }

// NewSet makes a set.
func NewSet[T comparable](ctx context.Context, where In) (*Set[T], error) {
	if err := fits[T, struct{}](); err != nil {
		return nil, fmt.Errorf("make a set: %w", err)
	}
	p, err := newObject[setOf[T]](ctx, where, kindTable, nil)
	if err != nil {
		return nil, err
	}
	return &Set[T]{p}, nil
}

func (s *Set[T]) cells() cells[T, struct{}] { return cells[T, struct{}]{s.ref} }

// nothing is the encoded value of a member.
var nothing = must(encode(struct{}{}))

// Add adds values, as one operation, and returns how many were not in before.
func (s *Set[T]) Add(ctx context.Context, vs ...T) (int, error) {
	return s.cells().counted(ctx, tableAdd, vs, field(nil, nothing))
}

// Remove takes values out, as one operation, and returns how many were in.
func (s *Set[T]) Remove(ctx context.Context, vs ...T) (int, error) { return s.cells().remove(ctx, vs) }

// Contains tells whether a value is in.
func (s *Set[T]) Contains(ctx context.Context, v T) (bool, error) {
	_, version, err := s.cells().get(ctx, v)
	return version != 0, err
}

// Pop takes out the value that came in last and returns it; false if there was
// none.
func (s *Set[T]) Pop(ctx context.Context) (T, bool, error) {
	v, _, ok, err := s.cells().popLast(ctx)
	return v, ok, err
}

// Len returns the number of values.
func (s *Set[T]) Len(ctx context.Context) (int, error) { return s.cells().length(ctx) }

// Clear takes all values out.
func (s *Set[T]) Clear(ctx context.Context) error {
	_, err := s.do(ctx, tableClear, nil)
	return err
}

// All returns the values, as they are at one moment.
func (s *Set[T]) All(ctx context.Context) (iter.Seq[T], error) {
	vs, err := s.cells().keys(ctx)
	return slices.Values(vs), err
}
