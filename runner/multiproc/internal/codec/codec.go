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
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
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
	form   form
	header [headerSize]byte
	size   int     // of T, or of the elements of the slice T, in memory
	bools  []bools // in that memory
	plan   *plan   // of documents
	bound  bool    // values may hold some that are [Bound] to files
}

// writing and reading are made when they are first used: a process pays at its
// start for all that its packages make, and many send no documents.
var writing = sync.OnceValue(func() cbor.EncMode {
	return must(cbor.EncOptions{
		Time:       cbor.TimeRFC3339Nano,
		TimeTag:    cbor.EncTagRequired, // so that an interface receives a time
		OmitEmpty:  cbor.OmitEmptyGoValue,
		String:     cbor.StringToTextString,
		NaNConvert: cbor.NaNConvertNone,
		InfConvert: cbor.InfConvertNone,
	}.EncMode())
})

// A document is checked to be complete before any memory is taken for what it
// claims to hold, so that counts need no lower limit of their own.
var reading = sync.OnceValue(func() cbor.DecMode {
	return must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		IntDec:            cbor.IntDecConvertSignedOrBigInt,
		DefaultMapType:    reflect.TypeFor[map[string]any](),
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
		UTF8:              cbor.UTF8DecodeInvalid, // a Go string may hold any bytes
		MaxNestedLevels:   maxNesting,
		MaxArrayElements:  1<<31 - 1,
		MaxMapPairs:       1<<31 - 1,
		TagsMd:            cbor.TagsAllowed,
	}.DecMode())
})

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
// such as channels and functions, have none, and neither have structs of which
// a part would not arrive, such as an unexported field; except where the memory
// of the value is all there is to it, or the type has methods of its own for
// encoding.
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

// A Lazy finds the codec of T when it is needed first, and then has it at hand.
type Lazy[T any] struct{ found atomic.Pointer[Codec[T]] }

// Get is [For].
func (l *Lazy[T]) Get() (*Codec[T], error) {
	if c := l.found.Load(); c != nil {
		return c, nil
	}
	c, err := For[T]()
	if err == nil {
		l.found.Store(c)
	}
	return c, err
}

func newCodec[T any](t reflect.Type) (*Codec[T], error) {
	c := &Codec[T]{form: document}
	switch {
	case Flat(t):
		c.form, c.size, c.bools = memory, int(t.Size()), boolsOf(t)
	case t.Kind() == reflect.String && !encodesItself(t):
		c.form, c.size = memories, 1
	case t.Kind() == reflect.Slice && Flat(t.Elem()) && t.Elem().Size() > 0 && !encodesItself(t):
		c.form, c.size, c.bools = memories, int(t.Elem().Size()), boolsOf(t.Elem())
	default:
		if err := Portable(t); err != nil {
			return nil, fmt.Errorf("%s cannot be sent to another process: %w", t, err)
		}
		c.plan, c.bound = planFor(t), bound(t, map[reflect.Type]bool{})
	}
	binary.LittleEndian.PutUint64(c.header[:], fingerprint(t, machine)<<16)
	c.header[0], c.header[1] = version, byte(c.form)
	return c, nil
}

func (c *Codec[T]) name() string { return reflect.TypeFor[T]().String() }

// Size returns the size in bytes of the message of *v, if that is known before it is
// made: then nothing keeps it from being made.
func (c *Codec[T]) Size(v *T) (n int, ok bool) {
	switch c.form {
	case memory:
		return headerSize + c.size, true
	case memories:
		return headerSize + (*slice)(unsafe.Pointer(v)).len*c.size, true
	}
	return 0, false
}

// Append appends v as a message to dst. A value that is bound to files is an
// error. So is the panic of a method by which a value encodes itself.
func (c *Codec[T]) Append(dst []byte, v T) ([]byte, error) {
	switch {
	case c.bound:
		return c.appendBound(dst, v)
	case c.form == document:
		return c.appendDocument(dst, v)
	}
	dst = append(dst, c.header[:]...)
	if c.form == memory {
		return append(dst, unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size)...), nil
	}
	s := (*slice)(unsafe.Pointer(&v)) // the first two words of a slice are a string
	if s.len == 0 {
		return dst, nil
	}
	return append(dst, unsafe.Slice((*byte)(s.data), s.len*c.size)...), nil
}

