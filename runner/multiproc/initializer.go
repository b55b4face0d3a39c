package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// An Initializer prepares the worker processes of a pool: what it returns is
// the state that the tasks of a worker have in common.
type Initializer[A, S any] struct{ name string }

// An Initialization is an initializer with its argument.
type Initialization struct {
	name    string
	arg     []byte
	parcels []*codec.Parcel // of the argument; each worker gets their files
	err     error           // of the argument
}

// stateKey is the context key of a worker's state.
type stateKey struct{}

// initializers are the registered ones, by name, as functions are.
var initializers = initializerRegistry{byName: map[string]initializer{}}

type initializerRegistry struct {
	mu     sync.Mutex
	byName map[string]initializer
	twice  string // a name that was registered more than once
}

func (r *initializerRegistry) add(name string, f initializer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byName[name]; ok {
		r.twice = name
	}
	r.byName[name] = f
}

// find returns the initializer of that name, or says why there is none.
func (r *initializerRegistry) find(name string) (initializer, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f, ok := r.byName[name]
	switch {
	case r.twice != "":
		return nil, fmt.Errorf("initializer %q is registered twice: give each one a name of its own", r.twice)
	case name == "":
		return nil, errors.New("an initializer without a name: make it with multiproc.InitializerFunc, under one")
	case !ok:
		return nil, fmt.Errorf("no initializer %q is registered: call multiproc.Main after every multiproc.InitializerFunc", name)
	}
	return f, nil
}

// initializer is an Initializer without its types: it takes in the argument.
type initializer func(arg []byte) (preparation, error)

// A preparation is an initializer that has its argument: it returns the context
// of the tasks, and what is to be done at the end.
type preparation func(ctx context.Context) (context.Context, func() error, error)

// InitializerFunc registers an initializer under a name, as [Func] does for
// functions. setup runs in each worker before its first task; teardown, which
// may be nil, when the worker has done its last one, unless it is killed.
func InitializerFunc[A, S any](name string, setup func(ctx context.Context, arg A) (S, error), teardown func(state S) error) Initializer[A, S] {
	initializers.add(name, func(arg []byte) (preparation, error) {
		a, err := unmarshal[A](arg, nil)
		if err != nil {
			return nil, fmt.Errorf("decode the argument: %w", err)
		}
		return func(ctx context.Context) (context.Context, func() error, error) {
			s, err := setup(ctx, a)
			if err != nil {
				return ctx, noTeardown, err
			}
			leave := noTeardown
			if teardown != nil {
				leave = func() error { return teardown(s) }
			}
			return context.WithValue(ctx, stateKey{}, s), leave, nil
		}, nil
	})
	return Initializer[A, S]{name}
}

// noTeardown is what is to be done at the end of most workers.
func noTeardown() error { return nil }

// With returns the initializer with the argument that each worker gets, for
// [PoolOptions]. The argument is encoded here, once: what becomes of it later,
// workers do not see.
//
// What it holds of a [Value], an [Array], a [SharedMemory], a [ShareableList] or
// a [File] is shared with every worker, also with those that replace others; so
// it must not be closed before the pool is over. A [Connection] can move to one
// process only, and is an error: use a [Queue], or a pipe for each task.
func (i Initializer[A, S]) With(arg A) *Initialization {
	if _, err := initializers.find(i.name); err != nil {
		return &Initialization{err: err}
	}
	b, parcels, err := encodeForMany(arg)
	if err != nil {
		err = fmt.Errorf("encode the argument of the initializer %s: %w", i.name, err)
	}
	return &Initialization{i.name, b, parcels, err}
}

// encodeForMany encodes a value that is to go to many processes.
func encodeForMany[T any](v T) ([]byte, []*codec.Parcel, error) {
	c, err := codec.For[T]()
	if err != nil {
		return nil, nil, err
	}
	b, parcels, err := c.AppendFiles(nil, v)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range parcels {
		if p.Then != nil { // something changes here when a process has it
			err := fmt.Errorf("a %s moves to one process, and there are many workers: %w", p.What, ErrHandover)
			for _, p := range parcels {
				err = errors.Join(err, p.Settle(false))
			}
			return nil, nil, err
		}
	}
	return b, parcels, nil
}

// An initOrder is an Initialization on its way to a worker.
type initOrder struct {
	from *Initialization // at the parent's side; nil if there is none

	prepare preparation // at the worker's side; nil if there is none
	err     error       // there, of finding the initializer or of its argument
}

// packedInit is what is sent of an initOrder.
type packedInit struct {
	_    struct{} `cbor:",toarray"`
	Name string   // empty if there is none
	Arg  []byte
}

// BoundToFiles marks the type for the codec.
func (initOrder) BoundToFiles() {}

// MarshalCBOR puts the files of the initializer's argument into the luggage of the
// worker's.
func (o initOrder) MarshalCBOR() ([]byte, error) {
	if o.from == nil {
		return cbor.Marshal(packedInit{})
	}
	for _, p := range o.from.parcels {
		if slices.ContainsFunc(p.Files, isClosed) {
			return nil, fmt.Errorf("a %s in the argument of the initializer %s, which a new worker gets, too: %w: close it when the pool is over", p.What, o.from.name, ErrClosed)
		}
	}
	codec.Forward(o.from.parcels)
	return cbor.Marshal(packedInit{Name: o.from.name, Arg: o.from.arg})
}

// isClosed tells whether a file was closed in this process.
func isClosed(f *os.File) bool {
	raw, err := f.SyscallConn()
	if err == nil {
		err = raw.Control(func(uintptr) {})
	}
	return err != nil
}

// UnmarshalCBOR takes in the argument of the initializer as long as its files are
// at hand. What is wrong with it is the initializer's error.
func (o *initOrder) UnmarshalCBOR(b []byte) error {
	var p packedInit
	if err := cbor.Unmarshal(b, &p); err != nil {
		return err
	}
	if p.Name == "" {
		return nil
	}
	var f initializer
	if f, o.err = initializers.find(p.Name); o.err == nil {
		o.prepare, o.err = f(p.Arg)
	}
	return nil
}

// State returns the state of the worker whose task has that context.
func (i Initializer[A, S]) State(ctx context.Context) (S, bool) {
	s, ok := ctx.Value(stateKey{}).(S)
	return s, ok
}

// A panicError is what an initializer has panicked with.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// initialize runs the initializer in a worker process; if there is none, it does
// nothing.
func (o initOrder) initialize(ctx context.Context) (prepared context.Context, leave func() error, err error) {
	if o.err != nil || o.prepare == nil {
		return ctx, noTeardown, o.err
	}
	defer func() {
		if p := recover(); p != nil {
			prepared, leave, err = ctx, noTeardown, &panicError{p, string(debug.Stack())}
		}
	}()
	return o.prepare(ctx)
}
