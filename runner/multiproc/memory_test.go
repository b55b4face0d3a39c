package multiproc

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"weak"

	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire"
)

var firstOf = Func("firstOf", func(_ context.Context, numbers []int) (int, error) { return numbers[0], nil })

// freed tells whether the collector takes what p points to. It gives those who
// have just done with it the time to forget it.
func freed[T any](p weak.Pointer[T]) bool {
	for range 50 {
		if runtime.GC(); p.Value() == nil {
			return true
		}
	}
	return false
}

// The arguments of a call are not needed any more when it is done, although
// somebody keeps the result.
func TestAResultDoesNotKeepTheArguments(t *testing.T) {
	p := newPool(t, PoolOptions{Workers: 2})
	arg, args, numbers := make([]int, 1000), [][]int{make([]int, 1000), make([]int, 1000)}, make([]int, 10_000)
	memory := map[string]weak.Pointer[int]{
		"ApplyAsync": weak.Make(&arg[0]), "MapAsync": weak.Make(&args[1][0]), "MapAsync in blocks": weak.Make(&numbers[0]),
	}
	one, many, blocks := ApplyAsync(p, firstOf, arg), MapAsync(p, firstOf, args, MapOptions{}), MapAsync(p, square, numbers, MapOptions{})
	_, err := one.Get(soon(t))
	_, err2 := many.Get(soon(t))
	_, err3 := blocks.Get(soon(t))
	if err := errors.Join(err, err2, err3); err != nil {
		t.Fatal(err)
	}
	for name, at := range memory {
		if !freed(at) {
			t.Errorf("the result of %s does", name)
		}
	}
	runtime.KeepAlive(one)
	runtime.KeepAlive(many)
	runtime.KeepAlive(blocks)
}

// The key is a part of the greeting, whose argument may be large, and stays when
// that goes.
func TestTheKeyDoesNotKeepTheGreeting(t *testing.T) {
	own := AuthKey()
	defer setAuthKey(own)
	b, err := greeting{key: own, arg: make([]byte, 1<<20)}.frame(wire.Limit)
	if err != nil {
		t.Fatal(err)
	}
	g, err := parseGreeting(b)
	if err != nil {
		t.Fatal(err)
	}
	setAuthKey(g.key)
	frame := weak.Make(&b[0])
	b, g = nil, greeting{}
	if !freed(frame) {
		t.Error("it does")
	}
}
