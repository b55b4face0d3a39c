package managers

import (
	"errors"
	"maps"
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		l := got(NewList(ctx, m, "b", "c"))(t)
		ok(t, l.Append(ctx, "d", "e"))
		ok(t, l.Insert(ctx, 0, "a"))
		ok(t, l.Insert(ctx, 100, "g"))
		ok(t, l.Insert(ctx, -1, "f"))
		ok(t, l.Set(ctx, 1, "B"))
		v, err := l.Get(ctx, -1)
		check(t, "the last", v, err, "g")
		if got, err := l.Slice(ctx, 1, -1); !slices.Equal(got, []string{"B", "c", "d", "e", "f"}) || err != nil {
			t.Errorf("slice %q, %v", got, err)
		}
		if got, err := l.Slice(ctx, -100, 100); len(got) != 7 || err != nil {
			t.Errorf("slice of all %q, %v", got, err)
		}
		if got, err := l.Slice(ctx, 5, 2); len(got) != 0 || err != nil {
			t.Errorf("slice of none %q, %v", got, err)
		}
		v, err = l.Pop(ctx, 1)
		check(t, "pop", v, err, "B")
		v, err = l.Pop(ctx, -1)
		check(t, "pop the last", v, err, "g")
		i, err := Index(ctx, l, "d")
		check(t, "index", i, err, 2)
		i, err = Index(ctx, l, "none")
		check(t, "index of none", i, err, -1)
		removed, err := RemoveFirst(ctx, l, "d")
		check(t, "removed", removed, err, true)
		ok(t, l.Update(ctx, func(vs []string) ([]string, error) { slices.Reverse(vs); return vs, nil }))
		all := got(l.All(ctx))(t)
		if vs := slices.Collect(maps.Values(maps.Collect(all))); len(vs) != 4 {
			t.Errorf("all %q", vs)
		}
		if vs := got(l.Slice(ctx, 0, 10))(t); !slices.Equal(vs, []string{"f", "e", "c", "a"}) {
			t.Errorf("reversed %q", vs)
		}
		for _, i := range []int{4, -5} {
			if _, err := l.Get(ctx, i); !errors.Is(err, ErrIndex) {
				t.Errorf("index %d: %v", i, err)
			}
			if err := l.Set(ctx, i, "x"); !errors.Is(err, ErrIndex) {
				t.Errorf("index %d: %v", i, err)
			}
			if _, err := l.Pop(ctx, i); !errors.Is(err, ErrIndex) {
				t.Errorf("index %d: %v", i, err)
			}
		}
		ok(t, l.Clear(ctx))
		n, err := l.Len(ctx)
		check(t, "length", n, err, 0)
	})
}

func TestAListUpdateSeesWhatCameInBetween(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	l := got(NewList(ctx, m, 3, 1))(t)
	runs := 0
	ok(t, l.Update(ctx, func(vs []int) ([]int, error) {
		if runs++; runs == 1 {
			ok(t, l.Append(ctx, 2))
		}
		slices.Sort(vs)
		return vs, nil
	}))
	if vs := got(l.Slice(ctx, 0, 9))(t); !slices.Equal(vs, []int{1, 2, 3}) {
		t.Errorf("%v", vs)
	}
}
