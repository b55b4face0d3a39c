package shm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// A List is a fixed number of slots in memory, each of which holds one of a few
// kinds of value. All numbers are little endian:
//
//	0   "gvpl"
//	4   version, 32 bits
//	8   number of slots, 64 bits
//	16  a descriptor for each slot: offset, capacity and length of its
//	    contents in bytes, and kind, 64 bits each
//	    the contents, each at a multiple of 8
//
// Offsets and capacities never change. They are checked and copied when the
// list is opened: whatever others write there later, a slot reads and writes
// its own contents and nothing else.
type List struct {
	data  []byte
	slots []slot
}

// slot is where the contents of a slot are.
type slot struct{ offset, capacity int }

// Kinds of contents.
const (
	kindNil = iota
	kindInt
	kindFloat
	kindBool
	kindString
	kindBytes
)

const (
	listMagic      = "gvpl"
	listVersion    = 1
	listHeader     = 16
	descriptor     = 32
	smallestSlot   = 8 // bytes: room for any number
	capacityOffset = 8 // within the descriptor
	lengthOffset   = 16
	kindOffset     = 24
)

// ErrLayout is wrapped by all errors about memory that holds no list.
var ErrLayout = errors.New("no shareable list, or a damaged one")

// contents returns the kind of v, and its contents.
func contents(v any) (kind uint64, b []byte, err error) {
	switch v := v.(type) {
	case nil:
		return kindNil, nil, nil
	case int:
		return kindInt, binary.LittleEndian.AppendUint64(nil, uint64(v)), nil
	case int64:
		return kindInt, binary.LittleEndian.AppendUint64(nil, uint64(v)), nil
	case float64:
		return kindFloat, binary.LittleEndian.AppendUint64(nil, math.Float64bits(v)), nil
	case bool:
		if v {
			return kindBool, []byte{1}, nil
		}
		return kindBool, []byte{0}, nil
	case string:
		return kindString, []byte(v), nil
	case []byte:
		return kindBytes, v, nil
	}
	return 0, nil, fmt.Errorf("a %T: want int, int64, float64, bool, string, []byte or nil", v)
}

// ListSize returns the size in bytes of the memory for a list of these values.
func ListSize(values []any) (int, error) {
	size := listHeader + descriptor*len(values)
	for i, v := range values {
		_, b, err := contents(v)
		if err != nil {
			return 0, fmt.Errorf("item %d: %w", i, err)
		}
		size += roomFor(b)
	}
	return size, nil
}

// roomFor returns the capacity of a slot that is made for b.
func roomFor(b []byte) int { return max(smallestSlot, (len(b)+7)&^7) }

// NewList lays a list of these values out in data, which is as large as
// [ListSize] says.
func NewList(data []byte, values []any) (*List, error) {
	l := &List{data: data}
	offset := listHeader + descriptor*len(values)
	for i, v := range values {
		_, b, err := contents(v)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		s := slot{offset, roomFor(b)}
		offset += s.capacity
		if offset > len(data) {
			return nil, fmt.Errorf("item %d: %w: %d bytes are too few", i, ErrLayout, len(data))
		}
		l.slots = append(l.slots, s)
		d := l.descriptor(i)
		binary.LittleEndian.PutUint64(d, uint64(s.offset))
		binary.LittleEndian.PutUint64(d[capacityOffset:], uint64(s.capacity))
		if err := l.Set(i, v); err != nil {
			return nil, err
		}
	}
	binary.LittleEndian.PutUint32(data[4:], listVersion)
	binary.LittleEndian.PutUint64(data[8:], uint64(len(values)))
	copy(data, listMagic) // last: it is a list now
	return l, nil
}

// OpenList reads the layout of the list in data.
func OpenList(data []byte) (*List, error) {
	if len(data) < listHeader || string(data[:4]) != listMagic {
		return nil, ErrLayout
	}
	if v := binary.LittleEndian.Uint32(data[4:]); v != listVersion {
		return nil, fmt.Errorf("%w: it is of version %d, and this build reads %d", ErrLayout, v, listVersion)
	}
	n := binary.LittleEndian.Uint64(data[8:])
	if n > uint64(len(data)-listHeader)/descriptor {
		return nil, fmt.Errorf("%w: %d items in %d bytes", ErrLayout, n, len(data))
	}
	l := &List{data: data, slots: make([]slot, n)}
	free := listHeader + descriptor*n // slots lie in order, and do not overlap
	for i := range l.slots {
		d := l.descriptor(i)
		offset, capacity := binary.LittleEndian.Uint64(d), binary.LittleEndian.Uint64(d[capacityOffset:])
		if offset < free || offset > uint64(len(data)) || capacity < smallestSlot || capacity > uint64(len(data))-offset {
			return nil, fmt.Errorf("%w: item %d has %d bytes at %d", ErrLayout, i, capacity, offset)
		}
		free = offset + capacity
		l.slots[i] = slot{int(offset), int(capacity)}
	}
	return l, nil
}

// descriptor returns that of slot i.
func (l *List) descriptor(i int) []byte {
	at := listHeader + descriptor*i
	return l.data[at : at+descriptor]
}

// Len returns the number of slots.
func (l *List) Len() int { return len(l.slots) }

// check says that there is no slot i.
func (l *List) check(i int) error {
	if i < 0 || i >= len(l.slots) {
		return fmt.Errorf("item %d: the list has %d", i, len(l.slots))
	}
	return nil
}

// Get returns the value of slot i. It shares no memory with the list.
func (l *List) Get(i int) (any, error) {
	if err := l.check(i); err != nil {
		return nil, err
	}
	d := l.descriptor(i)
	length, kind := binary.LittleEndian.Uint64(d[lengthOffset:]), binary.LittleEndian.Uint64(d[kindOffset:])
	s := l.slots[i]
	if length > uint64(s.capacity) {
		return nil, fmt.Errorf("item %d: %w: %d bytes in a slot of %d", i, ErrLayout, length, s.capacity)
	}
	b := l.data[s.offset : s.offset+s.capacity] // at least smallestSlot
	switch kind {
	case kindNil:
		return nil, nil
	case kindInt:
		return int64(binary.LittleEndian.Uint64(b)), nil
	case kindFloat:
		return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
	case kindBool:
		return b[0] != 0, nil
	case kindString:
		return string(b[:length]), nil
	case kindBytes:
		return append([]byte{}, b[:length]...), nil
	}
	return nil, fmt.Errorf("item %d: %w: it is of kind %d", i, ErrLayout, kind)
}

// Set puts a value into slot i, of whatever kind, if it fits.
func (l *List) Set(i int, v any) error {
	if err := l.check(i); err != nil {
		return err
	}
	kind, b, err := contents(v)
	if err != nil {
		return fmt.Errorf("item %d: %w", i, err)
	}
	s := l.slots[i]
	if len(b) > s.capacity {
		return fmt.Errorf("item %d: %d bytes in a slot of %d: make the list with a longer item there", i, len(b), s.capacity)
	}
	d := l.descriptor(i)
	copy(l.data[s.offset:], b)
	binary.LittleEndian.PutUint64(d[lengthOffset:], uint64(len(b)))
	binary.LittleEndian.PutUint64(d[kindOffset:], kind)
	return nil
}
