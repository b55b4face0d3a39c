package managers

import (
	"errors"
	"slices"
	"testing"
)

func TestValueAndArray(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		v := got(NewValue(ctx, m, 1.5))(t)
		ok(t, v.Set(ctx, 2.5))
		f, err := v.Update(ctx, func(old float64) (float64, error) { return 2 * old, nil })
		check(t, "updated", f, err, 5)
		swapped, err := Swap(ctx, v, 1, 2)
		check(t, "swapped another", swapped, err, false)
		swapped, err = Swap(ctx, v, 5, 7)
		check(t, "swapped", swapped, err, true)
		f, err = v.Get(ctx)
		check(t, "value", f, err, 7)

		a := got(NewArray(ctx, m, []int{1, 2, 3}))(t)
		ok(t, a.Set(ctx, -1, 30))
		i, err := a.Get(ctx, 2)
		check(t, "the last", i, err, 30)
		if _, err := a.Get(ctx, 3); !errors.Is(err, ErrIndex) {
			t.Errorf("out of range: %v", err)
		}
		ok(t, a.Update(ctx, func(vs []int) ([]int, error) { slices.Reverse(vs); return vs, nil }))
		if vs := got(a.Slice(ctx, 0, 3))(t); !slices.Equal(vs, []int{30, 2, 1}) {
			t.Errorf("%v", vs)
		}
		if err := a.Update(ctx, func(vs []int) ([]int, error) { return vs[1:], nil }); !errors.Is(err, ErrFixed) {
			t.Errorf("shortened: %v", err)
		}
		n, err := a.Len(ctx)
		check(t, "length", n, err, 3)
		for i, v := range got(a.All(ctx))(t) {
			if want := []int{30, 2, 1}[i]; v != want {
				t.Errorf("%d at %d, want %d", v, i, want)
			}
		}
		// Nothing but the proxies keeps anybody from growing one.
		if _, err := a.do(ctx, seqClear, nil); err != nil {
			t.Error(err)
		}
		n, err = a.Len(ctx)
		check(t, "length", n, err, 3)
	})
}
