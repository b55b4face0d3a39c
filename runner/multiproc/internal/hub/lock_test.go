package hub

import (
	"errors"
	"testing"
)

func TestLockAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		g := newStage(t, seed, nil)
		places := make([]Place, 4)
		g.object = g.hub.AddLock(places)
		w := WordAt(places, g.object)
		var holder *Session
		deaths, told := 0, 0
		got := func(p *pending) {
			switch {
			case p.err == nil && (p.op == LockAcquire || p.op == LockTryAcquire):
				if holder != nil {
					t.Fatalf("seed %d: two holders", seed)
				}
				holder = p.s
			case errors.Is(p.err, ErrOwnerDied):
				told++
			}
		}
		for range steps {
			switch s := g.someone(); g.rng.IntN(10) {
			case 0:
				if dead := g.die(); dead == holder {
					holder = nil
					deaths++
				}
			case 1:
				g.cancelOne()
			case 2:
				// The short way, which is there as long as nobody waits or is to be
				// told of a death.
				switch was := holder; {
				case was == nil:
					if w.Acquire(s.process) {
						holder = s
					} else if told == deaths {
						t.Fatalf("seed %d: nobody has the lock, and it is not to be had", seed)
					}
				case w.Release(s.process):
					if holder = nil; was != s || len(g.pending) > 0 {
						t.Fatalf("seed %d: the lock is released by another, or from under those who wait", seed)
					}
				}
			case 3, 4:
				was := holder
				if was == s {
					holder = nil // before the next one gets it
				}
				if p := g.begin(s, LockRelease, nil); (p.err == nil) != (was == s) {
					t.Fatalf("seed %d: release: %v", seed, p.err)
				}
			case 5:
				p := g.begin(s, LockTryAcquire, nil)
				if !p.ended {
					t.Fatalf("seed %d: a try waits", seed)
				}
				got(p)
			default:
				if p := g.begin(s, LockAcquire, nil); p.ended {
					got(p)
				}
			}
			g.settle(got)
			if holder == nil && len(g.pending) > 0 {
				t.Fatalf("seed %d: the lock is free, and %d wait", seed, len(g.pending))
			}
			if told > deaths || deaths-told > 1 && len(g.pending) > 0 {
				t.Fatalf("seed %d: %d deaths, told %d times", seed, deaths, told)
			}
		}
		g.close()
	}
}
