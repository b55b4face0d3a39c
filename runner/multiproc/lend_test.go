package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// An errand is a task that ends in one of several ways.
type errand struct {
	How string
	N   int
}

var runErrand = Func("runErrand", func(_ context.Context, e errand) (string, error) {
	switch e.How {
	case "rests":
		time.Sleep(time.Millisecond) // longer than anybody looks for its end
	case "fails":
		return "", fmt.Errorf("errand %d", e.N)
	case "dies":
		os.Exit(7)
	case "brings much":
		return strings.Repeat("x", e.N), nil
	}
	return fmt.Sprint(e.How, e.N), nil
})

// What becomes of a task is the same whether its caller has borrowed the worker
// or not, and whether it waits until the end or hands over to the worker's
// goroutine.
func TestErrandsOfBorrowedWorkers(t *testing.T) {
	leavesNothing(t)
	all := []PoolOptions{{Workers: 2, MaxTasksPerChild: 5}, {Workers: 1}, {Workers: 2}, {Workers: 3, TaskTimeout: time.Minute}}
	if testing.Short() {
		all = all[:1]
	}
	for _, o := range all {
		p := newPool(t, o)
		var all sync.WaitGroup
		for c := range 4 {
			all.Go(func() {
				for i := range 15 {
					e := errand{[]string{"goes", "rests", "goes", "fails", "goes", "brings much", "dies"}[(i+c)%7], 3000 * i}
					if e.How == "dies" && i > 7 {
						e.How = "goes" // starts take their time
					}
					got, err := Apply(soon(t), p, runErrand, e)
					checkErrand(t, e, got, err)
				}
			})
		}
		all.Go(func() { // the workers come and go, and are closed to some at the end
			for n := range 8 {
				if err := p.Resize(1 + n%3); err != nil {
					t.Error(err)
				}
				if _, err := Map(soon(t), p, double, []int{1, 2, 3}, MapOptions{Chunk: 1}); err != nil {
					t.Error(err)
				}
			}
		})
		all.Wait()
		p.Close()
		if _, err := Apply(soon(t), p, runErrand, errand{"goes", 1}); !errors.Is(err, ErrPoolClosed) {
			t.Errorf("a closed pool: %v", err)
		}
		if err := p.Join(soon(t)); err != nil {
			t.Error(err)
		}
	}
}

func checkErrand(t *testing.T, e errand, got string, err error) {
	t.Helper()
	switch e.How {
	case "fails":
		if err == nil || !strings.Contains(err.Error(), fmt.Sprint("errand ", e.N)) {
			t.Errorf("%v: %q, %v", e, got, err)
		}
	case "dies":
		if err == nil || !strings.Contains(err.Error(), "died with the task in hand") {
			t.Errorf("%v: %q, %v", e, got, err)
		}
	case "brings much":
		if err != nil || len(got) != e.N {
			t.Errorf("%v: %d bytes, %v", e, len(got), err)
		}
	default:
		if err != nil || got != fmt.Sprint(e.How, e.N) {
			t.Errorf("%v: %q, %v", e, got, err)
		}
	}
}
