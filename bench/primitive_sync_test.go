package bench

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

// A synced is what keeps goroutines or processes in step: one step of it, and
// whatever a rival does while it is contended.
type synced struct {
	step func() error
	end  func() error
}

// A keeper makes something that keeps in step, with a rival if it is contended.
type keeper struct {
	what, by string
	open     func(ctx context.Context, contended bool) (synced, error)
}

var keepers = []keeper{
	{"lock", "mutex", mutexSteps},
	{"lock", "multiproc", func(ctx context.Context, contended bool) (synced, error) {
		l := multiproc.NewLock()
		return acquired(ctx, rivalry{Lock: l}, contended, l.Close)
	}},
	{"semaphore", "channel", channelSteps},
	{"semaphore", "multiproc", func(ctx context.Context, contended bool) (synced, error) {
		s, err := multiproc.NewSemaphore(1)
		if err != nil {
			return synced{}, err
		}
		return acquired(ctx, rivalry{Semaphore: s}, contended, s.Close)
	}},
}

// BenchmarkLock acquires and releases a lock or a semaphore of one permit, alone
// and while somebody else does nothing but that.
func BenchmarkLock(b *testing.B) {
	for _, k := range keepers {
		for _, contended := range []bool{false, true} {
			name := "what=" + k.what + "/contended=no"
			if contended {
				name = "what=" + k.what + "/contended=yes"
			}
			b.Run(name+"/by="+k.by, func(b *testing.B) { steps(b, k, contended) })
		}
	}
}

func steps(b *testing.B, k keeper, contended bool) {
	b.Helper()
	s, err := k.open(b.Context(), contended)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := s.step(); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.end(); err != nil {
		b.Fatal(err)
	}
}

// rivalGoroutine takes steps until stopped.
func rivalGoroutine(step func()) (stop func() error) {
	var ended atomic.Bool
	var all sync.WaitGroup
	all.Go(func() {
		for !ended.Load() {
			step()
		}
	})
	return func() error { ended.Store(true); all.Wait(); return nil }
}

func nobody() error { return nil }

func mutexSteps(_ context.Context, contended bool) (synced, error) {
	var mu sync.Mutex
	step := func() {
		mu.Lock()
		mu.Unlock() //nolint:staticcheck // what is measured is the pair alone
	}
	end := nobody
	if contended {
		end = rivalGoroutine(step)
	}
	return synced{func() error { step(); return nil }, end}, nil
}

func channelSteps(_ context.Context, contended bool) (synced, error) {
	permits := make(chan struct{}, 1)
	step := func() {
		permits <- struct{}{}
		<-permits
	}
	end := nobody
	if contended {
		end = rivalGoroutine(step)
	}
	return synced{func() error { step(); return nil }, end}, nil
}

// A rivalry is about one of these.
type rivalry struct {
	Lock      *multiproc.Lock
	Semaphore *multiproc.Semaphore
	Over      *multiproc.Event // the rival is to end
}

// step acquires and releases what it is about.
func (r rivalry) step(ctx context.Context) error {
	if r.Lock != nil {
		if err := r.Lock.Acquire(ctx); err != nil {
			return err
		}
		return r.Lock.Release()
	}
	if err := r.Semaphore.Acquire(ctx); err != nil {
		return err
	}
	return r.Semaphore.Release()
}

// rival takes steps until it is over.
var rival = multiproc.Func("bench.rival", func(ctx context.Context, r rivalry) (n int, err error) {
	for over := false; !over && err == nil; n++ {
		if err = r.step(ctx); err == nil {
			over, err = r.Over.IsSet()
		}
	}
	return n, err
})

func acquired(ctx context.Context, r rivalry, contended bool, end func() error) (synced, error) {
	s := synced{func() error { return r.step(ctx) }, end}
	if !contended {
		return s, nil
	}
	r.Over = multiproc.NewEvent()
	child, err := rival.Start(r, multiproc.Options{})
	if err != nil {
		return s, err
	}
	s.end = func() error {
		err := r.Over.Set()
		_, err2 := child.Join(ctx)
		return errors.Join(err, err2, r.Over.Close(), end())
	}
	return s, nil
}

