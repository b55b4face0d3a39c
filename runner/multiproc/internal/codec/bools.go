package codec

import (
	"encoding/binary"
	"reflect"
)

// bools are bytes of a value's memory that are 0 or 1: Go code does not expect
// any others there. They are n places, so many bytes apart, each of which is a
// bool, or has others in it.
type bools struct {
	at, apart, n int
	in           []bools
}

// boolsOf says where in the memory of values of t, a flat type, bools are.
func boolsOf(t reflect.Type) []bools {
	switch t.Kind() {
	case reflect.Bool:
		return []bools{{n: 1, apart: 1}}
	case reflect.Array:
		return manyBools(boolsOf(t.Elem()), int(t.Elem().Size()), t.Len())
	case reflect.Struct:
		var all []bools
		for f := range t.Fields() {
			if in := boolsOf(f.Type); in != nil {
				all = append(all, bools{at: int(f.Offset), apart: 1, n: 1, in: in})
			}
		}
		return all
	}
	return nil
}

// manyBools are those of n values of that size, one after another, with bools
// in each.
func manyBools(in []bools, size, n int) []bools {
	switch {
	case in == nil || n == 0:
		return nil
	case size == 1:
		return []bools{{n: n, apart: 1}} // a byte with a bool in it is one
	}
	return []bools{{n: n, apart: size, in: in}}
}

// sound tells whether all bools in memory are.
func sound(all []bools, memory []byte) bool {
	for _, b := range all {
		if b.in == nil {
			if !allBits(memory[b.at : b.at+b.n]) {
				return false
			}
			continue
		}
		for i := range b.n {
			if !sound(b.in, memory[b.at+i*b.apart:]) {
				return false
			}
		}
	}
	return true
}

// allBits tells whether all bytes are 0 or 1. It looks at eight at a time.
func allBits(b []byte) bool {
	var all uint64
	for ; len(b) >= 8; b = b[8:] {
		all |= binary.NativeEndian.Uint64(b)
	}
	for _, x := range b {
		all |= uint64(x)
	}
	return all&^0x0101010101010101 == 0
}
