package hub

import (
	"errors"
	"testing"
)

func TestSemaphoreAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		permits := int(seed % 4)
		g := newStage(t, seed, NewSemaphore(uint64(permits), true))
		held := map[*Session]int{}
		total := 0
		got := func(p *pending) {
			if p.err == nil {
				held[p.s]++
				total++
			}
		}
		for range steps {
			switch s := g.someone(); g.rng.IntN(10) {
			case 0:
				dead := g.die()
				total -= held[dead]
				delete(held, dead)
			case 1:
				g.cancelOne()
			case 2, 3, 4:
				if held[s] == 0 {
					continue // another's permit: allowed, but not in this model
				}
				held[s]--
				total--
				if p := g.begin(s, SemRelease, nil); p.err != nil {
					t.Fatalf("seed %d: release: %v", seed, p.err)
				}
			default:
				if p := g.begin(s, SemAcquire, nil); p.ended {
					got(p)
				}
			}
			g.settle(got)
			if total > permits {
				t.Fatalf("seed %d: %d of %d permits are held", seed, total, permits)
			}
			if total < permits && len(g.pending) > 0 {
				t.Fatalf("seed %d: %d of %d permits are held, and %d wait", seed, total, permits, len(g.pending))
			}
			p := g.begin(g.sessions[0], SemValue, nil)
			if n, err := Number(p.result); int(n) != permits-total || err != nil {
				t.Fatalf("seed %d: %d permits are free, want %d", seed, n, permits-total)
			}
		}
		g.close()
	}
}

// What a dead session held comes back as far as the semaphore has lost it.
func TestPermitsThatComeBack(t *testing.T) {
	const a, b = 0, 1
	type step struct {
		who int
		op  byte
		err error
	}
	take := func(who int) step { return step{who, SemAcquire, nil} }
	give := func(who int) step { return step{who, SemRelease, nil} }
	for name, test := range map[string]struct {
		initial uint64
		bounded bool
		steps   []step
		free    uint64
		told    bool
	}{
		"all that it held":              {2, false, []step{take(a), take(a)}, 2, true},
		"not what another holds":        {2, true, []step{take(a), take(b)}, 1, true},
		"not what it gave back":         {1, false, []step{take(a), give(a)}, 1, false},
		"not what another gave back":    {1, true, []step{take(a), give(b)}, 1, false},
		"not signals":                   {0, false, []step{give(b), take(a)}, 0, false},
		"not signals beside permits":    {1, false, []step{give(b), take(a), take(a)}, 1, true},
		"nothing of an empty bounded":   {0, true, []step{{b, SemRelease, ErrReleased}}, 0, false},
		"what it acquired and another":  {2, true, []step{take(a), take(a), give(b)}, 2, true},
		"one release more than permits": {1, true, []step{{a, SemRelease, ErrReleased}}, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := newStage(t, 0, NewSemaphore(test.initial, test.bounded))
			for i, s := range test.steps {
				if p := g.begin(g.sessions[s.who], s.op, nil); !p.ended || !errors.Is(p.err, s.err) {
					t.Fatalf("step %d: %v, %v", i, p.ended, p.err)
				}
			}
			g.sessions[a].End()
			p := g.begin(g.sessions[b], SemValue, nil)
			if n, err := Number(p.result); n != test.free || err != nil {
				t.Errorf("%d are free, %v; want %d", n, err, test.free)
			}
			if p := g.begin(g.sessions[b], SemTryAcquire, nil); errors.Is(p.err, ErrOwnerDied) != test.told {
				t.Errorf("the next one: %v", p.err)
			}
		})
	}
}
