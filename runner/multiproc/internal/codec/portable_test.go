package codec

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"
)

// plain encodes itself, by methods that the compiler puts in the place of a
// call.
type plain struct{ n byte }

func (p plain) MarshalBinary() ([]byte, error)     { return []byte{p.n}, nil }
func (p *plain) UnmarshalBinary(data []byte) error { p.n = data[0]; return nil }

// stamped has methods of its own, which hide those of the embedded field.
type stamped struct {
	time.Time
	Note string
}

func (s stamped) MarshalBinary() ([]byte, error) {
	b, err := s.Time.MarshalBinary()
	return append(append([]byte{byte(len(b))}, b...), s.Note...), err
}

func (s *stamped) UnmarshalBinary(data []byte) error {
	n := 1 + int(data[0])
	s.Note = string(data[n:])
	return s.Time.UnmarshalBinary(data[1:n])
}

// labelled is like stamped, with methods of the pointer.
type labelled[T any] struct {
	plain
	Label T
	text  string
}

func (l *labelled[T]) MarshalBinary() ([]byte, error) { return append([]byte{l.n}, l.text...), nil }
func (l *labelled[T]) UnmarshalBinary(data []byte) error {
	l.n, l.text = data[0], string(data[1:])
	return nil
}

// oneWay encodes itself and cannot be decoded.
type oneWay []string

func (oneWay) MarshalBinary() ([]byte, error) { return nil, nil }

// partly has a field that would stay behind where it is embedded.
type partly struct {
	B    []int
	kept []int
}

var _ = partly{kept: nil}

type (
	whole   int
	inner   struct{ X []int }
	Base    struct{ Name []string }
	onePart struct{ time.Time }
	renamed struct {
		Hidden *int `cbor:"-"`
		_      struct{}
		A      []int  `json:"a,omitempty"`
		B      string `json:"-" cbor:"b"`
		lost   func() `cbor:"-"`
	}
	numbered struct {
		A []int `cbor:"1,keyasint"`
		B int   `cbor:"2,keyasint"`
	}
	stampedDeep struct {
		onePart
		Note []string
	}
	Plain = plain
	two   struct { // which has neither method, and the fields of both
		Plain
		stamped
	}
	Endless struct {
		Names []string
		*Endless
	}
)

// Each of these would lose something on the way, or not arrive at all.
func TestWhatWouldBeLostIsRefused(t *testing.T) {
	for _, test := range []struct {
		v    any
		want string
	}{
		{struct {
			whole
			S []int
		}{}, "field whole of"},
		{struct {
			*inner
			Y []int
		}{}, "field inner of"},
		{struct{ partly }{}, "field kept of codec.partly"},
		{struct {
			A string
			B []int `json:"-"`
		}{}, "field B of"},
		{struct {
			A []int `cbor:"x"`
			B []int `json:"x"`
		}{}, "field A of"},
		{struct {
			A []int `cbor:"1,keyasint"`
			B []int `cbor:"01,keyasint"`
		}{}, "field A of"},
		{struct {
			Base
			Name []string
		}{}, "field Name of codec.Base"},
		{Endless{}, "embedded in itself"},
		{struct {
			time.Time
			Note []string
		}{}, "field Note of"},
		{struct {
			plain
			Note []string
		}{}, "field Note of"},
		{struct {
			*plain
			Note []string
		}{}, "nil"},
		{stampedDeep{}, "field Note of codec.stampedDeep"},
		{struct{ *time.Time }{}, "embedded *time.Time"},
		{two{}, "field n of codec.plain"},
		{oneWay{}, "UnmarshalBinary"},
		{struct {
			M interface{ MarshalBinary() ([]byte, error) }
		}{}, "interface"},
		{map[string]struct{ c chan int }{}, "field c of"},
	} {
		typ := reflect.TypeOf(test.v)
		for _, typ := range []reflect.Type{typ, reflect.PointerTo(typ), reflect.SliceOf(typ)} {
			if err := Portable(typ); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v, want an error with %q", typ, err, test.want)
			}
		}
	}
}

