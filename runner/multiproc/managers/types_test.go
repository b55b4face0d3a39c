package managers

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
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

func TestQueues(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		q := got(NewQueue[string](ctx, m, 1))(t)
		ok(t, q.Put(ctx, "a"))
		if err := q.TryPut(ctx, "b"); !errors.Is(err, multiproc.ErrFull) {
			t.Errorf("full: %v", err)
		}
		if err := q.Put(brief(t), "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("full, in time: %v", err)
		}
		v, err := q.Get(ctx)
		check(t, "got", v, err, "a")
		if _, err := q.TryGet(ctx); !errors.Is(err, multiproc.ErrEmpty) {
			t.Errorf("empty: %v", err)
		}
		if _, err := q.Get(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("empty, in time: %v", err)
		}
		n, err := q.Cap(ctx)
		check(t, "room", n, err, 1)
		n, err = q.Len(ctx)
		check(t, "length", n, err, 0)
		ok(t, q.Shut(ctx))
		if _, err := q.Get(ctx); !errors.Is(err, multiproc.ErrClosed) {
			t.Errorf("shut: %v", err)
		}

		j := got(NewJoinableQueue[int](ctx, m, 0))(t)
		ok(t, j.Put(ctx, 1))
		ok(t, j.TryPut(ctx, 2))
		for want := 1; want <= 2; want++ {
			v, err := j.Get(ctx)
			check(t, "task", v, err, want)
		}
		if err := j.Join(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("joined too soon: %v", err)
		}
		ok(t, j.TaskDone(ctx))
		ok(t, j.TaskDone(ctx))
		ok(t, j.Join(ctx))
		if err := j.TaskDone(ctx); !errors.Is(err, multiproc.ErrReleased) {
			t.Errorf("one too many: %v", err)
		}
	})
}

// No item is lost to a context that ends as it arrives.
func TestNothingIsLostToContexts(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	q := got(NewQueue[int](ctx, m, 0))(t)
	const n = 300
	var sum, want int
	var getting sync.WaitGroup
	getting.Go(func() {
		for left := n; left > 0; {
			short, cancel := context.WithTimeout(ctx, 100_000) // nanoseconds: it ends at any time
			v, err := q.Get(short)
			cancel()
			switch {
			case err == nil:
				sum += v
				left--
			case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
				t.Error(err)
				return
			}
		}
	})
	for i := range n {
		ok(t, q.Put(ctx, i))
		want += i
	}
	getting.Wait()
	if sum != want {
		t.Errorf("sum %d, want %d", sum, want)
	}
}

func TestLocks(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		here := got(NewLock(ctx, m.Named("lock")))(t)
		there := got(NewLock(ctx, other.Named("lock")))(t)
		ok(t, here.Acquire(ctx))
		got, err := there.TryAcquire(ctx)
		check(t, "acquired a held one", got, err, false)
		if err := there.Release(ctx); !errors.Is(err, multiproc.ErrNotHeld) {
			t.Errorf("released what another holds: %v", err)
		}
		if err := there.Acquire(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("acquired in time: %v", err)
		}
		held, err := there.Locked(ctx)
		check(t, "locked", held, err, true)
		ok(t, here.Release(ctx))
		got, err = there.TryAcquire(ctx)
		check(t, "acquired", got, err, true)
	})
}

func TestRLock(t *testing.T) {
	ctx, m := soon(t), begin(t, Options{})
	r := got(NewRLock(ctx, m))(t)
	held := got(r.Acquire(ctx))(t)
	again := got(r.Acquire(held))(t)
	_, acquired, err := r.TryAcquire(held)
	check(t, "again", acquired, err, true)
	_, acquired, err = r.TryAcquire(ctx)
	check(t, "by another", acquired, err, false)
	ok(t, r.Release(held))
	ok(t, r.Release(again))
	_, acquired, err = r.TryAcquire(ctx)
	check(t, "by another before the last release", acquired, err, false)
	ok(t, r.Release(held))
	if err := r.Release(held); !errors.Is(err, multiproc.ErrNotHeld) {
		t.Errorf("one too many: %v", err)
	}
	if err := r.Release(ctx); !errors.Is(err, multiproc.ErrNotHeld) {
		t.Errorf("without a hold: %v", err)
	}
	_, acquired, err = r.TryAcquire(held)
	check(t, "after the end", acquired, err, true)
}

