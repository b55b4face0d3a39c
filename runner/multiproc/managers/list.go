package managers

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// A List holds values of type T in order. It has the operations of Python's
// list: an index below 0 counts from the end.
type List[T any] struct{ proxy[listOf[T]] }

type listOf[T any] struct{}

func (listOf[T]) words() string { return "list of " + nameOf[T]() }

// NewList makes a list with the given values in it.
func NewList[T any](ctx context.Context, where In, vs ...T) (*List[T], error) {
	arg, err := encodeAll(nil, vs)
	if err != nil {
		return nil, fmt.Errorf("make a list: %w", err)
	}
	p, err := newObject[listOf[T]](ctx, where, kindSequence, arg)
	if err != nil {
		return nil, err
	}
	return &List[T]{p}, nil
}

func (l *List[T]) items() items[T] { return items[T]{l.ref} }

// Append appends values, as one operation: it is list.append and list.extend.
func (l *List[T]) Append(ctx context.Context, vs ...T) error {
	arg, err := encodeAll(nil, vs)
	if err != nil {
		return err
	}
	_, err = l.items().ask(ctx, seqAppend, arg)
	return err
}

// Insert inserts a value before the one at an index; an index that is out of
// range is the end of the list that it is beyond.
func (l *List[T]) Insert(ctx context.Context, i int, v T) error {
	return l.items().give(ctx, seqInsert, i, v)
}

// Get returns the value at an index, or [ErrIndex].
func (l *List[T]) Get(ctx context.Context, i int) (T, error) { return l.items().take(ctx, seqGet, i) }

// Set sets the value at an index, or returns [ErrIndex].
func (l *List[T]) Set(ctx context.Context, i int, v T) error {
	return l.items().give(ctx, seqSet, i, v)
}

// Pop takes out the value at an index, -1 for the last, or returns [ErrIndex].
func (l *List[T]) Pop(ctx context.Context, i int) (T, error) { return l.items().take(ctx, seqPop, i) }

// Len returns the number of values.
func (l *List[T]) Len(ctx context.Context) (int, error) { return l.items().length(ctx) }

// Clear takes all values out.
func (l *List[T]) Clear(ctx context.Context) error {
	_, err := l.items().ask(ctx, seqClear, nil)
	return err
}

// Slice returns the values from one index up to, not including, another, as
// they are at one moment. Ends that are out of range are cut to what there is.
func (l *List[T]) Slice(ctx context.Context, from, to int) ([]T, error) {
	vs, _, err := l.items().slice(ctx, from, to)
	return vs, err
}

// All returns the values with their indices, as they are at one moment: what
// changes afterwards does not show in the iteration.
func (l *List[T]) All(ctx context.Context) (iter.Seq2[int, T], error) {
	vs, err := l.Slice(ctx, 0, math.MaxInt)
	return slices.All(vs), err
}

// Update sets the list to what change makes of its values, which it may reuse:
// for sorting, reversing, and whatever else there is. Nobody changes the list
// in between; change may run several times. All of the list travels both ways.
func (l *List[T]) Update(ctx context.Context, change func(vs []T) ([]T, error)) error {
	return l.items().update(ctx, change)
}

// Index returns the index of the first value that is v; -1 if there is none.
func Index[T comparable](ctx context.Context, l *List[T], v T) (int, error) {
	vs, err := l.Slice(ctx, 0, math.MaxInt)
	return slices.Index(vs, v), err
}

// RemoveFirst takes out the first value that is v, and reports whether there
// was one: it is list.remove.
func RemoveFirst[T comparable](ctx context.Context, l *List[T], v T) (bool, error) {
	removed := false
	err := l.Update(ctx, func(vs []T) ([]T, error) {
		i := slices.Index(vs, v)
		if removed = i >= 0; removed {
			vs = slices.Delete(vs, i, i+1)
		}
		return vs, nil
	})
	return removed, err
}

// items is a sequence as a client sees it, with the type of what is in it: what
// lists and arrays are made of.
type items[T any] struct{ ref }

// encodeAll appends values as fields to dst.
func encodeAll[T any](dst []byte, vs []T) ([]byte, error) {
	c, err := codec.For[T]()
	if err != nil {
		return nil, err
	}
	var buf []byte
	for _, v := range vs {
		if buf, err = c.Append(buf[:0], v); err != nil {
			return nil, err
		}
		dst = field(dst, buf)
	}
	return dst, nil
}

// ask does an operation and returns what follows the first byte of its result.
func (q items[T]) ask(ctx context.Context, op byte, arg []byte) ([]byte, error) {
	b, changed, err := q.attempt(ctx, op, arg)
	if changed {
		err = ErrProtocol // only said to a replacement
	}
	return b, err
}

// attempt is ask of an operation that somebody may have come before.
func (q items[T]) attempt(ctx context.Context, op byte, arg []byte) (b []byte, changed bool, err error) {
	b, err = q.do(ctx, op, arg)
	switch {
	case err != nil:
		return nil, false, err
	case len(b) == 0 || b[0] > seqFixed:
		return nil, false, ErrProtocol
	case b[0] == seqRange:
		return nil, false, ErrIndex
	case b[0] == seqFixed:
		return nil, false, ErrFixed
	}
	return b[1:], b[0] == seqChanged, nil
}

func (q items[T]) take(ctx context.Context, op byte, i int) (v T, err error) {
	b, err := q.ask(ctx, op, number(nil, uint64(i)))
	if err != nil {
		return v, err
	}
	return decode[T](b)
}

func (q items[T]) give(ctx context.Context, op byte, i int, v T) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	_, err = q.ask(ctx, op, append(number(nil, uint64(i)), b...))
	return err
}

func (q items[T]) length(ctx context.Context) (int, error) {
	b, err := q.ask(ctx, seqLen, nil)
	if err != nil {
		return 0, err
	}
	n, _, err := cutNumber(b)
	return int(n), err
}

// slice returns values and the version of the sequence.
func (q items[T]) slice(ctx context.Context, from, to int) (vs []T, version uint64, err error) {
	b, err := q.ask(ctx, seqSlice, number(number(nil, uint64(from)), uint64(to)))
	if err != nil {
		return nil, 0, err
	}
	version, rest, err := cutNumber(b)
	if err != nil {
		return nil, 0, err
	}
	fields, err := cutAll(rest)
	if err != nil {
		return nil, 0, err
	}
	vs = make([]T, len(fields))
	for i, f := range fields {
		if vs[i], err = decode[T](f); err != nil {
			return nil, 0, err
		}
	}
	return vs, version, nil
}

func (q items[T]) update(ctx context.Context, change func(vs []T) ([]T, error)) error {
	for {
		vs, version, err := q.slice(ctx, 0, math.MaxInt)
		if err != nil {
			return err
		}
		if vs, err = change(vs); err != nil {
			return err
		}
		arg, err := encodeAll(binary.LittleEndian.AppendUint64(nil, version), vs)
		if err != nil {
			return err
		}
		if _, changed, err := q.attempt(ctx, seqReplace, arg); !changed || err != nil {
			return err
		}
	}
}
