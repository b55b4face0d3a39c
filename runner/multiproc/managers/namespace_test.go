package managers

import (
	"errors"
	"slices"
	"testing"
)

func TestNamespace(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		n := got(NewNamespace(ctx, m))(t)
		ok(t, SetAttr(ctx, n, "x", 10))
		ok(t, SetAttr(ctx, n, "y", map[string]string{"hello": "world"}))
		x, err := GetAttr[int](ctx, n, "x")
		check(t, "x", x, err, 10)
		if y, err := GetAttr[map[string]string](ctx, n, "y"); y["hello"] != "world" || err != nil {
			t.Errorf("y is %v, %v", y, err)
		}
		if _, err := GetAttr[string](ctx, n, "x"); err == nil {
			t.Error("a number is taken for a string")
		}
		if _, err := GetAttr[int](ctx, n, "z"); !errors.Is(err, ErrMissing) {
			t.Errorf("z: %v", err)
		}
		if names := got(n.Names(ctx))(t); !slices.Equal(names, []string{"x", "y"}) {
			t.Errorf("names %q", names)
		}
		gone, err := n.DelAttr(ctx, "x")
		check(t, "deleted", gone, err, true)
		gone, err = n.DelAttr(ctx, "x")
		check(t, "deleted again", gone, err, false)
	})
}
