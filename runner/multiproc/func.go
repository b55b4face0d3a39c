package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// A Function can be run in a child process.
type Function[A, R any] struct {
	name   string
	codecs *codecs[A, R]
}

// codecs are those of a function's arguments and results.
type codecs[A, R any] struct {
	in  codec.Lazy[A]
	out codec.Lazy[R]
}

// Func registers f under a name that is unique in the program. Children find
// it by that name, so every process has to register the same functions before
// it calls [Main]: best in variables of the package.
//
// Argument and result travel as messages. Numbers, arrays and structs without
// pointers are copied as they lie in memory, and so are strings and slices of
// such; everything else travels as CBOR, which takes exported fields and what
// implements encoding.BinaryMarshaler or cbor.Marshaler, with the method that
// undoes it. What would not arrive whole is an error: a type of which a part
// would be lost, such as an unexported field, at the start, and a value that is
// nested more than 1000 levels deep, or holds itself, when it is sent. A field
// tagged `cbor:"-"` stays behind. A nil slice and an empty one are told apart,
// except where the slice is all there is to the message and its elements are
// copied as memory: then both arrive as nil.
//
// In an interface, which can only be any, a value arrives as CBOR knows it:
// integers as int64, or as big.Int if they are larger, floats as float64, bytes
// as []byte, slices and arrays as []any, maps and structs as map[string]any, a
// time as time.Time, pointers as what they point to, and what encodes itself as
// what it has written. Maps whose keys are no strings are an error there, and
// so is what is bound to open files.
//
// In the child, os.Args is the program's name alone. A panic of f is an [*Error];
// one in a goroutine that f has started ends the process.
//
// The context that f gets ends when the parent calls [Child.Interrupt]. In a
// [Pool] it does not end: see [Apply].
func Func[A, R any](name string, f func(ctx context.Context, arg A) (R, error)) Function[A, R] {
	known := new(codecs[A, R])
	functions.add(name, function{bodyOf(name, known, f, unmarshalAs[A]), blockBodyOf(f)})
	return Function[A, R]{name, known}
}

// ViewFunc is [Func] for an f that uses its argument in place: the elements of a slice
// of fixed-size values, such as bytes, in memory to which the parent has written
// them, where the worker of a [Pool] shares some with it. They are good until f
// returns, and must not be changed.
func ViewFunc[A, R any](name string, f func(ctx context.Context, arg A) (R, error)) Function[A, R] {
	known := new(codecs[A, R])
	functions.add(name, function{bodyOf(name, known, f, viewAs[A]), blockBodyOf(f)})
	return Function[A, R]{name, known}
}

// bodyOf returns the body of f, whose arguments are read by read.
func bodyOf[A, R any](name string, known *codecs[A, R], f func(ctx context.Context, arg A) (R, error), read func(*codec.Lazy[A], []byte, *luggage) (A, error)) body {
	return func(ctx context.Context, room func(n int) []byte, arg []byte, l *luggage) ([]byte, error) {
		a, err := read(&known.in, arg, l)
		l.closeRest()
		if err != nil {
			return nil, fmt.Errorf("decode the argument of %s: %w", name, err)
		}
		r, err := f(ctx, a)
		if err != nil {
			return nil, err
		}
		b, err := marshalAs(&known.out, room(sizeAs(&known.out, &r)), r, nil)
		if err != nil {
			return nil, fmt.Errorf("encode the result of %s: %w", name, err)
		}
		return b, nil
	}
}

// Name returns the name that the function is registered under.
func (f Function[A, R]) Name() string { return f.name }

// check says why arguments and results of f could not travel.
func (f Function[A, R]) check() error {
	_, err := codec.For[A]()
	if _, err2 := codec.For[R](); err2 != nil {
		err = errors.Join(err, err2)
	}
	return err
}

// body is a registered function without its types. It appends the message of the
// result to what room returns for its size in bytes, which is 0 if that is not known.
type body func(ctx context.Context, room func(n int) []byte, arg []byte, l *luggage) ([]byte, error)

// A function is what a name stands for.
type function struct {
	one  body
	many blockBody
}

// registry holds the program's functions by name. There is one, because names
// have to mean the same in a parent and its children.
type registry struct {
	mu     sync.Mutex
	byName map[string]function
	twice  string // a name that was registered more than once
	main   bool   // Main has been called: children do not get further
}

var functions = registry{byName: map[string]function{}}

func (r *registry) add(name string, f function) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byName[name]; ok {
		r.twice = name
	}
	r.byName[name] = f
}

func (r *registry) find(name string) (function, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok := r.byName[name]
	return f, ok
}

// ErrNoGuard is returned where a process would be started by a program that
// has not called [Main]: its child would run the program from the top.
var ErrNoGuard = errors.New("the guard is missing: call multiproc.Main first thing in main, or in TestMain")

var errNoName = errors.New("a function without a name: make it with multiproc.Func, under one")

// ready tells whether a child of this program would get to know that it is one,
// rather than run the program from the top.
func (r *registry) ready() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.twice != "" {
		return fmt.Errorf("function %q is registered twice: give each one a name of its own", r.twice)
	}
	if !r.main {
		return ErrNoGuard
	}
	return nil
}

// runs tells whether a child of this program would run the function of that
// name.
func (r *registry) runs(name string) error {
	if err := r.ready(); err != nil {
		return err
	}
	if name == "" {
		return errNoName
	}
	if _, ok := r.find(name); !ok {
		return fmt.Errorf("no function %q is registered: make it with multiproc.Func", name)
	}
	return nil
}

// Main runs the function that this process was started for and exits, if it is
// a child; otherwise it returns at once. Call it first thing in main, or in
// TestMain, after every [Func].
func Main() {
	functions.mu.Lock()
	functions.main = true
	functions.mu.Unlock()
	trackIfAsked()
	// That there is a name tells a child, whatever it is: one with a name that
	// is no function's must not run the program.
	if name, ok := os.LookupEnv(childEnv); ok {
		os.Exit(runChild(name))
	}
}
