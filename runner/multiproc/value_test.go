package multiproc

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
)

// A point is a struct that can be shared.
type point struct {
	X, Y int32
	Name [4]byte
}

// counters is what several children count in.
type counters struct {
	Value  *Value[int64]
	Point  *Value[point]
	Array  *Array[float64]
	Atomic *Value[int64]
	List   *ShareableList
	Times  int
}

var (
	count = Func("count", func(ctx context.Context, c counters) (int, error) {
		for range c.Times {
			err := errors.Join(
				c.Value.Update(ctx, func(n *int64) error { *n++; return nil }),
				c.Point.Update(ctx, func(p *point) error { p.X, p.Y = p.X+1, p.Y-1; return nil }),
				c.Array.Update(ctx, func(a []float64) error {
					for i := range a {
						a[i] += float64(i)
					}
					return nil
				}))
			if err != nil {
				return 0, err
			}
			atomic.AddInt64(c.Atomic.Raw(), 1)
		}
		v, err := c.List.Get(1)
		if err != nil {
			return 0, err
		}
		return c.Times, c.List.Set(0, v)
	})

	// dieInUpdate changes half of the value and gets no further.
	dieInUpdate = Func("dieInUpdate", func(ctx context.Context, a dyingHolder) (int, error) {
		return 0, a.Array.Update(ctx, func(values []float64) error {
			values[0] = 1
			if err := a.Up.Send(ctx, true); err != nil {
				return err
			}
			select {}
		})
	})
)

// dyingHolder is the argument of dieInUpdate.
type dyingHolder struct {
	Array *Array[float64]
	Up    *Sender[bool]
}

func mustValue[T any](t *testing.T, v T) *Value[T] {
	t.Helper()
	made, err := NewValue(v)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(made.Close(), made.Close()); err != nil {
			t.Error(err)
		}
	})
	return made
}

func mustArray[T any](t *testing.T, values []T) *Array[T] {
	t.Helper()
	made, err := NewArrayOf(values)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(made.Close(), made.Close()); err != nil {
			t.Error(err)
		}
	})
	return made
}