// A turn is what two have that take turns: each waits for the other.
type turn struct {
	Ping, Pong *multiproc.Event
	Barrier    *multiproc.Barrier
	Lock       *multiproc.Lock
	Changed    *multiproc.Condition
	Whose      *multiproc.Value[int64] // 0 for the parent, 1 for the child, 2 for the end
	Rounds     int64
}

// BenchmarkTurn has two wait for each other, once each: by an event each, by a
// barrier, by a condition; with channels and sync between goroutines.
func BenchmarkTurn(b *testing.B) {
	b.Run("what=event/by=channel", channelTurns)
	b.Run("what=barrier/by=channel", channelTurns)
	b.Run("what=condition/by=sync", conditionTurns)
	for _, what := range []string{"event", "barrier", "condition"} {
		b.Run("what="+what+"/by=multiproc", func(b *testing.B) { processTurns(b, what) })
	}
}

// channelTurns is an event and a barrier of two: with channels, the same exchange.
func channelTurns(b *testing.B) {
	there, back := make(chan struct{}), make(chan struct{})
	go func() {
		for range there {
			back <- struct{}{}
		}
	}()
	for b.Loop() {
		there <- struct{}{}
		<-back
	}
	close(there)
}

func conditionTurns(b *testing.B) {
	var mu sync.Mutex
	changed := sync.NewCond(&mu)
	whose := 0
	to := func(mine, next int) bool {
		mu.Lock()
		defer mu.Unlock()
		for whose == 1-mine {
			changed.Wait()
		}
		if whose == 2 {
			return false
		}
		whose = next
		changed.Broadcast()
		return true
	}
	var other sync.WaitGroup
	other.Go(func() {
		for to(1, 0) {
		}
	})
	for b.Loop() {
		to(0, 1)
	}
	to(0, 2)
	other.Wait()
}

// take takes one turn of the child, or of the parent.
func (t turn) take(ctx context.Context, child bool) error {
	switch {
	case t.Barrier != nil:
		_, err := t.Barrier.Wait(ctx)
		return err
	case t.Ping != nil && child:
		return errors.Join(t.Ping.Wait(ctx), t.Ping.Clear(), t.Pong.Set())
	case t.Ping != nil:
		return errors.Join(t.Ping.Set(), t.Pong.Wait(ctx), t.Pong.Clear())
	}
	mine, next := int64(0), int64(1)
	if child {
		mine, next = 1, 0
	}
	if err := t.Changed.Acquire(ctx); err != nil {
		return err
	}
	err := t.Changed.WaitFor(ctx, func() (bool, error) { return *t.Whose.Raw() == mine, nil })
	*t.Whose.Raw() = next
	return errors.Join(err, t.Changed.NotifyAll(), t.Changed.Release())
}

// opposite takes its turns.
var opposite = multiproc.Func("bench.opposite", func(ctx context.Context, t turn) (n int64, err error) {
	for ; n < t.Rounds && err == nil; n++ {
		err = t.take(ctx, true)
	}
	return n, err
})

func processTurns(b *testing.B, what string) {
	ctx := b.Context()
	t := turn{Rounds: int64(b.N) + 1} // the first is off the clock: the child comes up in it
	var err error
	end := nobody
	switch what {
	case "event":
		t.Ping, t.Pong = multiproc.NewEvent(), multiproc.NewEvent()
		end = func() error { return errors.Join(t.Ping.Close(), t.Pong.Close()) }
	case "barrier":
		t.Barrier, err = multiproc.NewBarrier(2)
		end = func() error { return t.Barrier.Close() }
	case "condition":
		t.Lock = multiproc.NewLock()
		if t.Changed, err = multiproc.NewCondition(t.Lock); err == nil {
			t.Whose, err = multiproc.NewValue(int64(0))
		}
		end = func() error { return errors.Join(t.Changed.Close(), t.Lock.Close(), t.Whose.Close()) }
	}
	if err != nil {
		b.Fatal(err)
	}
	child, err := opposite.Start(t, multiproc.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := t.take(ctx, false); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N { // the child has to know how many
		if err := t.take(ctx, false); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	if n, err := child.Join(ctx); n != t.Rounds || err != nil {
		b.Fatal(n, err)
	}
	if err := end(); err != nil {
		b.Fatal(err)
	}
}
