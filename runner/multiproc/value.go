package multiproc

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"unsafe"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// A Value is one value of type T in shared memory, with a lock of its own. It
// is handed to children in the argument that they are started with.
//
// T must be of fixed size and without pointers: numbers, bools, and arrays and
// structs of such. See [ErrOwnerDied] for what the methods return once after a
// process has died that held the lock: the value may be half changed then only
// if that process wrote it by [Value.Raw], or died while it was copied in.
type Value[T any] struct{ guarded }

// guarded is shared memory with a lock.
type guarded struct {
	memory *SharedMemory
	lock   *Lock
}

// NewValue returns a value that is v at first. Close it when it is not needed
// any more.
func NewValue[T any](v T) (*Value[T], error) {
	g, err := newGuarded[T](1)
	if err != nil {
		return nil, fmt.Errorf("make a value: %w", err)
	}
	made := &Value[T]{g}
	*made.Raw() = v
	return made, nil
}

// newGuarded returns memory for n values of type T.
func newGuarded[T any](n int) (guarded, error) {
	t := reflect.TypeFor[T]()
	if !codec.Flat(t) || t.Size() == 0 {
		return guarded{}, fmt.Errorf("%s cannot be shared: want a type of fixed size without pointers, and of at least one byte", t)
	}
	const most = int(^uint(0) >> 1)
	if n < 0 || n > most/int(t.Size()) {
		return guarded{}, fmt.Errorf("%d values of type %s", n, t)
	}
	m, err := NewSharedMemory(max(1, n*int(t.Size())))
	if err != nil {
		return guarded{}, err
	}
	return guarded{m, NewLock()}, nil
}

// locked has do use the memory, under the lock.
func (g guarded) locked(ctx context.Context, do func(b []byte) error) error {
	if g.memory == nil {
		return zeroError{}
	}
	return g.memory.use(func(b []byte) (err error) {
		if err := g.lock.Acquire(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, g.lock.Release()) }()
		return do(b)
	})
}

// Lock returns the lock, for what takes more than one of the methods. They
// take it themselves: whoever holds it uses Raw or Slice.
func (g guarded) Lock() *Lock {
	if g.lock == nil {
		return &Lock{} // whose methods say so
	}
	return g.lock
}

// Close gives the memory back, for this process. In the process that made it,
// it also closes the lock, for everybody.
func (g guarded) Close() error {
	if g.memory == nil {
		return nil
	}
	err := g.memory.Close()
	if g.lock.hub == home.ID {
		err = errors.Join(err, g.lock.Close())
	}
	return err
}

// Load returns the value.
func (v *Value[T]) Load(ctx context.Context) (T, error) {
	var got T
	err := v.locked(ctx, func(b []byte) error {
		got = *valueIn[T](b)
		return nil
	})
	return got, err
}

// Store sets the value.
func (v *Value[T]) Store(ctx context.Context, to T) error {
	return v.locked(ctx, func(b []byte) error {
		*valueIn[T](b) = to
		return nil
	})
}

// Update has change change the value, under the lock. If it returns an error,
// or panics, the value stays as it was.
func (v *Value[T]) Update(ctx context.Context, change func(*T) error) error {
	return v.locked(ctx, func(b []byte) error {
		fresh := *valueIn[T](b)
		if err := change(&fresh); err != nil {
			return err
		}
		*valueIn[T](b) = fresh
		return nil
	})
}

// Raw returns where the value is in shared memory, for sync/atomic or while
// the lock is held; nil after Close, which takes the memory from under it.
func (v *Value[T]) Raw() *T {
	if v.memory == nil {
		return nil
	}
	return valueIn[T](v.memory.Bytes())
}

// valueIn returns the value at the beginning of b, which is that of a page.
func valueIn[T any](b []byte) *T { return (*T)(unsafe.Pointer(unsafe.SliceData(b))) }

// packedGuarded is memory with a lock on its way to another process.
type packedGuarded struct {
	_            struct{} `cbor:",toarray"`
	Memory, Lock cbor.RawMessage
	Len          int
}

// pack encodes g, which has room for n values.
func (g guarded) pack(n int) ([]byte, error) {
	if g.memory == nil {
		return nil, zeroError{}
	}
	m, err := g.memory.MarshalCBOR()
	if err != nil {
		return nil, err
	}
	l, err := g.lock.MarshalCBOR()
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(packedGuarded{Memory: m, Lock: l, Len: n})
}

// unpackGuarded decodes what pack encoded, and returns the number of values.
func unpackGuarded[T any](b []byte) (g guarded, n int, err error) {
	var p packedGuarded
	if err := cbor.Unmarshal(b, &p); err != nil {
		return g, 0, err
	}
	g = guarded{new(SharedMemory), new(Lock)}
	if err := g.lock.UnmarshalCBOR(p.Lock); err != nil {
		return g, 0, err
	}
	if err := g.memory.UnmarshalCBOR(p.Memory); err != nil {
		return g, 0, err
	}
	if size := int(reflect.TypeFor[T]().Size()); p.Len < 0 || p.Len > g.memory.Size()/size {
		return g, 0, errors.Join(fmt.Errorf("%d values of %d bytes in %d", p.Len, size, g.memory.Size()), g.memory.Close())
	}
	return g, p.Len, nil
}

// BoundToFiles marks the type for the codec.
func (Value[T]) BoundToFiles() {}

// MarshalCBOR puts the memory into the luggage of the argument.
func (v Value[T]) MarshalCBOR() ([]byte, error) { return v.pack(1) }

// UnmarshalCBOR takes the memory out of the luggage of the argument.
func (v *Value[T]) UnmarshalCBOR(b []byte) error {
	g, n, err := unpackGuarded[T](b)
	if err == nil && n != 1 {
		err = errors.Join(fmt.Errorf("a value with %d elements", n), g.memory.Close())
	}
	if err != nil {
		return err
	}
	v.guarded = g
	return nil
}