// appendDocument appends a message in CBOR.
func (c *Codec[T]) appendDocument(dst []byte, v T) (b []byte, err error) {
	defer func() {
		if err != nil {
			b, err = nil, fmt.Errorf("encode %s: %w", c.name(), err)
		}
	}()
	defer Recover(&err)
	if c.plan != nil {
		if err := c.plan.check(reflect.ValueOf(&v).Elem(), maxNesting, maxHops); err != nil {
			return nil, err
		}
	}
	b, err = writing().Marshal(&v)
	if err != nil {
		return nil, err
	}
	return append(append(dst, c.header[:]...), b...), nil
}

// Recover turns the panic of a method by which a value encodes or decodes itself
// into an error. It is to be deferred.
func Recover(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("panic: %v", p)
	}
}

// slice is what a slice and a string have in front.
type slice struct {
	data unsafe.Pointer
	len  int
}

// Decode decodes a message. The value shares no memory with it. The panic of a
// method by which a value decodes itself is an error of the message.
func (c *Codec[T]) Decode(msg []byte) (T, error) {
	if c.form != memory {
		return c.decodeLong(msg)
	}
	var v T // which does not leave this function, so that it takes no memory
	if err := c.check(msg); err != nil {
		return v, c.unfit(err)
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size), msg[headerSize:])
	return v, nil
}

// View is Decode that leaves the elements of a slice where they are in the message,
// if their type has a fixed size and they lie as they have to: the value is good as
// long as the message is, and must not be changed.
func (c *Codec[T]) View(msg []byte) (v T, err error) {
	if c.form != memories || len(msg) <= headerSize {
		return c.Decode(msg)
	}
	t := reflect.TypeFor[T]()
	body := msg[headerSize:]
	first := unsafe.Pointer(unsafe.SliceData(body))
	if t.Kind() != reflect.Slice || uintptr(first)%uintptr(t.Elem().Align()) != 0 {
		return c.Decode(msg)
	}
	if err := c.check(msg); err != nil {
		return v, c.unfit(err)
	}
	n := len(body) / c.size
	reflect.NewAt(t, unsafe.Pointer(&v)).Elem().Set(reflect.SliceAt(t.Elem(), first, n).Convert(t))
	return v, nil
}

// decodeLong decodes a message of any size.
func (c *Codec[T]) decodeLong(msg []byte) (v T, err error) {
	if c.bound {
		v, _, err = c.DecodeFiles(msg, nil)
		return v, err
	}
	if err := c.check(msg); err != nil {
		return v, c.unfit(err)
	}
	if c.form == memories {
		decodeSlice(&v, msg[headerSize:], c.size)
		return v, nil
	}
	return c.decodeDocument(msg[headerSize:])
}

// unfit is the error of a message.
func (c *Codec[T]) unfit(err error) error {
	return fmt.Errorf("%w for a %s: %w", ErrMessage, c.name(), err)
}

// decodeDocument decodes CBOR.
func (c *Codec[T]) decodeDocument(body []byte) (v T, err error) {
	defer func() {
		if err != nil {
			var none T // not half a value
			v, err = none, c.unfit(err)
		}
	}()
	defer Recover(&err)
	err = reading().Unmarshal(body, &v)
	return v, err
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
	if r.Type().Elem().Kind() == reflect.Uint8 { // without zeroes first
		r.SetBytes(bytes.Clone(body))
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
		return errors.New("it is of another type, or comes from a build or a machine in which the type differs")
	case c.form == memory && len(msg)-headerSize != c.size:
		return fmt.Errorf("%d bytes, want %d", len(msg)-headerSize, c.size)
	case c.form == memories && (len(msg)-headerSize)%c.size != 0:
		return fmt.Errorf("%d bytes are no whole number of elements of %d", len(msg)-headerSize, c.size)
	case c.bools != nil && !sound(c.boolsIn(msg[headerSize:]), msg[headerSize:]):
		return errors.New("a bool in it is neither true nor false")
	}
	return nil
}

// boolsIn says where in the body of a message bools are.
func (c *Codec[T]) boolsIn(body []byte) []bools {
	if c.form == memory {
		return c.bools
	}
	return manyBools(c.bools, c.size, len(body)/c.size)
}
