package multiproc

import (
	"context"
	"fmt"
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

// initializers are the registered ones, by name.
var initializers = struct {
	mu     sync.Mutex
	byName map[string]initializer
}{byName: map[string]initializer{}}

// initializer is an Initializer without its types: it returns the context of
// the tasks, and what is to be done at the end.
type initializer func(ctx context.Context, arg []byte) (context.Context, func() error, error)

// InitializerFunc registers an initializer under a name, as [Func] does for
// functions. setup runs in each worker before its first task; teardown, which
// may be nil, when the worker has done its last one, unless it is killed.
func InitializerFunc[A, S any](name string, setup func(ctx context.Context, arg A) (S, error), teardown func(state S) error) Initializer[A, S] {
	initializers.mu.Lock()
	defer initializers.mu.Unlock()
	initializers.byName[name] = func(ctx context.Context, arg []byte) (context.Context, func() error, error) {
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
	}
	return Initializer[A, S]{name}
}

// With returns the initializer with the argument that each worker gets, for
// [PoolOptions].
func (i Initializer[A, S]) With(arg A) *Initialization {
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

// initialize runs the initializer of that name in a worker process.
func initialize(ctx context.Context, name string, arg []byte) (_ context.Context, leave func() error, err error) {
	leave = func() error { return nil }
	if name == "" {
		return ctx, leave, nil
	}
	initializers.mu.Lock()
	f, ok := initializers.byName[name]
	initializers.mu.Unlock()
	if !ok {
		return ctx, leave, fmt.Errorf("no initializer %q is registered: call multiproc.Main after every multiproc.InitializerFunc", name)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return f(ctx, arg)
}
