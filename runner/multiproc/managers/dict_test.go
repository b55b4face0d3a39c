package managers

import (
	"errors"
	"maps"
	"slices"
	"testing"
)

// A point is a key and a value of these tests.
type point struct {
	X    int8 // leaves a gap before Y in memory, which is no part of a key
	Y    int64
	Name string
}

func TestDict(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		d := got(NewDict[string, int](ctx, m))(t)
		if _, there, err := d.Get(ctx, "a"); there || err != nil {
			t.Errorf("of an empty dict: %v, %v", there, err)
		}
		for i, k := range []string{"c", "a", "b", "\xff"} {
			ok(t, d.Set(ctx, k, i))
		}
		ok(t, d.Set(ctx, "a", 10)) // keeps its place
		v, there, err := d.Get(ctx, "a")
		check(t, "get", v, err, 10)
		check(t, "there", there, nil, true)
		keys := got(d.Keys(ctx))(t)
		if !slices.Equal(keys, []string{"c", "a", "b", "\xff"}) {
			t.Errorf("keys %q", keys)
		}
		all := got(d.All(ctx))(t)
		if want := map[string]int{"c": 0, "a": 10, "b": 2, "\xff": 3}; !maps.Equal(maps.Collect(all), want) {
			t.Errorf("%v, want %v", maps.Collect(all), want)
		}
		k, v, there, err := d.PopItem(ctx)
		check(t, "last value", v, err, 3)
		check(t, "last key", k, nil, "\xff")
		check(t, "last", there, nil, true)
		v, there, err = d.Pop(ctx, "c")
		check(t, "pop", v, err, 0)
		check(t, "popped", there, nil, true)
		_, there, err = d.Pop(ctx, "c")
		check(t, "popped again", there, err, false)
		v, there, err = d.LoadOrStore(ctx, "a", 11)
		check(t, "load", v, err, 10)
		check(t, "loaded", there, nil, true)
		v, there, err = d.LoadOrStore(ctx, "z", 12)
		check(t, "store", v, err, 12)
		check(t, "stored", there, nil, false)
		ok(t, d.SetAll(ctx, map[string]int{"a": 1, "x": 2, "y": 3}))
		n, err := d.Len(ctx)
		check(t, "length", n, err, 5)
		n, err = d.Remove(ctx, "x", "y", "none")
		check(t, "removed", n, err, 2)
		ok(t, d.Clear(ctx))
		n, err = d.Len(ctx)
		check(t, "length of a cleared one", n, err, 0)
	})
}

func TestDictOperationsOnCondition(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	d := got(NewDict[point, string](ctx, m))(t)
	k := point{1, 2, "three"}
	swapped, err := CompareAndSwap(ctx, d, k, "", "new")
	check(t, "swapped what is not there", swapped, err, false)
	ok(t, d.Set(ctx, k, "old"))
	swapped, err = CompareAndSwap(ctx, d, k, "other", "new")
	check(t, "swapped another", swapped, err, false)
	swapped, err = CompareAndSwap(ctx, d, k, "old", "new")
	check(t, "swapped", swapped, err, true)
	v, _, err := d.Get(ctx, k)
	check(t, "after it", v, err, "new")
	deleted, err := CompareAndDelete(ctx, d, k, "old")
	check(t, "deleted another", deleted, err, false)
	deleted, err = CompareAndDelete(ctx, d, k, "new")
	check(t, "deleted", deleted, err, true)
	n, err := d.Len(ctx)
	check(t, "length", n, err, 0)

	// Somebody comes in between, the first time.
	runs := 0
	v, err = d.Update(ctx, k, func(old string, there bool) (string, error) {
		if runs++; runs == 1 {
			return "lost", d.Set(ctx, k, "first")
		}
		return old + " and mine", nil
	})
	check(t, "update", v, err, "first and mine")
	boom := errors.New("boom")
	if _, err := d.Update(ctx, k, func(string, bool) (string, error) { return "", boom }); !errors.Is(err, boom) {
		t.Errorf("error %v, want that of the function", err)
	}
}

func TestKeysThatWouldNotCompareAreRefused(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	if _, err := NewDict[float64, int](ctx, m); err == nil {
		t.Error("floating point")
	}
	if _, err := NewDict[*int, int](ctx, m); err == nil {
		t.Error("pointer")
	}
	if _, err := NewDict[any, int](ctx, m); err == nil {
		t.Error("interface")
	}
	if _, err := NewSet[struct{ a int }](ctx, m); err == nil {
		t.Error("hidden field")
	}
	if _, err := NewDict[int, chan int](ctx, m); err == nil {
		t.Error("value that does not travel")
	}
	if n, err := m.Len(ctx); n != 0 || err != nil {
		t.Errorf("%d objects, %v", n, err)
	}
}
