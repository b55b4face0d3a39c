package managers

import (
	"context"
	"fmt"
)

// A Namespace holds attributes of any types under their names. [SetAttr] and
// [GetAttr] say which type one has.
type Namespace struct{ proxy[namespaceOf] }

type namespaceOf struct{}

func (namespaceOf) words() string { return "namespace" }

// NewNamespace makes a namespace.
func NewNamespace(ctx context.Context, where In) (*Namespace, error) {
	p, err := newObject[namespaceOf](ctx, where, kindTable, nil)
	if err != nil {
		return nil, err
	}
	return &Namespace{p}, nil
}

// SetAttr sets an attribute.
func SetAttr[T any](ctx context.Context, n *Namespace, name string, v T) error {
	return cells[string, T]{n.ref}.set(ctx, name, v)
}

// GetAttr returns an attribute. The error is [ErrMissing] if there is none of
// that name; one of another type does not decode.
func GetAttr[T any](ctx context.Context, n *Namespace, name string) (T, error) {
	v, version, err := cells[string, T]{n.ref}.get(ctx, name)
	if err == nil && version == 0 {
		err = fmt.Errorf("attribute %s: %w", name, ErrMissing)
	}
	return v, err
}

// DelAttr takes an attribute out, and reports whether there was one.
func (n *Namespace) DelAttr(ctx context.Context, name string) (bool, error) {
	gone, err := cells[string, struct{}]{n.ref}.remove(ctx, []string{name})
	return gone > 0, err
}

// Names returns the names of the attributes, in the order in which they came
// in.
func (n *Namespace) Names(ctx context.Context) ([]string, error) {
	return cells[string, struct{}]{n.ref}.keys(ctx)
}