func TestWhatArrivesIsNotRefused(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	trip(t, stamped{when, "note"}, document)
	trip(t, labelled[string]{plain: plain{7}, text: "text"}, document)
	trip(t, &labelled[int]{plain: plain{7}, text: "text"}, document)
	trip(t, onePart{when}, document)
	trip(t, []plain{{7}}, document)
	trip(t, struct{ inner }{inner{[]int{1}}}, document)
	trip(t, struct {
		*Base
		N []int
	}{&Base{[]string{"a"}}, nil}, document)
	trip(t, renamed{A: []int{1}, B: "b"}, document)
	trip(t, numbered{A: []int{1}, B: 2}, document)
	trip(t, struct{ X, x []int }{}.X, memories)
	trip(t, []struct {
		A int `cbor:"a"`
		B []string
		b int `cbor:"-"`
	}{{A: 1}}, document)
	trip(t, map[string]*big.Int{"a": big.NewInt(-5)}, document)
}

// What an interface receives is of the kinds that CBOR knows, or refused where
// it is sent.
func TestInterfaces(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	huge := new(big.Int).SetUint64(math.MaxUint64)
	c, err := For[[]any]()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ v, want any }{
		{5, int64(5)}, {uint8(5), int64(5)}, {float32(1.5), 1.5}, {nil, nil}, {"a", "a"}, {whole(5), int64(5)},
		{when, when}, {uint64(math.MaxUint64), *huge}, {[3]byte{1, 2, 3}, []byte{1, 2, 3}}, {[]string{"a"}, []any{"a"}},
		{map[string]int{"a": 1}, map[string]any{"a": int64(1)}}, {new(5), int64(5)},
		{letter{Name: "n"}.Tags, nil}, {inner{[]int{1}}, map[string]any{"X": []any{int64(1)}}},
	} {
		msg, err := c.Append(nil, []any{test.v})
		if err != nil {
			t.Errorf("%#v: %v", test.v, err)
			continue
		}
		if got, err := c.Decode(msg); err != nil || !reflect.DeepEqual(got, []any{test.want}) {
			t.Errorf("%#v arrives as %#v, %v; want %#v", test.v, got, err, test.want)
		}
	}
	for _, v := range []any{
		map[int]int{1: 2}, map[any]any{}, []map[[2]int]string{}, make(chan int), func() {}, complex(1, 2), struct{ a int }{1},
		renamed{}.lost, cargo{}, &cargo{}, []cargo{}, numbered{}, struct {
			time.Time
			Note string
		}{},
	} {
		for _, v := range []any{v, []any{v}, map[string]any{"a": v}, letter{Any: v}} {
			if _, err := c.Append(nil, []any{v}); err == nil {
				t.Errorf("%#v was sent in an interface", v)
			}
		}
	}
	keys, err := For[map[any]string]()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Append(nil, map[any]string{[2]int{}: "a"}); err == nil {
		t.Error("an array was sent as a key in an interface")
	}
	if got, err := keys.Decode(encoded(t, map[any]string{"a": "b"})); err != nil || got["a"] != "b" {
		t.Errorf("%v, %v", got, err)
	}
}

// A ring is a type that can hold itself in every way there is.
type ring struct {
	Next *ring
	All  []ring
	Map  map[string]ring
	Any  any
}

type (
	ringPointer *ringPointer
	ringSlice   []ringSlice
)

// endlessly says that v cannot be encoded.
func endlessly[T any](t *testing.T, what string, v T) {
	t.Helper()
	c, err := For[T]()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := c.Append(nil, v); !errors.Is(err, errNesting) {
		t.Errorf("%s: %d bytes, %v", what, len(b), err)
	}
}

