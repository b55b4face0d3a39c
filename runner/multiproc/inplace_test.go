package multiproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// inPlaceSizes are those of arguments and results, in numbers of eight bytes: none,
// some that lie in the ring, on both sides of where the slab begins, and more than
// lies there in one piece.
var inPlaceSizes = []int{0, 1, 100, 1021, 1022, 1023, 1024, 1025, 5000, 300_000, 1 << 20, 5 << 20}

// reversed is of its argument, backwards.
func reversed(_ context.Context, in []float64) ([]float64, error) {
	out := slices.Clone(in)
	slices.Reverse(out)
	return out, nil
}

// Their names have all lengths that make a difference to where an argument lies.
var (
	reverseCopies = Func("reverseCopies", reversed)
	reverseViews  = []Function[[]float64, []float64]{
		ViewFunc("reverseView", reversed),
		ViewFunc("reverseView2", reversed),
		ViewFunc("reverseView34", reversed),
		ViewFunc("reverseView567", reversed),
	}
)

// What is used in place is the same as what is copied, in all sizes.
func TestInPlaceAndCopiedAreTheSame(t *testing.T) {
	leavesNothing(t)
	p := newPool(t, PoolOptions{})
	var args [][]float64
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range inPlaceSizes {
		arg := make([]float64, n)
		for i := range arg {
			arg[i] = rng.Float64()
		}
		args = append(args, arg)
	}
	for k, f := range append(reverseViews, reverseCopies) {
		args := args
		if testing.Short() && k > 0 {
			args = args[:len(args)-3] // the largest take their time
		}
		used := make([]bool, len(args))
		check := func(i int, got []float64) error {
			slices.Reverse(got) // nobody else looks at it any more
			if !slices.Equal(got, args[i]) {
				return fmt.Errorf("%d numbers, want %d, or other ones", len(got), len(args[i]))
			}
			if used[i] {
				return errors.New("used twice")
			}
			used[i] = true
			return nil
		}
		if err := MapFunc(soon(t), p, f, args, MapOptions{Chunk: 2}, check); err != nil || slices.Contains(used, false) {
			t.Errorf("%s: %v, %v", f.Name(), used, err)
		}
		all, err := Map(soon(t), p, f, args, MapOptions{Chunk: 1})
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
			continue
		}
		clear(used)
		for i, got := range all {
			if err := check(i, got); err != nil {
				t.Errorf("%s: %d: %v", f.Name(), i, err)
			}
		}
		arg := args[len(args)-1]
		err = ApplyFunc(soon(t), p, f, arg, func(got []float64) error {
			if len(got) != len(arg) || got[0] != arg[len(arg)-1] {
				return errors.New("another one")
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
	if r, err := mustStart(t, reverseViews[0], []float64{1, 2}, Options{}).Join(soon(t)); !slices.Equal(r, []float64{2, 1}) || err != nil {
		t.Errorf("in a child of its own: %v, %v", r, err)
	}
}

// allocated is how many bytes this process has ever taken from its heap.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// atHand is what returnAtHand returns, which costs it nothing.
var atHand = slices.Repeat([]uint64{0x1234567}, 1<<20)

// Without an argument, returnAtHand returns what its process has allocated.
var (
	returnAtHand = ViewFunc("returnAtHand", func(_ context.Context, arg []uint64) ([]uint64, error) {
		if len(arg) == 0 {
			return []uint64{allocated()}, nil
		}
		return atHand[:len(arg)], nil
	})
	copyAtHand = Func("copyAtHand", func(_ context.Context, arg []uint64) ([]uint64, error) { return atHand[:len(arg)], nil })
)

// takesRings skips a test where processes share no memory for messages.
func takesRings(t *testing.T) {
	t.Helper()
	a, b, err := ringPipe()
	if err != nil {
		t.Skip("there are no rings here:", err)
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Error(err)
	}
}

// A large argument or result that is used in place is copied once, to where both
// sides have it: nobody has memory of its own for it. Where it is not used in place,
// who gets it has.
func TestLargeThingsAreCopiedOnce(t *testing.T) {
	takesRings(t)
	p := newPool(t, PoolOptions{Workers: 1})
	const times, size = 8, 1 << 20 // numbers of eight bytes
	inWorker := func() uint64 {
		r, err := Apply(soon(t), p, returnAtHand, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r[0]
	}
	for _, c := range []struct {
		name         string
		call         func() error
		here, worker uint64 // how often a call takes as much as an argument or result has
	}{
		{"in place on both sides", func() error {
			return ApplyFunc(soon(t), p, returnAtHand, atHand, func(r []uint64) error {
				if len(r) != size || r[size-1] != atHand[size-1] {
					return errors.New("another one")
				}
				return nil
			})
		}, 0, 0},
		{"in place for nobody", func() error {
			_, err := Apply(soon(t), p, copyAtHand, atHand)
			return err
		}, 1, 1},
	} {
		if err := c.call(); err != nil { // what is allocated once
			t.Error(err)
		}
		worker, here := inWorker(), allocated()
		for range times {
			if err := c.call(); err != nil {
				t.Error(err)
			}
		}
		here = allocated() - here
		worker = inWorker() - worker
		for _, side := range []struct {
			name      string
			got, want uint64
		}{{"here", here, c.here}, {"in the worker", worker, c.worker}} {
			const whole = times * size * 8
			if got := float64(side.got) / whole; got < float64(side.want) || got > float64(side.want)+0.1 {
				t.Errorf("%s: %.2f copies were allocated %s, want %d", c.name, got, side.name, side.want)
			}
		}
	}
}

// So it is with values of a pipe.
func TestLargeValuesOfPipesAreCopiedOnce(t *testing.T) {
	takesRings(t)
	a, b, err := Pipe[[]uint64]()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(a.Close(), b.Close()) }() // of the test
	before := allocated()
	for range 8 { // each of 8 MiB has the slab to itself
		if err := a.Send(soon(t), atHand); err != nil {
			t.Fatal(err)
		}
		err := b.RecvFunc(soon(t), func(v []uint64) error {
			if !slices.Equal(v, atHand) {
				return errors.New("another one")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := allocated() - before; got > 1<<20 {
		t.Errorf("%d bytes were allocated for them", got)
	}
}

// An error of use is that of its task; the others are done.
func TestErrorsOfUse(t *testing.T) {
	leavesNothing(t)
	p := newPool(t, PoolOptions{})
	refused := errors.New("refused")
	for name, f := range map[string]func(use func(i, r int) error) error{
		"small": func(use func(i, r int) error) error {
			return MapFunc(soon(t), p, double, upTo(100), MapOptions{Chunk: 10}, use)
		},
		"large": func(use func(i, r int) error) error {
			args := make([][]byte, 100)
			for i := range args {
				args[i] = pattern(i, 20_000)
			}
			return MapFunc(soon(t), p, reverseBytes, args, MapOptions{Chunk: 10}, func(i int, r []byte) error {
				if !bytes.Equal(r, args[i]) {
					return errors.New("another one")
				}
				return use(i, 2*(int(r[0])-1))
			})
		},
	} {
		used := 0
		err := f(func(i, r int) error {
			used++
			switch {
			case r != 2*i:
				return fmt.Errorf("%d, want %d", r, 2*i)
			case i == 7, i == 50:
				return refused
			}
			return nil
		})
		if used != 100 || !errors.Is(err, refused) || failures(err) != 2 || !strings.Contains(err.Error(), "task 50: refused") {
			t.Errorf("%s: %d results were used, %v", name, used, err)
		}
	}
	err := ApplyFunc(soon(t), p, double, 1, func(int) error { return refused })
	if err != refused { //nolint:errorlint // it is not wrapped
		t.Errorf("of one task: %v", err)
	}
}

var reverseBytes = Func("reverseBytes", func(_ context.Context, b []byte) ([]byte, error) {
	slices.Reverse(b)
	return b, nil
})

// A use that panics, or ends its goroutine, is its caller's alone: nothing else of it
// goes on, and the pool does.
func TestUsesThatDoNotReturn(t *testing.T) {
	leavesNothing(t)
	p := newPool(t, PoolOptions{})
	large := slices.Repeat([][]byte{pattern(0, 20_000)}, 50)
	for name, end := range map[string]func(){"panic": func() { panic("used up") }, "goexit": runtime.Goexit} {
		for what, call := range map[string]func(){
			"small": func() {
				_ = MapFunc(soon(t), p, double, upTo(50), MapOptions{Chunk: 10}, func(int, int) error { end(); return nil })
			},
			"large": func() {
				_ = MapFunc(soon(t), p, reverseBytes, large, MapOptions{Chunk: 1}, func(int, []byte) error { end(); return nil })
			},
		} {
			returned := true
			done := make(chan any)
			go func() {
				defer func() { done <- recover() }()
				call()
				returned = false
			}()
			if got := <-done; !returned || (got != nil) != (name == "panic") {
				t.Errorf("%s, %s: it returned, or %v", name, what, got)
			}
			if n, err := Apply(soon(t), p, double, 2); n != 4 || err != nil {
				t.Errorf("%s, %s: then %d, %v", name, what, n, err)
			}
		}
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
}

// When MapFunc has returned, nothing is used any more, also if its context has ended
// before its tasks.
func TestNothingIsUsedAfterTheEnd(t *testing.T) {
	leavesNothing(t)
	p := newPool(t, PoolOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	over := false
	err := MapFunc(ctx, p, reverseBytes, slices.Repeat([][]byte{pattern(0, 20_000)}, 100), MapOptions{Chunk: 1}, func(int, []byte) error {
		if over {
			t.Error("a result was used after the end")
		}
		cancel()
		return nil
	})
	over = true
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if n, err := Apply(soon(t), p, double, 2); n != 4 || err != nil { // after all of them
		t.Errorf("%d, %v", n, err)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
	if err := MapFunc(soon(t), p, double, upTo(3), MapOptions{}, nil); !errors.Is(err, ErrPoolClosed) {
		t.Errorf("a pool that is closed: %v", err)
	}
}

var reverseOrDie = ViewFunc("reverseOrDie", func(_ context.Context, b []byte) ([]byte, error) {
	if b[0] == 0 {
		return nil, killMyself()
	}
	out := bytes.Clone(b)
	slices.Reverse(out)
	return out, nil
})

// Of a worker that dies, the large tasks that it had in hand and has not begun with
// are done by others.
func TestLargeTasksOfWorkersThatDie(t *testing.T) {
	leavesNothing(t)
	p := newPool(t, PoolOptions{Workers: 3, Stderr: nowhere(t)})
	var args [][]byte
	fatal := 0
	for i := range 300 {
		arg := pattern(i, 20_000+i)
		if i%20 == 7 {
			arg[0] = 0
			fatal++
		} else {
			arg[0] = 255
		}
		args = append(args, arg)
	}
	used := make([]int, len(args))
	err := MapFunc(soon(t), p, reverseOrDie, args, MapOptions{Chunk: 3}, func(i int, r []byte) error {
		used[i]++
		if len(r) != len(args[i]) || r[len(r)-1] != 255 || r[0] != args[i][len(r)-1] {
			return fmt.Errorf("%d bytes, want %d, or other ones", len(r), len(args[i]))
		}
		return nil
	})
	for i, e := range taskErrors(t, err) {
		if args[i][0] != 0 {
			t.Errorf("task %d: %v", i, e)
		}
	}
	for i, n := range used {
		if want := min(1, int(args[i][0])); n != want {
			t.Errorf("the result of task %d was used %d times, want %d", i, n, want)
		}
	}
	if failures(err) != fatal {
		t.Errorf("%d tasks failed, want %d", failures(err), fatal)
	}
	p.Close()
	if err := p.Join(soon(t)); err != nil {
		t.Error(err)
	}
}