func mustList(t *testing.T, values []any) *ShareableList {
	t.Helper()
	l, err := NewShareableList(values)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// No increment is lost between processes, as in Python's test_sharedctypes and
// test_synchronize.
func TestPyValuesAndArraysAreShared(t *testing.T) {
	const times, workers = 50, 3
	c := counters{mustValue(t, int64(7)), mustValue(t, point{Y: 1000}), mustArray(t, []float64{0, 0, 5}),
		mustValue(t, int64(0)), mustList(t, []any{nil, int64(42)}), times}
	var ps []*Process[int]
	for range workers {
		ps = append(ps, mustStart(t, count, c, Options{}))
	}
	for _, p := range ps {
		if n, err := p.Join(soon(t)); n != times || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	const all = times * workers
	if n, err := c.Value.Load(soon(t)); n != 7+all || err != nil {
		t.Errorf("value %d, %v", n, err)
	}
	if p, err := c.Point.Load(soon(t)); p.X != all || p.Y != 1000-all || err != nil {
		t.Errorf("point %v, %v", p, err)
	}
	if a := c.Array.Slice(); !slices.Equal(a, []float64{0, all, 5 + 2*all}) {
		t.Errorf("array %v", a)
	}
	if n := atomic.LoadInt64(c.Atomic.Raw()); n != all {
		t.Errorf("atomic %d", n)
	}
	if v, err := c.List.Get(0); v != int64(42) || err != nil {
		t.Errorf("list %v, %v", v, err)
	}
}

func TestAValueIsLoadedAndStored(t *testing.T) {
	v := mustValue(t, point{1, 2, [4]byte{'a'}})
	if err := v.Store(soon(t), point{X: 3}); err != nil {
		t.Error(err)
	}
	if p, err := v.Load(soon(t)); p != (point{X: 3}) || err != nil {
		t.Errorf("%v, %v", p, err)
	}
	wrong := errors.New("wrong")
	err := v.Update(soon(t), func(p *point) error { p.X = 4; return wrong })
	if !errors.Is(err, wrong) || v.Raw().X != 3 {
		t.Errorf("a failed update left %v, %v", v.Raw(), err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = v.Update(soon(t), func(p *point) error { p.X = 4; panic("in an update") })
	}()
	if held, err := v.Lock().Locked(); held || err != nil || v.Raw().X != 3 {
		t.Errorf("a panic left %v, locked %v, %v", v.Raw(), held, err)
	}
	if err := v.Lock().Acquire(soon(t)); err != nil {
		t.Fatal(err)
	}
	v.Raw().Y = 9
	if _, err := v.Load(over(t)); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("loaded what another holds: %v", err)
	}
	if err := v.Lock().Release(); err != nil {
		t.Error(err)
	}
	if err := v.Close(); err != nil {
		t.Error(err)
	}
	if _, err := v.Load(soon(t)); !errors.Is(err, ErrClosed) || v.Raw() != nil {
		t.Errorf("after Close: %v", err)
	}
}

func TestAnArrayHasBounds(t *testing.T) {
	a := mustArray(t, []int16{1, 2, 3})
	if err := a.Set(soon(t), 2, -3); err != nil {
		t.Error(err)
	}
	if n, err := a.Get(soon(t), 2); n != -3 || err != nil || a.Len() != 3 {
		t.Errorf("%d, %v", n, err)
	}
	for _, i := range []int{-1, 3} {
		if _, err := a.Get(soon(t), i); err == nil {
			t.Errorf("there is a value %d", i)
		}
		if a.Set(soon(t), i, 1) == nil {
			t.Errorf("value %d was set", i)
		}
	}
	if empty := mustArray(t, []int16{}); empty.Len() != 0 || len(empty.Slice()) != 0 {
		t.Errorf("an empty array has %d values", empty.Len())
	}
	for _, n := range []int{-1, int(^uint(0) >> 1)} {
		if _, err := NewArray[int64](n); err == nil {
			t.Errorf("an array of %d", n)
		}
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Set(soon(t), 0, 1); !errors.Is(err, ErrClosed) || a.Slice() != nil {
		t.Errorf("after Close: %v", err)
	}
}

func TestOnlyFlatTypesAreShared(t *testing.T) {
	fails := []func() error{
		func() error { _, err := NewValue("text"); return err },
		func() error { _, err := NewValue([]int{1}); return err },
		func() error { _, err := NewValue(new(int)); return err },
		func() error { _, err := NewValue(struct{ M map[string]int }{}); return err },
		func() error { _, err := NewValue(struct{}{}); return err },
		func() error { _, err := NewArray[any](1); return err },
		func() error { _, err := new(Value[int]).Load(soon(t)); return err },
		func() error { return new(Array[int]).Update(soon(t), nil) },
		func() error { _, err := count.Start(counters{Value: new(Value[int64])}, Options{}); return err },
	}
	for i, f := range fails {
		if f() == nil {
			t.Errorf("case %d is no error", i)
		}
	}
}

// A holder of the lock that dies is told of once; then all goes on.
func TestAnArrayOutlivesTheHolderOfItsLock(t *testing.T) {
	a := mustArray(t, []float64{0, 0})
	r, s, err := OneWayPipe[bool]()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	p := mustStart(t, dieInUpdate, dyingHolder{a, s}, Options{})
	if _, err := r.Recv(soon(t)); err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Get(soon(t), 0); !errors.Is(err, ErrOwnerDied) {
		t.Errorf("the next one: %v", err)
	}
	if got, err := a.Get(soon(t), 0); got != 1 || err != nil {
		t.Errorf("%v, %v; want what the dead has left", got, err)
	}
}

func TestPyShareableListBasics(t *testing.T) {
	want := []any{int64(-273), "howdy", 1.25, true, nil, []byte("bytes"), "howdy", false, int64(1)}
	l := mustList(t, []any{-273, "howdy", 1.25, true, nil, []byte("bytes"), "howdy", false, int64(1)})
	var got []any
	for v, err := range l.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if !reflect.DeepEqual(got, want) || l.Len() != len(want) {
		t.Errorf("%#v, want %#v", got, want)
	}
	for _, test := range []struct {
		v            any
		index, count int
	}{
		{"howdy", 1, 2}, {-273, 0, 1}, {[]byte("bytes"), 5, 1}, {"bytes", -1, 0}, {nil, 4, 1}, {true, 3, 1}, {1.25, 2, 1},
		{int64(1), 8, 1}, {1.0, -1, 0}, {[]int{1}, -1, 0},
	} {
		i, err := l.Index(test.v)
		n, err2 := l.Count(test.v)
		if i != test.index || n != test.count || err != nil || err2 != nil {
			t.Errorf("%v: index %d, count %d, %v, %v; want %d, %d", test.v, i, n, err, err2, test.index, test.count)
		}
	}
	if l.Set(1, "a text too long for its slot") == nil {
		t.Error("a long text fits into a short one's room")
	}
	if err := l.Set(1, "fits"); err != nil {
		t.Error(err)
	}
	if _, err := l.Get(len(want)); err == nil {
		t.Error("there is one item more")
	}
	if _, err := NewShareableList([]any{struct{}{}}); err == nil {
		t.Error("a list of what it has no kind for")
	}
	if zero := new(ShareableList); zero.Len() != 0 || zero.Close() != nil || zero.Set(0, 1) == nil || zero.Unlink() == nil {
		t.Error("the zero value is a list")
	}
}

func TestAShareableListIsOpenedByName(t *testing.T) {
	name := ownName(t)
	l, err := CreateShareableList(name, []any{"one", 2})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(l.Close(), l.Unlink()); err != nil {
			t.Error(err)
		}
	}()
	again, err := OpenShareableList(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Set(1, "two"); err != nil {
		t.Error(err)
	}
	if v, err := l.Get(1); v != "two" || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	if err := again.Unlink(); !errors.Is(err, ErrNotOwner) {
		t.Errorf("unlinked by who has opened it: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if _, err := again.Get(1); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	clear(l.Memory().Bytes()[:4])
	if _, err := OpenShareableList(name); err == nil {
		t.Error("damaged memory is a list")
	}
	if _, err := OpenShareableList(name + "-other"); err == nil {
		t.Error("there is a list that nobody made")
	}
}
