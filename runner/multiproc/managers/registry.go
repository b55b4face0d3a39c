package managers

import (
	"context"
	"fmt"
	"sync"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec"
)

// registry holds what a server may run, by name. It is one for the process, as
// that of multiproc.Func is, because names have to mean the same in a server
// and its clients.
type registry struct {
	mu      sync.Mutex
	types   map[string]userType
	methods map[string]userMethod
	twice   string // a name that was registered more than once
}

var registered = registry{types: map[string]userType{}, methods: map[string]userMethod{}}

// A userType makes objects out of encoded arguments.
type userType struct {
	build      func(arg []byte) (any, error)
	concurrent bool
}

// A userMethod works on an object.
type userMethod func(ctx context.Context, object any, arg []byte) ([]byte, error)

func (r *registry) addType(name string, t userType) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.types[name]; ok {
		r.twice = name
	}
	r.types[name] = t
}

func (r *registry) addMethod(name string, m userMethod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.methods[name]; ok {
		r.twice = name
	}
	r.methods[name] = m
}

func (r *registry) findType(name string) (userType, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.sound(); err != nil {
		return userType{}, err
	}
	t, ok := r.types[name]
	if !ok {
		return t, fmt.Errorf("no type %q is registered at the manager: both programs have to register it", name)
	}
	return t, nil
}

func (r *registry) findMethod(name string) (userMethod, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.sound(); err != nil {
		return nil, err
	}
	m, ok := r.methods[name]
	if !ok {
		return nil, fmt.Errorf("no method %q is registered at the manager: both programs have to register it", name)
	}
	return m, nil
}

func (r *registry) sound() error {
	if r.twice != "" {
		return fmt.Errorf("%q is registered twice: give each type and each method a name of its own", r.twice)
	}
	return nil
}

// TypeOptions are those of [Type]. The zero value is ready to use.
type TypeOptions struct {
	// Concurrent says that objects lock themselves: their methods run side by
	// side. Otherwise the calls to one object run one after another, in the
	// order in which they arrive at the server.
	Concurrent bool
}

// An ObjectType makes objects of type T out of arguments of type A.
type ObjectType[T, A any] struct{ name string }

// Type registers a type of objects that live at a server, under a name that is
// unique in the program. build runs there. Register types and methods in
// variables of a package, as with [multiproc.Func], in the server's program as
// in the clients'.
//
// An object that is an io.Closer is closed when it is deleted and when its
// server ends, after the calls that are under way then.
func Type[T, A any](name string, build func(arg A) (T, error), o TypeOptions) ObjectType[T, A] {
	registered.addType(name, userType{concurrent: o.Concurrent, build: func(arg []byte) (any, error) {
		a, err := decode[A](arg)
		if err != nil {
			return nil, fmt.Errorf("decode the argument: %w", err)
		}
		return build(a)
	}})
	return ObjectType[T, A]{name}
}

// A MethodOf is a method of objects of type T, with an argument of type A and a
// result of type R.
type MethodOf[T, A, R any] struct{ name string }

// Method registers a function that clients may call on objects of type T, under
// a name that is unique in the program. Its context ends when the client takes
// the call back or is gone, and when the object is deleted.
func Method[T, A, R any](name string, f func(ctx context.Context, object T, arg A) (R, error)) MethodOf[T, A, R] {
	registered.addMethod(name, func(ctx context.Context, object any, arg []byte) ([]byte, error) {
		o, ok := object.(T)
		if !ok {
			return nil, fmt.Errorf("%w: it is a %T", ErrType, object)
		}
		a, err := decode[A](arg)
		if err != nil {
			return nil, fmt.Errorf("decode the argument: %w", err)
		}
		r, err := f(ctx, o, a)
		if err != nil {
			return nil, err
		}
		return encode(r)
	})
	return MethodOf[T, A, R]{name}
}

// encode encodes a value as a message.
func encode[T any](v T) ([]byte, error) {
	c, err := codec.For[T]()
	if err != nil {
		return nil, err
	}
	return c.Append(nil, v)
}

// decode decodes a message.
func decode[T any](msg []byte) (v T, err error) {
	c, err := codec.For[T]()
	if err != nil {
		return v, err
	}
	return c.Decode(msg)
}