func TestWhatHoldsItselfIsAnError(t *testing.T) {
	pointer := &ring{}
	pointer.Next = pointer
	endlessly(t, "by a pointer", pointer)
	slice := ring{All: make([]ring, 1)}
	slice.All[0] = slice
	endlessly(t, "by a slice", slice)
	m := ring{Map: map[string]ring{}}
	m.Map["a"] = m
	endlessly(t, "by a map", m)
	boxed := &ring{}
	boxed.Any = boxed
	endlessly(t, "by an interface", boxed)
	var p ringPointer
	p = &p
	endlessly(t, "a pointer to itself", p)
	s := make(ringSlice, 1)
	s[0] = s
	endlessly(t, "a slice of itself", s)
	var box any
	box = &box
	endlessly(t, "an interface with a pointer to itself", box)
	all := []any{nil}
	all[0] = all
	endlessly(t, "a slice of interfaces", all)
	anys := map[string]any{}
	anys["a"] = anys
	endlessly(t, "a map of interfaces", anys)
}

// What can be encoded can be decoded, and no deeper.
func TestNestingEndsWhereThatOfDecodingDoes(t *testing.T) {
	list := func(n int) (l *cycle) {
		for range n {
			l = &cycle{"n", l}
		}
		return l
	}
	trip(t, list(maxNesting), document)
	endlessly(t, "a list", list(maxNesting+1))
	boxes := func(n int) (b any) {
		for range n {
			b = []any{b}
		}
		return b
	}
	trip(t, boxes(maxNesting), document)
	endlessly(t, "boxes", boxes(maxNesting+1))
	endlessly(t, "a list in boxes", []any{list(maxNesting)})
}

// touchy panics where it is to encode or decode itself.
type touchy struct{ S []int }

func (touchy) MarshalBinary() ([]byte, error) { panic("not to be encoded") }
func (*touchy) UnmarshalBinary([]byte) error  { panic("not to be decoded") }

func TestPanicsOfMethodsAreErrors(t *testing.T) {
	c, err := For[[]touchy]()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Append(nil, make([]touchy, 1)); err == nil || !strings.Contains(err.Error(), "not to be encoded") {
		t.Errorf("encoding: %v", err)
	}
	_, err = c.Decode(withBody[[]touchy](t, 0x81, 0x41, 0))
	if !errors.Is(err, ErrMessage) || !strings.Contains(err.Error(), "not to be decoded") {
		t.Errorf("decoding: %v", err)
	}
}

type flags struct {
	N    int32
	On   bool
	More [2][2]bool
	Deep [2]struct {
		N  int16
		On bool
	}
}

func TestBoolsAreTrueOrFalse(t *testing.T) {
	full := flags{N: -1, On: true, More: [2][2]bool{{true, true}, {true, true}}}
	full.Deep[0].N, full.Deep[1].N = -1, -1
	full.Deep[1].On = true
	trip(t, full, memory)
	trip(t, []flags{full, full}, memories)
	trip(t, []bool{true, false, true}, memories)
	trip(t, [1]struct{ B [1]bool }{}, memory)
	unfit[bool](t, "a bool of 2", withBody[bool](t, 2))
	unfit[[]bool](t, "bools with a 2", withBody[[]bool](t, 1, 0, 2))
	for i := range 19 {
		body := make([]byte, 19)
		body[i] = 0x80
		unfit[[]bool](t, "many bools with one of 128", withBody[[]bool](t, body...))
	}
	unfit[[3]bool](t, "an array with a 2", withBody[[3]bool](t, 1, 2, 0))

	// Of all bytes in memory, exactly those that are bools are checked.
	size := int(reflect.TypeFor[flags]().Size())
	bad := 0
	for i := range 2 * size {
		msg := encoded(t, make([]flags, 2))
		msg[headerSize+i] = 2
		c, _ := For[[]flags]()
		if _, err := c.Decode(msg); err != nil {
			bad++
		}
	}
	if bad != 2*7 {
		t.Errorf("%d bytes are checked, want 14", bad)
	}
}

func TestMessagesOfOtherMachinesAreOfAnotherType(t *testing.T) {
	word := reflect.TypeFor[int32]()
	if fingerprint(word, machine) == fingerprint(word, "another") {
		t.Error("the fingerprint does not depend on the machine")
	}
	msg := encoded(t, int32(1))
	binary.LittleEndian.PutUint64(msg, fingerprint(word, "another")<<16)
	msg[0], msg[1] = version, byte(memory)
	unfit[int32](t, "another machine", msg)
}
