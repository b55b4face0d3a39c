package codec

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
)

type flat struct {
	A int32
	B [3]uint8
	c float64 // not exported, and still travels: the memory is all there is to it
	D complex64
}

type letter struct {
	Name  string
	Tags  []string
	Any   any
	Map   map[string]int
	Next  *letter
	When  time.Time
	Bytes []byte
}

type named []uint16

// trip sends v there and back.
func trip[T any](t *testing.T, v T, want form) {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	if c.form != want {
		t.Errorf("%T has form %c, want %c", v, c.form, want)
	}
	prefix := []byte("prefix")
	msg, err := c.Append(prefix, v)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(msg, prefix) {
		t.Errorf("%T: what was there is gone", v)
	}
	msg = msg[len(prefix):]
	got, err := c.Decode(msg)
	if err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%#v, %v; want %#v", got, err, v)
	}
	for i := range msg {
		msg[i] = 0xee // the value is not to change with the message
	}
	if !reflect.DeepEqual(got, v) {
		t.Errorf("%T shares memory with its message", v)
	}
}

func TestEveryFormComesBack(t *testing.T) {
	trip(t, 7, memory)
	trip(t, true, memory)
	trip(t, math.Inf(-1), memory)
	trip(t, flat{1, [3]uint8{2, 3, 4}, 5.5, 6i}, memory)
	trip(t, [2][2]int8{{1, 2}, {3, 4}}, memory)
	trip(t, struct{}{}, memory)
	trip(t, time.Duration(5), memory)
	trip(t, "text\xff", memories)
	trip(t, "", memories)
	trip(t, []byte{1, 2, 3}, memories)
	trip(t, []byte(nil), memories)
	trip(t, []flat{{A: 1}, {A: 2}}, memories)
	trip(t, named{1, 65535}, memories)
	trip(t, []string{"a", "", "c\xff"}, document)
	trip(t, map[string][]int{"a": {1}, "b": {}}, document)
	trip(t, new(7), document)
	trip(t, (*int)(nil), document)
	trip(t, []struct{}{{}, {}}, document)
	trip(t, []any{int64(1), "two", nil, 2.5, true, []byte{3}}, document)
	trip(t, map[int]map[string]bool{1: {"x": true}}, document)
	trip(t, letter{"n", []string{"a"}, int64(-1), map[string]int{"k": 1}, &letter{Name: "next"},
		time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), []byte{1}}, document)
	trip(t, time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), document)
}

// A view of a slice of fixed-size values lies in the message, if it can, and is the
// value in any case.
func TestViews(t *testing.T) {
	type words []uint64
	view[[]byte](t, []byte("some bytes"), 0, true)
	view[[]byte](t, []byte("some bytes"), 3, true)
	view[words](t, words{1, 2, 3}, 0, true)
	view[words](t, words{1, 2, 3}, 4, false)
	view[[]bool](t, []bool{true, false}, 1, true)
	view[[]int32](t, nil, 0, false)
	view[string](t, "text", 0, false) // which may be kept
	view[int](t, 7, 0, false)
	view[[]string](t, []string{"a", "b"}, 0, false)

	c, err := For[[]bool]()
	if err != nil {
		t.Fatal(err)
	}
	msg, err := c.Append(nil, []bool{true})
	if err != nil {
		t.Fatal(err)
	}
	msg[headerSize] = 2
	if _, err := c.View(msg); !errors.Is(err, ErrMessage) {
		t.Errorf("of a bool that is neither: %v", err)
	}
	if _, err := c.View(msg[:headerSize-1]); !errors.Is(err, ErrMessage) {
		t.Errorf("of half a header: %v", err)
	}
}

// view asks for a view of the message of v, which begins that many bytes after a
// multiple of eight.
func view[T any](t *testing.T, v T, off int, inPlace bool) {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	msg, err := c.Append(make([]byte, off, 100), v)
	if err != nil {
		t.Fatal(err)
	}
	msg = msg[off:]
	got, err := c.View(msg)
	if err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("%v came back as %v, %v", v, got, err)
	}
	clear(msg[headerSize:])
	if reflect.DeepEqual(got, v) == inPlace {
		t.Errorf("%T %d bytes off, in place: %t", v, off, !inPlace)
	}
}

func TestNaNKeepsItsBits(t *testing.T) {
	bits := uint64(0x7ff8_0000_dead_beef)
	c, err := For[map[string]float64]()
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(encoded(t, map[string]float64{"a": math.Float64frombits(bits)}))
	if err != nil || math.Float64bits(got["a"]) != bits {
		t.Errorf("%x, %v", math.Float64bits(got["a"]), err)
	}
}

