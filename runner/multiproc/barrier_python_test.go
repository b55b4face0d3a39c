package multiproc

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"
)

func TestPyBarrierThousand(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 100
	}
	b, err := NewBarrier(3)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	one, two := act(t, play{Barrier: b, Rounds: rounds}), act(t, play{Barrier: b, Rounds: rounds})
	one.tell("barrier")
	two.tell("barrier")
	for range rounds {
		if _, err := b.Wait(soon(t)); err != nil {
			t.Fatal(err)
		}
	}
	one.hear("ok")
	two.hear("ok")
}

func TestPyBarrierAction(t *testing.T) {
	b, err := NewBarrier(3)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	var mu sync.Mutex
	acted, places := 0, map[int]bool{}
	meet := func(action func() error) (failed int) {
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				place, err := b.WaitDo(soon(t), action)
				mu.Lock()
				defer mu.Unlock()
				places[place] = true
				if err != nil {
					failed++
				}
			})
		}
		all.Wait()
		return failed
	}
	for range 10 {
		if n := meet(func() error { acted++; return nil }); n != 0 {
			t.Errorf("%d parties failed", n)
		}
	}
	if acted != 10 || len(places) != 3 {
		t.Errorf("%d actions in 10 rounds, places %v", acted, places)
	}
	if n := meet(func() error { return errors.New("no") }); n != 3 {
		t.Errorf("after a failed action %d of 3 parties failed", n)
	}
	if broken, err := b.Broken(); !broken || err != nil {
		t.Errorf("broken: %v, %v", broken, err)
	}
}

// Python's test_action: in each round one of the processes acts, before any of
// them goes on.
func TestPyBarrierActionByProcesses(t *testing.T) {
	const rounds, parties = 20, 3
	b, err := NewBarrier(parties)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	acted := newQueue[int](t, 0)
	var actors []*actor
	pids := map[int]bool{}
	for range parties - 1 {
		a := act(t, play{Barrier: b, Queue: acted, Rounds: rounds})
		a.tell("barrier act")
		actors, pids[a.PID()] = append(actors, a), true
	}
	pids[os.Getpid()] = true
	for round := 1; round <= rounds; round++ {
		if _, err := b.WaitDo(soon(t), func() error { return acted.Put(soon(t), os.Getpid()) }); err != nil {
			t.Fatal(err)
		}
		// The next round has its action when this process has come to it.
		if who, err := acted.TryGet(); !pids[who] || err != nil {
			t.Errorf("round %d: process %d has acted, %v", round, who, err)
		}
		if n, err := acted.Len(); n != 0 || err != nil {
			t.Errorf("round %d: %d more have acted, %v", round, n, err)
		}
	}
	for _, a := range actors {
		a.hear("ok")
	}
}

// waitsAtBarrier starts a child that waits at the barrier.
func waitsAtBarrier(t *testing.T, b *Barrier) *actor {
	t.Helper()
	a := act(t, play{Barrier: b, Rounds: 1})
	a.tell("barrier")
	eventually(t, "waiting", func() bool {
		n, err := b.Waiting()
		if err != nil {
			t.Fatal(err)
		}
		return n == 1
	})
	return a
}

func TestPyBarrierAbort(t *testing.T) {
	b, err := NewBarrier(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	a := waitsAtBarrier(t, b)
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
	a.hear(ErrBroken.Error())
	if broken, err := b.Broken(); !broken || err != nil {
		t.Errorf("broken: %v, %v", broken, err)
	}
	a.do("barrier", ErrBroken.Error()) // and it stays so
	if _, err := b.Wait(soon(t)); !errors.Is(err, ErrBroken) {
		t.Errorf("here: %v", err)
	}
}

func TestPyBarrierReset(t *testing.T) {
	b, err := NewBarrier(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	a := waitsAtBarrier(t, b)
	if err := b.Reset(); err != nil {
		t.Error(err)
	}
	a.hear(ErrBroken.Error())
	if broken, err := b.Broken(); broken || err != nil {
		t.Errorf("broken: %v, %v", broken, err)
	}
	a.tell("barrier") // the next time is like the first
	if _, err := b.Wait(soon(t)); err != nil {
		t.Error(err)
	}
	a.hear("ok")
}

func TestBarrierBreaksWithWhoGivesUp(t *testing.T) {
	b, err := NewBarrier(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := b.Wait(brief(t)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("alone: %v", err)
	}
	if _, err := b.Wait(soon(t)); !errors.Is(err, ErrBroken) {
		t.Errorf("after one has given up: %v", err)
	}
	if _, err := NewBarrier(0); err == nil {
		t.Error("a barrier for nobody")
	}
}

// An action of a time that a reset has ended says nothing of the next one, also
// in the same process.
func TestAnActionThatIsTooLateReleasesNobody(t *testing.T) {
	for name, late := range map[string]error{"done": nil, "failed": errors.New("no")} {
		t.Run(name, func(t *testing.T) {
			b, err := NewBarrier(2)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			// meet has two parties come, the second with an action that begins
			// with a receive of what it returns.
			meet := func() (action chan error, others, leaders chan error) {
				action, others, leaders = make(chan error), make(chan error, 1), make(chan error, 1)
				go func() { _, err := b.Wait(soon(t)); others <- err }()
				eventually(t, "waiting", func() bool { n, _ := b.Waiting(); return n == 1 })
				acts := make(chan struct{})
				go func() {
					_, err := b.WaitDo(soon(t), func() error { close(acts); return <-action })
					leaders <- err
				}()
				<-acts
				return action, others, leaders
			}
			first, others, leaders := meet()
			if err := b.Reset(); err != nil {
				t.Fatal(err)
			}
			if err := <-others; !errors.Is(err, ErrBroken) {
				t.Errorf("who waited before the reset: %v", err)
			}
			second, next, nextLeader := meet()
			first <- late
			if err := <-leaders; !errors.Is(err, ErrBroken) || late != nil && !errors.Is(err, late) {
				t.Errorf("the first leader: %v", err)
			}
			if n, err := b.Waiting(); n != 1 || err != nil {
				t.Errorf("%d wait for the second action, %v", n, err)
			}
			second <- nil
			if err := errors.Join(<-next, <-nextLeader); err != nil {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}
