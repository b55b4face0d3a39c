package managers

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestNamesFindObjectsAgain(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		v := got(NewValue(ctx, m.Named("v"), 1))(t)
		again := got(NewValue(ctx, other.Named("v"), 2))(t)
		ok(t, v.Set(ctx, 3))
		n, err := again.Get(ctx)
		check(t, "value", n, err, 3)
		if _, err := NewValue(ctx, other.Named("v"), "text"); !errors.Is(err, ErrType) {
			t.Errorf("of another type: %v", err)
		}
		got(NewLock(ctx, m.Named("a")))(t)
		if names := got(m.Names(ctx))(t); !slices.Equal(names, []string{"a", "v"}) {
			t.Errorf("names %q", names)
		}
		ok(t, again.Delete(ctx))
		ok(t, again.Delete(ctx))
		if _, err := v.Get(ctx); !errors.Is(err, multiproc.ErrClosed) {
			t.Errorf("deleted: %v", err)
		}
		count, err := m.Len(ctx)
		check(t, "objects", count, err, 1)
		fresh := got(NewValue(ctx, m.Named("v"), "text"))(t)
		s, err := fresh.Get(ctx)
		check(t, "value", s, err, "text")
	})
}

func TestTheZeroValueSaysSo(t *testing.T) {
	ctx := soon(t)
	var l Lock
	if err := l.Acquire(ctx); err == nil || !strings.Contains(err.Error(), "zero value") {
		t.Errorf("error %v", err)
	}
	if err := l.Delete(ctx); err == nil {
		t.Error("deleted")
	}
}