func TestWhatCannotArriveWholeIsRefused(t *testing.T) {
	refused := map[string]error{}
	add := func(name string, err error) { refused[name] = err }
	_, err := For[chan int]()
	add("a channel", err)
	_, err = For[func()]()
	add("a function", err)
	_, err = For[struct {
		Name string
		lost int
	}]()
	add("an unexported field beside text", err)
	_, err = For[[]struct {
		A []int
		b map[string]int
	}]()
	add("an unexported field below a slice", err)
	_, err = For[map[string]struct{ f *int }]()
	add("an unexported field below a map", err)
	_, err = For[*struct{ C chan int }]()
	add("a channel in a struct", err)
	_, err = For[[]complex128]()
	if err != nil {
		t.Errorf("complex numbers as memory: %v", err)
	}
	_, err = For[map[string]complex128]()
	add("a complex number in a document", err)
	_, err = For[error]()
	add("an error", err)
	_, err = For[struct {
		R interface{ Read([]byte) (int, error) }
	}]()
	add("an interface with methods", err)
	for name, err := range refused {
		if err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
	if _, err := For[chan int](); err == nil {
		t.Error("a channel is not refused the second time")
	}
	c, err := For[any]()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Append(nil, make(chan int)); err == nil {
		t.Error("a channel in an interface was encoded")
	}
}

// unfit is an error of the message.
func unfit[T any](t *testing.T, what string, msg []byte) {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(msg)
	if !errors.Is(err, ErrMessage) {
		t.Errorf("%s: %v, %v; want an unfit message", what, got, err)
	}
	var none T
	if !reflect.DeepEqual(got, none) {
		t.Errorf("%s: %v of half a message", what, got)
	}
}

func encoded[T any](t testing.TB, v T) []byte {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	b, err := c.Append(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUnfitMessages(t *testing.T) {
	type one struct{ A, B int32 }
	type other struct{ B, A int32 }
	type sized struct{ A, B int64 }
	unfit[int](t, "text for a number", encoded(t, "text"))
	unfit[string](t, "bytes for text", encoded(t, []byte("text")))
	unfit[uint](t, "an int for a uint", encoded(t, 7))
	unfit[time.Duration](t, "a plain number for a named one", encoded(t, int64(7)))
	unfit[other](t, "fields in another order", encoded(t, one{1, 2}))
	unfit[sized](t, "fields of another size", encoded(t, one{1, 2}))
	unfit[map[string]int](t, "a map of other elements", encoded(t, map[string]string{"a": "b"}))
	unfit[letter](t, "a pointer for a struct", encoded(t, &letter{}))

	version := encoded(t, 7)
	version[0]++
	unfit[int](t, "another version", version)
	form := encoded(t, 7)
	form[1] = byte(document)
	unfit[int](t, "another form", form)
	build := encoded(t, 7)
	build[headerSize-1] ^= 1
	unfit[int](t, "another build", build)
	if c, _ := For[int](); c != nil {
		if _, err := c.Decode(version); err == nil || !strings.Contains(err.Error(), "version 2") {
			t.Errorf("another version: %v", err)
		}
	}

	unfit[int](t, "one byte too many", append(encoded(t, 7), 0))
	unfit[[3]int16](t, "one byte too many", append(encoded(t, [3]int16{1, 2, 3}), 0))
	unfit[[]int32](t, "half an element", append(encoded(t, []int32{1}), 0))
	full := encoded(t, letter{Name: "n", Tags: []string{"a"}, When: time.Unix(1, 0).UTC()})
	for n := range full {
		unfit[letter](t, "cut short", full[:n])
	}
	unfit[letter](t, "something behind it", append(full, 0))
	for n := range headerSize + 8 {
		unfit[int](t, "cut short", encoded(t, 7)[:n])
	}
	for n := range headerSize {
		unfit[string](t, "cut short", encoded(t, "text")[:n])
	}
}

// withBody gives a message for a T with that body.
func withBody[T any](t testing.TB, body ...byte) []byte {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	return append(c.header[:], body...)
}

// A message of a few bytes that claims to hold a lot takes no memory for it.
func TestClaimsTakeNoMemory(t *testing.T) {
	count := func(major byte, n uint64) []byte { return binary.BigEndian.AppendUint64([]byte{major<<5 | 27}, n) }
	nested := bytes.Repeat([]byte{0x81}, 100_000)
	var cases []func() (any, error)
	for _, n := range []uint64{1 << 20, 1<<31 - 1, 1 << 40, 1<<63 - 1, 1<<64 - 1} {
		for major := byte(2); major <= 5; major++ { // bytes, text, array, map
			cases = append(cases,
				func() (any, error) { return decodeBody[[]string](t, count(major, n)) },
				func() (any, error) { return decodeBody[any](t, count(major, n)) },
				func() (any, error) { return decodeBody[map[string]int](t, count(major, n)) },
				func() (any, error) {
					return decodeBody[letter](t, append([]byte{0xa1, 0x64, 'T', 'a', 'g', 's'}, count(major, n)...))
				})
		}
	}
	cases = append(cases, func() (any, error) { return decodeBody[any](t, nested) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i, decode := range cases {
		if v, err := decode(); !errors.Is(err, ErrMessage) {
			t.Errorf("case %d: %v, %v", i, v, err)
		}
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 4<<20 {
		t.Errorf("%d messages of a few bytes took %d bytes", len(cases), took)
	}
}

func decodeBody[T any](t testing.TB, body []byte) (any, error) {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Decode(withBody[T](t, body...))
	return v, err
}

// What a message holds twice, or has no place for, is no silent loss.
func TestNothingIsDropped(t *testing.T) {
	unfit[map[string]int](t, "a key twice", withBody[map[string]int](t, 0xa2, 0x61, 'a', 1, 0x61, 'a', 2))
	unfit[letter](t, "a field that it has not", withBody[letter](t, 0xa1, 0x63, 'X', 'y', 'z', 1))
	unfit[map[string]int8](t, "a number that does not fit", withBody[map[string]int8](t, 0xa1, 0x61, 'a', 0x19, 1, 0))
}

func TestFlatness(t *testing.T) {
	for _, test := range []struct {
		v    any
		want bool
	}{
		{1, true}, {flat{}, true}, {[0]string{}, true}, {struct{}{}, true}, {uintptr(1), true}, {"s", false}, {[]int{}, false},
		{new(int), false}, {[1]string{}, false}, {struct{ P *int }{}, false}, {map[int]int{}, false}, {time.Time{}, false},
		{[2]time.Time{}, false}, {struct{ T time.Time }{}, false}, {func() {}, false}, {make(chan int), false},
	} {
		if got := Flat(reflect.TypeOf(test.v)); got != test.want {
			t.Errorf("Flat(%T) = %v", test.v, got)
		}
	}
}

// holder is bound to files in one of its values.
type holder struct{ Files []boundOne }

type boundOne struct{ N int }

func (boundOne) BoundToFiles() {}

func TestBoundTypesAreFound(t *testing.T) {
	isBound := func(c interface{ bound() bool }, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		return c.bound()
	}
	for name, got := range map[string][2]bool{
		"a list of them": {isBound(asBound[holder]()), true},
		"a map to them":  {isBound(asBound[map[string]*boundOne]()), true},
		"an interface":   {isBound(asBound[any]()), false},
		"text":           {isBound(asBound[[]string]()), false},
		"a cycle":        {isBound(asBound[*cycle]()), false},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: bound %v", name, got[0])
		}
	}
}

type cycle struct {
	Name string
	Next *cycle
}

type boundness bool

func (b boundness) bound() bool { return bool(b) }

func asBound[T any]() (boundness, error) {
	c, err := For[T]()
	if err != nil {
		return false, err
	}
	return boundness(c.bound), nil
}

func FuzzDecode(f *testing.F) {
	f.Add(encoded(f, letter{Name: "n", Tags: []string{"a"}, Any: []any{1, "x"}, Map: map[string]int{"k": 1}, Next: &letter{}}))
	f.Add(encoded(f, flat{A: 1}))
	f.Add(encoded(f, []flat{{A: 1}, {A: 2}}))
	f.Add(encoded(f, "text"))
	f.Add(encoded[any](f, map[string]any{"a": []any{1.5, nil}}))
	f.Add(encoded(f, []cargo{{}}))
	f.Add(encoded(f, []flags{{On: true}}))
	f.Fuzz(func(t *testing.T, msg []byte) {
		again[letter](t, msg)
		again[flat](t, msg)
		again[[]flat](t, msg)
		again[string](t, msg)
		again[any](t, msg)
		again[[]cargo](t, msg)
		again[[]flags](t, msg)
		// Whatever the header says, the body is read by each of them.
		if len(msg) > headerSize {
			body := msg[headerSize:]
			again[letter](t, withBody[letter](t, body...))
			again[[]flat](t, withBody[[]flat](t, body...))
			again[any](t, withBody[any](t, body...))
			again[map[string]int](t, withBody[map[string]int](t, body...))
			again[[]cargo](t, withBody[[]cargo](t, body...))
			again[flags](t, withBody[flags](t, body...))
		}
	})
}

// again decodes a message; if it is fit, so is its value encoded again.
func again[T any](t *testing.T, msg []byte) {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	v, err := c.Decode(msg)
	if err != nil {
		if !errors.Is(err, ErrMessage) {
			t.Fatalf("error %v is not of the message", err)
		}
		return
	}
	b, err := c.Append(nil, v)
	if err != nil && strings.Contains(err.Error(), "year outside of range") {
		return // CBOR counts seconds beyond the years that RFC 3339 can write
	}
	if err != nil {
		t.Fatalf("%#v was decoded and cannot be encoded: %v", v, err)
	}
	if _, err := c.Decode(b); err != nil {
		t.Fatalf("%#v was encoded and cannot be decoded: %v", v, err)
	}
}
