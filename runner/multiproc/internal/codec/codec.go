// Package codec turns values into messages and back.
//
// A message begins with a header that says how the rest was written and for
// which type, so that one which is of another version, of another build or for
// another type is an error and never a wrong value. What follows the header is
// the memory of the value where its type has a fixed size and no pointers, the
// bytes of a byte slice or string, and otherwise CBOR (RFC 8949). No message
// holds code or names a type to make: the receiver says what it expects.
package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/fxamacker/cbor/v2"
)

// version is that of the header and of what follows it.
const version = 1

// headerSize is the size of the header in bytes: version, form, and six bytes
// of the type's fingerprint.
const headerSize = 8

// A form says how a value was written.
type form byte

const (
	memory   form = 'm' // the bytes of a value of fixed size
	memories form = 's' // those of the elements of a slice, one after another
	document form = 'c' // CBOR
)

// ErrMessage is wrapped by all errors about a message that cannot be decoded.
var ErrMessage = errors.New("unfit message")

// A Codec encodes and decodes values of type T.
type Codec[T any] struct {
	Bound bool // values may hold some that are [Bound] to files

	form   form
	header [headerSize]byte
	size   int // of T, or of the elements of the slice T, in memory
}

var (
	enc = must(cbor.EncOptions{
		Time:       cbor.TimeRFC3339Nano,
		OmitEmpty:  cbor.OmitEmptyGoValue,
		String:     cbor.StringToTextString,
		NaNConvert: cbor.NaNConvertNone,
		InfConvert: cbor.InfConvertNone,
	}.EncMode())

	// A document is checked to be complete before any memory is taken for
	// what it claims to hold, so that counts need no lower limit of their own.
	dec = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		IntDec:            cbor.IntDecConvertSignedOrFail,
		DefaultMapType:    reflect.TypeFor[map[string]any](),
		UTF8:              cbor.UTF8DecodeInvalid, // a Go string may hold any bytes
		MaxNestedLevels:   1000,
		MaxArrayElements:  1<<31 - 1,
		MaxMapPairs:       1<<31 - 1,
		TagsMd:            cbor.TagsAllowed,
	}.DecMode())
)

// must is for options that are written down above.
func must[M any](m M, err error) M {
	if err != nil {
		panic(err)
	}
	return m
}

// cache holds what is known of types: an error, or a Codec.
var cache sync.Map // of reflect.Type

// For returns the codec of T. Values that only make sense inside one process,
// such as channels and functions, have none, and neither have structs with
// unexported fields, which would not arrive; except where the memory of the
// value is all there is to it, or the type has methods of its own for encoding.
func For[T any]() (*Codec[T], error) {
	t := reflect.TypeFor[T]()
	if c, ok := cache.Load(t); ok {
		if err, ok := c.(error); ok {
			return nil, err
		}
		return c.(*Codec[T]), nil
	}
	c, err := newCodec[T](t)
	if err != nil {
		cache.Store(t, err)
		return nil, err
	}
	cache.Store(t, c)
	return c, nil
}

func newCodec[T any](t reflect.Type) (*Codec[T], error) {
	c := &Codec[T]{form: document}
	switch {
	case Flat(t):
		c.form, c.size = memory, int(t.Size())
	case t.Kind() == reflect.String:
		c.form, c.size = memories, 1
	case t.Kind() == reflect.Slice && Flat(t.Elem()) && t.Elem().Size() > 0 && !encodesItself(t):
		c.form, c.size = memories, int(t.Elem().Size())
	default:
		if err := portable(t); err != nil {
			return nil, fmt.Errorf("%s cannot be sent to another process: %w", t, err)
		}
		c.Bound = bound(t, map[reflect.Type]bool{})
	}
	binary.LittleEndian.PutUint64(c.header[:], fingerprint(t)<<16)
	c.header[0], c.header[1] = version, byte(c.form)
	return c, nil
}

// Append appends v as a message to dst.
func (c *Codec[T]) Append(dst []byte, v T) ([]byte, error) {
	dst = append(dst, c.header[:]...)
	switch c.form {
	case memory:
		return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size)...), nil
	case memories:
		s := (*slice)(unsafe.Pointer(&v)) // the first two words of a slice are a string
		if s.len == 0 {
			return dst, nil
		}
		return append(dst, unsafe.Slice((*byte)(s.data), s.len*c.size)...), nil
	}
	b, err := enc.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return append(dst, b...), nil
}

// slice is what a slice and a string have in front.
type slice struct {
	data unsafe.Pointer
	len  int
}

// Decode decodes a message. The value shares no memory with it.
func (c *Codec[T]) Decode(msg []byte) (v T, err error) {
	if err := c.check(msg); err != nil {
		return v, fmt.Errorf("%w for a %s: %w", ErrMessage, reflect.TypeFor[T](), err)
	}
	body := msg[headerSize:]
	switch c.form {
	case memory:
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size), body)
		return v, nil
	case memories:
		decodeSlice(&v, body, c.size)
		return v, nil
	}
	if err := dec.Unmarshal(body, &v); err != nil {
		var none T // not half a value
		return none, fmt.Errorf("%w for a %s: %w", ErrMessage, reflect.TypeFor[T](), err)
	}
	return v, nil
}

// decodeSlice makes *v, a string or a slice of flat elements, from their
// memory.
func decodeSlice[T any](v *T, body []byte, size int) {
	if len(body) == 0 {
		return
	}
	r := reflect.ValueOf(v).Elem()
	if r.Kind() == reflect.String {
		r.SetString(string(body))
		return
	}
	n := len(body) / size
	r.Set(reflect.MakeSlice(r.Type(), n, n))
	copy(unsafe.Slice((*byte)(r.UnsafePointer()), len(body)), body)
}

// check says what is wrong with the header or the size of a message.
func (c *Codec[T]) check(msg []byte) error {
	switch {
	case len(msg) < headerSize:
		return fmt.Errorf("%d bytes are less than its header", len(msg))
	case msg[0] != version:
		return fmt.Errorf("it is of version %d, and this build reads %d", msg[0], version)
	case [headerSize]byte(msg) != c.header:
		return errors.New("it is of another type, or comes from a build in which the type differs")
	case c.form == memory && len(msg)-headerSize != c.size:
		return fmt.Errorf("%d bytes, want %d", len(msg)-headerSize, c.size)
	case c.form == memories && (len(msg)-headerSize)%c.size != 0:
		return fmt.Errorf("%d bytes are no whole number of elements of %d", len(msg)-headerSize, c.size)
	}
	return nil
}
