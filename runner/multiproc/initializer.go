package multiproc

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// An Initializer prepares the worker processes of a pool: what it returns is
// the state that the tasks of a worker have in common.
type Initializer[A, S any] struct{ name string }

// An Initialization is an initializer with its argument.
type Initialization struct {
	name string
	arg  []byte
	err  error // of the argument
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

// initializer is an Initializer without its types: it returns the context of
// the tasks, and what is to be done at the end.
type initializer func(ctx context.Context, arg []byte) (context.Context, func() error, error)

// InitializerFunc registers an initializer under a name, as [Func] does for
// functions. setup runs in each worker before its first task; teardown, which
// may be nil, when the worker has done its last one, unless it is killed.
func InitializerFunc[A, S any](name string, setup func(ctx context.Context, arg A) (S, error), teardown func(state S) error) Initializer[A, S] {
	initializers.add(name, func(ctx context.Context, arg []byte) (context.Context, func() error, error) {
		leave := func() error { return nil }
		a, err := unmarshal[A](arg, nil)
		if err != nil {
			return ctx, leave, err
		}
		s, err := setup(ctx, a)
		if err != nil {
			return ctx, leave, err
		}
		if teardown != nil {
			leave = func() error { return teardown(s) }
		}
		return context.WithValue(ctx, stateKey{}, s), leave, nil
	})
	return Initializer[A, S]{name}
}

// With returns the initializer with the argument that each worker gets, for
// [PoolOptions].
func (i Initializer[A, S]) With(arg A) *Initialization {
	if _, err := initializers.find(i.name); err != nil {
		return &Initialization{err: err}
	}
	b, err := marshal(nil, arg, nil)
	if err != nil {
		err = fmt.Errorf("encode the argument of the initializer %s: %w", i.name, err)
	}
	return &Initialization{i.name, b, err}
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

// initialize runs the initializer of that name in a worker process; for no name
// it does nothing.
func initialize(ctx context.Context, name string, arg []byte) (prepared context.Context, leave func() error, err error) {
	none := func() error { return nil }
	if name == "" {
		return ctx, none, nil
	}
	f, err := initializers.find(name)
	if err != nil {
		return ctx, none, err
	}
	defer func() {
		if p := recover(); p != nil {
			prepared, leave, err = ctx, none, &panicError{p, string(debug.Stack())}
		}
	}()
	return f(ctx, arg)
}
