package multiproc

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm"
)

// A ShareableList is a list of fixed length in shared memory. Each of its items
// is an int64, a float64, a bool, a string, a []byte or nil, and may change
// from one to another. A string or []byte has to fit into the room that the
// list was made with: the length of the item that it was made with, rounded up
// to a multiple of 8 bytes, and at least 8.
//
// The list has no lock of its own: use a [Lock] where one process changes what
// another one reads. It is handed to children as [SharedMemory] is. The layout
// is described, and checked when a list is opened, in internal/shm: damaged
// memory is an error.
type ShareableList struct {
	memory *SharedMemory
	list   *shm.List
}

// NewShareableList returns a list of these values in memory without a name. An
// int is taken as an int64.
func NewShareableList(values []any) (*ShareableList, error) {
	return newShareableList(values, NewSharedMemory)
}

// CreateShareableList is [NewShareableList] in memory with a name, as of
// [CreateSharedMemory].
func CreateShareableList(name string, values []any) (*ShareableList, error) {
	return newShareableList(values, func(size int) (*SharedMemory, error) { return CreateSharedMemory(name, size) })
}

func newShareableList(values []any, memory func(size int) (*SharedMemory, error)) (*ShareableList, error) {
	size, err := shm.ListSize(values)
	if err != nil {
		return nil, fmt.Errorf("make a shareable list: %w", err)
	}
	m, err := memory(size)
	if err != nil {
		return nil, err
	}
	l := &ShareableList{memory: m}
	if l.list, err = shm.NewList(m.Bytes(), values); err != nil { // somebody has changed the values meanwhile
		if m.Name() != "" {
			err = errors.Join(err, m.Unlink())
		}
		return nil, fmt.Errorf("make a shareable list: %w", errors.Join(err, m.Close()))
	}
	return l, nil
}

// OpenShareableList attaches to the list of that name. Until its maker has
// filled it in, that is an error.
func OpenShareableList(name string) (*ShareableList, error) {
	m, err := OpenSharedMemory(name)
	if err != nil {
		return nil, err
	}
	l := &ShareableList{memory: m}
	if err := l.open(); err != nil {
		return nil, err
	}
	return l, nil
}

// open reads the layout of the list in l.memory, or gives that back.
func (l *ShareableList) open() (err error) {
	if l.list, err = shm.OpenList(l.memory.Bytes()); err != nil {
		_ = l.memory.Close()
		return fmt.Errorf("open shareable list %q: %w", l.memory.Name(), err)
	}
	return nil
}

// use has do use the list, which Close leaves in place until do returns.
func (l *ShareableList) use(do func() error) error {
	if l.memory == nil {
		return zeroError{}
	}
	return l.memory.use(func([]byte) error { return do() })
}

// Len returns the number of items; 0 for the zero value.
func (l *ShareableList) Len() int {
	if l.list == nil {
		return 0
	}
	return l.list.Len()
}

// Get returns item i.
func (l *ShareableList) Get(i int) (v any, err error) {
	err = l.use(func() error {
		v, err = l.list.Get(i)
		return err
	})
	return v, err
}

// Set puts v in the place of item i. One that does not fit is an error, and
// changes nothing.
func (l *ShareableList) Set(i int, v any) error {
	return l.use(func() error { return l.list.Set(i, v) })
}

// All gives the items in their order, each with the error of reading it.
func (l *ShareableList) All() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for i := range l.Len() {
			if !yield(l.Get(i)) {
				return
			}
		}
	}
}

// Index returns the index of the first item that equals v, in kind and in
// value; -1 if there is none.
func (l *ShareableList) Index(v any) (int, error) {
	i := 0
	for item, err := range l.All() {
		if err != nil {
			return -1, err
		}
		if same(item, v) {
			return i, nil
		}
		i++
	}
	return -1, nil
}

// Count returns how many items equal v, in kind and in value.
func (l *ShareableList) Count(v any) (int, error) {
	n := 0
	for item, err := range l.All() {
		if err != nil {
			return 0, err
		}
		if same(item, v) {
			n++
		}
	}
	return n, nil
}

// same tells whether v is what an item of a list is.
func same(item, v any) bool {
	switch v := v.(type) {
	case int:
		return item == int64(v)
	case []byte:
		b, ok := item.([]byte)
		return ok && bytes.Equal(b, v)
	case nil, int64, float64, bool, string:
		if _, ok := item.([]byte); ok {
			return false // which cannot be compared
		}
		return item == v
	}
	return false
}

// Memory returns the memory that the list is in.
func (l *ShareableList) Memory() *SharedMemory { return l.memory }

// Close gives the memory back, for this process.
func (l *ShareableList) Close() error {
	if l.memory == nil {
		return nil
	}
	return l.memory.Close()
}

// Unlink removes the name, as [SharedMemory.Unlink] does.
func (l *ShareableList) Unlink() error {
	if l.memory == nil {
		return zeroError{}
	}
	return l.memory.Unlink()
}

// BoundToFiles marks the type for the codec.
func (*ShareableList) BoundToFiles() {}

// MarshalCBOR is that of the memory.
func (l *ShareableList) MarshalCBOR() ([]byte, error) {
	if l == nil {
		return (*SharedMemory)(nil).MarshalCBOR()
	}
	if l.memory == nil {
		return nil, zeroError{}
	}
	return l.memory.MarshalCBOR()
}

// UnmarshalCBOR attaches to the memory and reads the layout of the list.
func (l *ShareableList) UnmarshalCBOR(b []byte) error {
	l.memory = new(SharedMemory)
	if err := l.memory.UnmarshalCBOR(b); err != nil {
		return err
	}
	return l.open()
}