func TestSemaphores(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx := soon(t)
		s := got(NewBoundedSemaphore(ctx, m, 1))(t)
		ok(t, s.Acquire(ctx))
		got2, err := s.TryAcquire(ctx)
		check(t, "acquired", got2, err, false)
		ok(t, s.Release(ctx))
		if err := s.Release(ctx); !errors.Is(err, multiproc.ErrReleased) {
			t.Errorf("one too many: %v", err)
		}
		s = got(NewSemaphore(ctx, m, 0))(t)
		ok(t, s.Release(ctx))
		n, err := s.Value(ctx)
		check(t, "value", n, err, 1)
		if _, err := NewSemaphore(ctx, m, -1); err == nil {
			t.Error("one with -1 permits")
		}
	})
}

func TestEventAndCondition(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		e := got(NewEvent(ctx, m.Named("event")))(t)
		there := got(NewEvent(ctx, other.Named("event")))(t)
		if err := there.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waited for: %v", err)
		}
		waited := make(chan error, 1)
		go func() { waited <- there.Wait(ctx) }()
		ok(t, e.Set(ctx))
		ok(t, <-waited)
		set, err := there.IsSet(ctx)
		check(t, "set", set, err, true)
		ok(t, e.Clear(ctx))
		set, err = there.IsSet(ctx)
		check(t, "cleared", set, err, false)

		l := got(NewLock(ctx, m))(t)
		c := got(NewCondition(ctx, m.Named("condition"), l))(t)
		cThere := got(NewCondition(ctx, other.Named("condition"), nil))(t)
		if err := c.Notify(ctx, 1); !errors.Is(err, multiproc.ErrNotHeld) {
			t.Errorf("notified without the lock: %v", err)
		}
		ok(t, c.Acquire(ctx))
		if err := c.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("notified: %v", err)
		}
		held, err := l.Locked(ctx)
		check(t, "held again", held, err, true)
		go func() {
			waited <- func() error {
				if err := cThere.Acquire(ctx); err != nil {
					return err
				}
				return errors.Join(e.Set(ctx), cThere.NotifyAll(ctx), cThere.Release(ctx))
			}()
		}()
		ok(t, c.WaitFor(ctx, func() (bool, error) { return e.IsSet(ctx) }))
		ok(t, <-waited)
		ok(t, c.Release(ctx))
		elsewhere := begin(t, Options{})
		if _, err := NewCondition(ctx, elsewhere, l); err == nil {
			t.Error("a condition of a lock at another server")
		}
		ok(t, l.Delete(ctx))
		if _, err := NewCondition(ctx, m, l); err == nil {
			t.Error("a condition of a deleted lock")
		}
	})
}

func TestBarrier(t *testing.T) {
	overBoth(t, func(t *testing.T, m *Manager) {
		ctx, other := soon(t), another(t, m)
		b := got(NewBarrier(ctx, m.Named("barrier"), 2))(t)
		there := got(NewBarrier(ctx, other.Named("barrier"), 2))(t)
		acted := 0
		var both sync.WaitGroup
		both.Go(func() {
			if _, err := there.WaitDo(ctx, func() error { acted++; return nil }); err != nil {
				t.Error(err)
			}
		})
		got(b.WaitDo(ctx, func() error { acted++; return nil }))(t)
		both.Wait()
		check(t, "actions", acted, nil, 1)
		n, err := b.Parties(ctx)
		check(t, "parties", n, err, 2)
		n, err = b.Waiting(ctx)
		check(t, "waiting", n, err, 0)
		if _, err := b.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("alone: %v", err)
		}
		broken, err := there.Broken(ctx)
		check(t, "broken", broken, err, true)
		ok(t, b.Reset(ctx))
		ok(t, b.Abort(ctx))
		if _, err := b.Wait(ctx); !errors.Is(err, multiproc.ErrBroken) {
			t.Errorf("aborted: %v", err)
		}
		if _, err := NewBarrier(ctx, m, 0); err == nil {
			t.Error("one without parties")
		}
	})
}

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
