package codec

import (
	"encoding"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"reflect"
	"strconv"

	"github.com/fxamacker/cbor/v2"
)

// Flat tells whether values of t have a fixed size and no pointers, so that
// their memory is all there is to them.
func Flat(t reflect.Type) bool {
	if encodesItself(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return t.Len() == 0 || Flat(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if !Flat(f.Type) {
				return false
			}
		}
		return true
	}
	return false
}

var itself = []reflect.Type{
	reflect.TypeFor[cbor.Marshaler](),
	reflect.TypeFor[encoding.BinaryMarshaler](),
}

// encodesItself tells whether t has methods for encoding.
func encodesItself(t reflect.Type) bool {
	for _, m := range itself {
		if t.Implements(m) || t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(m) {
			return true
		}
	}
	return false
}

// Bound is implemented by types whose values are bound to open files, and
// encode as places in what travels beside the message.
type Bound interface{ BoundToFiles() }

var boundType = reflect.TypeFor[Bound]()

// bound tells whether values of t may hold some that are [Bound]: where there
// is an interface, nobody can tell that they do not.
func bound(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Implements(boundType) || t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(boundType) {
		return true
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return bound(t.Elem(), seen)
	case reflect.Map:
		return bound(t.Key(), seen) || bound(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if bound(f.Type, seen) {
				return true
			}
		}
	}
	return false
}

// portable says why values of t would not arrive whole as CBOR.
func portable(t reflect.Type) error { return walk(t, map[reflect.Type]bool{}) }

func walk(t reflect.Type, seen map[reflect.Type]bool) error {
	if seen[t] || encodesItself(t) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return fmt.Errorf("a %s means nothing there", t)
	case reflect.Complex64, reflect.Complex128:
		return fmt.Errorf("%s has no form in CBOR: send its two parts", t)
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("the receiver cannot know what type is in the interface %s", t)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return walk(t.Elem(), seen)
	case reflect.Map:
		return errors.Join(walk(t.Key(), seen), walk(t.Elem(), seen))
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() && !f.Anonymous {
				return fmt.Errorf("field %s of %s is not exported and would be lost", f.Name, t)
			}
			if err := walk(f.Type, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// fingerprint is 48 bits that differ between types which are written
// differently: by name, kind, size and place of all their parts.
func fingerprint(t reflect.Type) uint64 {
	h := fnv.New64a()
	describe(h, t, map[reflect.Type]bool{})
	sum := h.Sum64()
	return sum>>48 ^ sum<<16>>16
}

// describe writes what fingerprint takes in.
func describe(w io.Writer, t reflect.Type, seen map[reflect.Type]bool) {
	// The name comes without its package's path, which in a command is always
	// "main", and in a test "main.test".
	_, _ = io.WriteString(w, t.Kind().String()+" "+t.Name()+" "+strconv.Itoa(int(t.Size()))+";")
	if seen[t] || encodesItself(t) {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		describe(w, t.Elem(), seen)
	case reflect.Map:
		describe(w, t.Key(), seen)
		describe(w, t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			_, _ = io.WriteString(w, f.Name+"@"+strconv.Itoa(int(f.Offset))+string(f.Tag)+":")
			describe(w, f.Type, seen)
		}
	}
}
