package managers

import (
	"context"
	"fmt"
)

// An Object is one of a user's type T, which lives at a server. [MethodOf.Call]
// works on it.
type Object[T any] struct{ proxy[objectOf[T]] }

type objectOf[T any] struct{}

func (objectOf[T]) words() string { return "object of type " + nameOf[T]() }

// New makes an object at the server. An error of the registered function is an
// [*Error].
func (t ObjectType[T, A]) New(ctx context.Context, where In, arg A) (*Object[T], error) {
	b, err := encode(arg)
	if err != nil {
		return nil, fmt.Errorf("make a %s: encode the argument: %w", t.name, err)
	}
	p, err := newObject[objectOf[T]](ctx, where, kindUser+t.name, b)
	if err != nil {
		return nil, err
	}
	return &Object[T]{p}, nil
}

// Name returns the name that the type is registered under.
func (t ObjectType[T, A]) Name() string { return t.name }

// Name returns the name that the method is registered under.
func (m MethodOf[T, A, R]) Name() string { return m.name }

// Call calls the method on an object. What it returned as an error, and a
// panic, are an [*Error]. When ctx ends, Call does not wait for the method any
// longer: its context ends, too, and what it did or will do stays.
func (m MethodOf[T, A, R]) Call(ctx context.Context, o *Object[T], arg A) (r R, err error) {
	b, err := encode(arg)
	if err != nil {
		return r, fmt.Errorf("call %s: encode the argument: %w", m.name, err)
	}
	b, err = o.do(ctx, instanceCall, append(field(nil, []byte(m.name)), b...))
	if err != nil {
		return r, fmt.Errorf("call %s: %w", m.name, err)
	}
	if b, err = parseOutcome(m.name, b); err != nil {
		return r, err
	}
	if r, err = decode[R](b); err != nil {
		return r, fmt.Errorf("call %s: decode the result: %w", m.name, err)
	}
	return r, nil
}
