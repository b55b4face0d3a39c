package managers

import (
	"slices"
	"testing"
)

func TestSet(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		s := got(NewSet[point](ctx, m))(t)
		a, b := point{1, 2, "a"}, point{1, 2, "b"}
		n, err := s.Add(ctx, a, b, a)
		check(t, "added", n, err, 2)
		n, err = s.Add(ctx, a)
		check(t, "added again", n, err, 0)
		in, err := s.Contains(ctx, b)
		check(t, "contains", in, err, true)
		if all := slices.Collect(got(s.All(ctx))(t)); !slices.Equal(all, []point{a, b}) {
			t.Errorf("all %v", all)
		}
		n, err = s.Remove(ctx, a, point{})
		check(t, "removed", n, err, 1)
		p, there, err := s.Pop(ctx)
		check(t, "popped", p, err, b)
		check(t, "popped", there, nil, true)
		_, there, err = s.Pop(ctx)
		check(t, "popped of none", there, err, false)
		in, err = s.Contains(ctx, b)
		check(t, "contains", in, err, false)
		got(s.Add(ctx, a, b))(t)
		ok(t, s.Clear(ctx))
		n, err = s.Len(ctx)
		check(t, "length", n, err, 0)
	})
}
