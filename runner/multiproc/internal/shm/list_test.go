package shm

import (
	"encoding/binary"
	"errors"
	"reflect"
	"testing"
)

// mixed is one value of each kind.
func mixed() []any {
	return []any{int64(-7), 2.5, true, false, "", "text", []byte("bytes that are longer"), nil}
}

func newList(tb testing.TB, values []any) (*List, []byte) {
	tb.Helper()
	size, err := ListSize(values)
	if err != nil {
		tb.Fatal(err)
	}
	data := make([]byte, size)
	l, err := NewList(data, values)
	if err != nil {
		tb.Fatal(err)
	}
	return l, data
}

func all(tb testing.TB, l *List) []any {
	tb.Helper()
	var values []any
	for i := range l.Len() {
		v, err := l.Get(i)
		if err != nil {
			tb.Fatal(err)
		}
		values = append(values, v)
	}
	return values
}

func TestAListGivesBackWhatWasPutIn(t *testing.T) {
	_, data := newList(t, mixed())
	l, err := OpenList(data)
	if err != nil {
		t.Fatal(err)
	}
	if got := all(t, l); !reflect.DeepEqual(got, mixed()) {
		t.Errorf("%#v, want %#v", got, mixed())
	}
}

func TestASlotTakesWhatFits(t *testing.T) {
	l, _ := newList(t, mixed())
	before := all(t, l)
	tests := []struct {
		i    int
		v    any
		want any
		ok   bool
	}{
		{0, "12345678", "12345678", true}, {0, "123456789", "12345678", false}, {0, 5, int64(5), true},
		{7, 1.5, 1.5, true}, {6, make([]byte, 24), make([]byte, 24), true}, {6, make([]byte, 25), make([]byte, 24), false},
		{4, nil, nil, true}, {2, int32(1), true, false}, {2, []string{}, true, false},
	}
	for _, test := range tests {
		err := l.Set(test.i, test.v)
		got, err2 := l.Get(test.i)
		if (err == nil) != test.ok || !reflect.DeepEqual(got, test.want) || err2 != nil {
			t.Errorf("item %d = %v: %v; then it is %v, %v", test.i, test.v, err, got, err2)
		}
	}
	if after := all(t, l); !reflect.DeepEqual(after[5], before[5]) || !reflect.DeepEqual(after[3], before[3]) {
		t.Errorf("neighbours have changed: %v", after)
	}
	for _, i := range []int{-1, 8} {
		if _, err := l.Get(i); err == nil {
			t.Errorf("there is an item %d", i)
		}
		if l.Set(i, 1) == nil {
			t.Errorf("item %d was set", i)
		}
	}
	if _, err := ListSize([]any{1, uint8(1)}); err == nil {
		t.Error("a list holds what it has no kind for")
	}
	if _, err := NewList(make([]byte, 20), nil); err != nil {
		t.Errorf("an empty list: %v", err)
	}
}

func TestADamagedListIsAnError(t *testing.T) {
	first := listHeader // the descriptor of the first item
	damages := map[string]func(b []byte) []byte{
		"empty":          func([]byte) []byte { return nil },
		"short":          func(b []byte) []byte { return b[:listHeader-1] },
		"no magic":       func(b []byte) []byte { b[0] = 0; return b },
		"version":        func(b []byte) []byte { b[4]++; return b },
		"count":          func(b []byte) []byte { binary.LittleEndian.PutUint64(b[8:], 1<<63); return b },
		"one too many":   func(b []byte) []byte { b[8]++; return b },
		"offset":         func(b []byte) []byte { binary.LittleEndian.PutUint64(b[first:], 1<<63); return b },
		"offset zero":    func(b []byte) []byte { binary.LittleEndian.PutUint64(b[first:], 0); return b },
		"overlap":        func(b []byte) []byte { b[first+descriptor] -= 8; return b },
		"capacity":       func(b []byte) []byte { binary.LittleEndian.PutUint64(b[first+8:], 1<<64-8); return b },
		"capacity small": func(b []byte) []byte { b[first+8] = 4; return b },
		"cut":            func(b []byte) []byte { return b[:len(b)-1] },
	}
	for name, damage := range damages {
		_, data := newList(t, mixed())
		if _, err := OpenList(damage(data)); !errors.Is(err, ErrLayout) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Whoever damages it later does not get others to read beyond.
	l, data := newList(t, mixed())
	binary.LittleEndian.PutUint64(data[first:], 1<<40)
	if v, err := l.Get(0); v != int64(-7) || err != nil {
		t.Errorf("%v, %v", v, err)
	}
	data[first+lengthOffset] = 9
	if _, err := l.Get(0); !errors.Is(err, ErrLayout) {
		t.Errorf("length: %v", err)
	}
	data[first+lengthOffset], data[first+kindOffset] = 8, 99
	if _, err := l.Get(0); !errors.Is(err, ErrLayout) {
		t.Errorf("kind: %v", err)
	}
}

func FuzzOpenList(f *testing.F) {
	_, data := newList(f, mixed())
	f.Add(data)
	f.Add(data[:listHeader])
	_, none := newList(f, nil)
	f.Add(none)
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := OpenList(data)
		if err != nil {
			return
		}
		for i := range l.Len() {
			v, err := l.Get(i)
			if err != nil {
				if err := l.Set(i, 1); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := l.Set(i, v); err != nil {
				t.Fatalf("what was in item %d does not fit: %v", i, err)
			}
		}
		if again, err := OpenList(data); err != nil || again.Len() != l.Len() {
			t.Fatalf("the list is damaged by its own items: %v", err)
		}
	})
}
