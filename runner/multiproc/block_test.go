package multiproc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A blockTask is one that goes into a block: it has a fixed size.
type blockTask struct {
	ID   int32
	Does blockDeed
}

type blockDeed int32

const (
	blockDone blockDeed = iota
	blockError
	blockPanic
	blockKill
	blockExit
)

// ledgerEnv is the folder in which tasks of blocks note that they were run.
const ledgerEnv = "MULTIPROC_TEST_LEDGER"

var inBlocks = Func("inBlocks", func(_ context.Context, a blockTask) (int64, error) {
	if err := enterInto(os.Getenv(ledgerEnv), int(a.ID)); err != nil {
		return 0, err
	}
	switch a.Does {
	case blockError:
		return 0, errors.New("asked to fail")
	case blockPanic:
		panic("asked to panic")
	case blockKill:
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			return 0, err
		}
		return 0, self.Kill()
	case blockExit:
		os.Exit(3)
	}
	return int64(a.ID) * 3, nil
})

func TestTasksInBlocksEndOnceEach(t *testing.T) {
	const tasks = 300
	for _, chunk := range []int{0, 1, 7} {
		t.Run(fmt.Sprintf("chunk=%d", chunk), func(t *testing.T) {
			ledger := scratch(t)
			leavesNothing(t)
			args := make([]blockTask, tasks)
			for i := range args {
				args[i].ID = int32(i)
				switch {
				case i%60 == 13:
					args[i].Does = blockKill
				case i%60 == 40:
					args[i].Does = blockExit
				case i%20 == 5:
					args[i].Does = blockError
				case i%20 == 6:
					args[i].Does = blockPanic
				}
			}
			p := newPool(t, PoolOptions{Workers: 2, Env: []string{ledgerEnv + "=" + ledger}})
			results, err := Map(soon(t), p, inBlocks, args, MapOptions{Chunk: chunk})
			errs := taskErrors(t, err)
			runs := readLedger(t, ledger)
			for i, a := range args {
				if runs[i] != 1 {
					t.Errorf("task %d has run %d times", i, runs[i])
				}
				switch err := errs[i]; a.Does {
				case blockDone:
					if err != nil || results[i] != int64(i)*3 {
						t.Errorf("task %d: %d, %v", i, results[i], err)
					}
				case blockError, blockPanic:
					if failed, ok := errors.AsType[*Error](err); !ok || !strings.Contains(failed.Message, "asked to") || (failed.Stack != "") != (a.Does == blockPanic) {
						t.Errorf("task %d: %v", i, err)
					}
				default:
					if _, ok := errors.AsType[*ExitError](err); !ok {
						t.Errorf("task %d: %v", i, err)
					}
				}
			}
			p.Close()
			if err := p.Join(soon(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// aLot is more than what a worker may have in hand, and than goes into a block.
const aLot = 2000

// waitForTheOthers counts, in what its worker was started with, the tasks that
// have come to their end. The first one ends after all others have.
var waitForTheOthers = Func("waitForTheOthers", func(ctx context.Context, i int) (int, error) {
	return i, afterTheOthers(ctx, i)
})

// waitForTheOtherTexts is the same with what does not go into blocks.
var waitForTheOtherTexts = Func("waitForTheOtherTexts", func(ctx context.Context, text string) (string, error) {
	i, err := strconv.Atoi(text)
	if err != nil {
		return "", err
	}
	return text, afterTheOthers(ctx, i)
})

func afterTheOthers(ctx context.Context, i int) error {
	s, ok := toCount.State(ctx)
	if !ok {
		return errors.New("no state")
	}
	if i > 0 {
		return s.Put(ctx, i)
	}
	for range aLot - 1 {
		if _, err := s.Get(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A turnstile lets one task through at a time.
type turnstile struct {
	At   *Queue[int] // who is there
	Pass *Queue[int]
}

// throughTurnstile lets the first tasks through, as many as make a pool think
// that they are quick, so that many are in hand when those come that wait.
var throughTurnstile = Func("throughTurnstile", func(ctx context.Context, i int) (int, error) {
	s, ok := toTurnstile.State(ctx)
	if !ok {
		return 0, errors.New("no state")
	}
	if i < aLot {
		return i, nil
	}
	if err := s.At.Put(ctx, i); err != nil {
		return 0, err
	}
	return s.Pass.Get(ctx)
})

var toTurnstile = InitializerFunc("toTurnstile", func(_ context.Context, s turnstile) (turnstile, error) { return s, nil }, nil)

// Tasks that nobody wants any more are not begun with, also when they were in
// hand already.
func TestTasksInHandAreDroppedAsWell(t *testing.T) {
	var s turnstile
	for _, q := range []**Queue[int]{&s.At, &s.Pass} {
		var err error
		if *q, err = NewQueue[int](0); err != nil {
			t.Fatal(err)
		}
		defer (*q).Close()
	}
	p := newPool(t, PoolOptions{Workers: 1, Initializer: toTurnstile.With(s)})
	ctx, cancel := context.WithCancel(soon(t))
	all := make(chan error)
	go func() {
		_, err := Map(ctx, p, throughTurnstile, upTo(2*aLot), MapOptions{Chunk: 1})
		all <- err
	}()
	pass := func() {
		t.Helper()
		if err := s.Pass.Put(soon(t), 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.At.Get(soon(t)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-all; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	w := workersOf(p)[0]
	eventually(t, "with nothing in hand that is not begun", func() bool {
		w.hand.mu.Lock()
		defer w.hand.mu.Unlock()
		if len(w.hand.orders) != 1 { // between two orders there may be none
			return false
		}
		o := &w.hand.orders[0]
		return o.claim.state == nil || o.claim.claimed() == o.units(o.hi)
	})
	pass()
	if n, err := Apply(soon(t), p, double, 2); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	end(t, p)
}

var toCount = InitializerFunc("toCount", func(_ context.Context, q *Queue[int]) (*Queue[int], error) { return q, nil }, nil)

// A task that takes for ever delays those only that its worker has begun with:
// none. Where one did wait behind it, this would never end.
func TestNothingWaitsBehindASlowTask(t *testing.T) {
	q, err := NewQueue[int](0)
	if err != nil {
		t.Fatal(err)
	}
	p := newPool(t, PoolOptions{Workers: 2, Initializer: toCount.With(q)})
	one := MapOptions{Chunk: 1}
	numbers, err := Map(soon(t), p, waitForTheOthers, upTo(aLot), one)
	if err != nil || len(numbers) != aLot || numbers[aLot-1] != aLot-1 {
		t.Errorf("%d results, %v", len(numbers), err)
	}
	for _, size := range []int{0, 2 * blockBytes} {
		texts := make([]string, aLot)
		for i := range texts {
			texts[i] = fmt.Sprintf("%0*d", size, i)
		}
		if _, err := Map(soon(t), p, waitForTheOtherTexts, texts, one); err != nil {
			t.Errorf("of %d bytes: %v", size, err)
		}
	}
	end(t, p)
	if err = q.Close(); err != nil {
		t.Error(err)
	}
}
