package codec

import (
	"encoding"
	"encoding/binary"
	"hash/fnv"
	"io"
	"math/big"
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

// A pair is a method by which a type encodes itself, and the one that undoes it.
type pair struct {
	encode, decode string
	to, from       reflect.Type
	find           func(t reflect.Type) (reflect.Method, bool) // the method encode
}

// pairs are the methods that count, the first one that a type has. They are
// looked up by names written down, because for others the linker would keep the
// methods of all types in the program.
var pairs = []pair{
	{"MarshalCBOR", "UnmarshalCBOR", reflect.TypeFor[cbor.Marshaler](), reflect.TypeFor[cbor.Unmarshaler](),
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("MarshalCBOR") }},
	{"MarshalBinary", "UnmarshalBinary", reflect.TypeFor[encoding.BinaryMarshaler](), reflect.TypeFor[encoding.BinaryUnmarshaler](),
		func(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("MarshalBinary") }},
}

// methodsOf returns the methods by which t encodes itself, if it does.
func methodsOf(t reflect.Type) (pair, bool) {
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		for _, m := range pairs {
			if reflect.PointerTo(t).Implements(m.to) {
				return m, true
			}
		}
	}
	return pair{}, false
}

// encodesItself tells whether t has methods for encoding.
func encodesItself(t reflect.Type) bool {
	_, ok := methodsOf(t)
	return ok
}

// isLeaf tells whether CBOR has a form of its own for values of t.
func isLeaf(t reflect.Type) bool { return t == reflect.TypeFor[big.Int]() }

// Bound is implemented by types whose values are bound to open files, and
// encode as places in what travels beside the message.
type Bound interface{ BoundToFiles() }

var boundType = reflect.TypeFor[Bound]()

// bound tells whether values of t may hold some that are [Bound]. Those in
// interfaces, which would not arrive as what they are, cannot be sent.
func bound(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Implements(boundType) || t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(boundType) {
		return true
	}
	switch t.Kind() {
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

// fingerprint is 48 bits that differ between types which are written
// differently: by name, kind, size and place of all their parts, and by the
// machine whose memory they are of.
func fingerprint(t reflect.Type, machine string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, machine)
	describe(h, t, map[reflect.Type]bool{})
	sum := h.Sum64()
	return sum>>48 ^ sum<<16>>16
}

// machine is what memory looks like here: the order of bytes, and the size of a
// word.
var machine = strconv.Itoa(int(binary.NativeEndian.Uint16([]byte{1, 2}))) + " " + strconv.Itoa(strconv.IntSize) + "\n"

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
