package managers

import (
	"context"
	"fmt"
	"iter"
)

// A Dict holds values under keys, in the order in which the keys came in. It
// has the operations of Python's dict.
//
// Keys are compared as they are encoded. Their type is a bool, an integer, a
// string, or an array or a struct of such with exported fields; floating-point
// numbers, of which some are equal and not the same, are no keys here.
type Dict[K comparable, V any] struct{ proxy[dictOf[K, V]] }

type dictOf[K comparable, V any] struct{}

func (dictOf[K, V]) words() string { return "dict of " + nameOf[K]() + " to " + nameOf[V]() }

// NewDict makes a dict.
func NewDict[K comparable, V any](ctx context.Context, where In) (*Dict[K, V], error) {
	if err := fits[K, V](); err != nil {
		return nil, fmt.Errorf("make a dict: %w", err)
	}
	p, err := newObject[dictOf[K, V]](ctx, where, kindTable, nil)
	if err != nil {
		return nil, err
	}
	return &Dict[K, V]{p}, nil
}

func (d *Dict[K, V]) cells() cells[K, V] { return cells[K, V]{d.ref} }

// Get returns the value of a key; false if there is none.
func (d *Dict[K, V]) Get(ctx context.Context, k K) (V, bool, error) {
	v, version, err := d.cells().get(ctx, k)
	return v, version != 0, err
}

// Set sets the value of a key.
func (d *Dict[K, V]) Set(ctx context.Context, k K, v V) error { return d.cells().set(ctx, k, v) }

// SetAll sets the values of several keys, as one operation: it is what
// dict.update of Python does.
func (d *Dict[K, V]) SetAll(ctx context.Context, all map[K]V) error {
	return d.cells().setAll(ctx, all)
}

// LoadOrStore returns the value of a key, and whether there is one; otherwise
// it sets it to v and returns that. It is dict.setdefault.
func (d *Dict[K, V]) LoadOrStore(ctx context.Context, k K, v V) (V, bool, error) {
	return d.cells().loadOrStore(ctx, k, v)
}

// Remove takes keys out, and returns how many of them were in.
func (d *Dict[K, V]) Remove(ctx context.Context, keys ...K) (int, error) {
	return d.cells().remove(ctx, keys)
}

// Pop takes a key out and returns its value; false if there was none.
func (d *Dict[K, V]) Pop(ctx context.Context, k K) (V, bool, error) { return d.cells().pop(ctx, k) }

// PopItem takes out the key that came in last and returns it with its value;
// false if there was none.
func (d *Dict[K, V]) PopItem(ctx context.Context) (K, V, bool, error) { return d.cells().popLast(ctx) }

// Len returns the number of keys.
func (d *Dict[K, V]) Len(ctx context.Context) (int, error) { return d.cells().length(ctx) }

// Clear takes all keys out.
func (d *Dict[K, V]) Clear(ctx context.Context) error {
	_, err := d.do(ctx, tableClear, nil)
	return err
}

// Keys returns the keys, as they are at one moment.
func (d *Dict[K, V]) Keys(ctx context.Context) ([]K, error) { return d.cells().keys(ctx) }

// All returns the keys and their values, as they are at one moment: what
// changes afterwards does not show in the iteration. All of it is one message,
// which has a limit: see [connection.Options].
func (d *Dict[K, V]) All(ctx context.Context) (iter.Seq2[K, V], error) { return d.cells().all(ctx) }

// Update sets the value of a key to what change makes of the old one, whose
// zero value it gets with false where there is none, and returns the new one.
// Nobody changes the key in between; change may run several times.
func (d *Dict[K, V]) Update(ctx context.Context, k K, change func(old V, ok bool) (V, error)) (V, error) {
	return d.cells().update(ctx, k, change)
}

// CompareAndSwap sets the value of a key if it is old, and reports whether it
// was.
func CompareAndSwap[K, V comparable](ctx context.Context, d *Dict[K, V], k K, old, v V) (bool, error) {
	return compareAndSwap(ctx, d.cells(), k, old, v)
}

// CompareAndDelete takes a key out if its value is old, and reports whether it
// was.
func CompareAndDelete[K, V comparable](ctx context.Context, d *Dict[K, V], k K, old V) (bool, error) {
	for {
		v, version, err := d.cells().get(ctx, k)
		if err != nil || version == 0 || v != old {
			return false, err
		}
		if ok, err := d.cells().drop(ctx, k, version); ok || err != nil {
			return ok, err
		}
	}
}

// A Number can be added to.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

// Add adds to the value of a key, which is 0 where there is none, and returns
// the sum.
func Add[K comparable, V Number](ctx context.Context, d *Dict[K, V], k K, delta V) (V, error) {
	return d.Update(ctx, k, func(old V, _ bool) (V, error) { return old + delta, nil })
}
