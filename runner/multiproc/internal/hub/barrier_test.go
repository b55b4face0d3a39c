package hub

import (
	"errors"
	"testing"
)

func TestBarrierAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		parties := 1 + int(seed%3)
		g := newStage(t, seed, NewBarrier(uint64(parties)))
		waiting, broken := 0, false
		var leader *Session
		passed := 0
		breakUp := func() {
			leader, waiting, broken = nil, 0, true
		}
		for range steps {
			s := g.someone()
			switch g.rng.IntN(12) {
			case 0:
				n := len(g.pending)
				dead := g.die()
				if len(g.pending) < n || dead == leader {
					breakUp()
				}
			case 1:
				if len(g.pending) > 0 {
					g.cancelOne()
					breakUp()
				}
			case 2:
				g.begin(s, BarrierReset, nil)
				breakUp()
				broken = false
			case 3, 4:
				if leader == nil {
					continue
				}
				g.begin(leader, BarrierPassed, nil)
				leader, waiting = nil, 0
				passed++
			default:
				if leader != nil {
					continue // those who come meanwhile are for the next time
				}
				op := byte(BarrierWait)
				if g.rng.IntN(2) == 0 {
					op = BarrierActing
				}
				p := g.begin(s, op, nil)
				switch {
				case broken && !errors.Is(p.err, ErrBroken):
					t.Fatalf("seed %d: a broken barrier lets wait: %v", seed, p.err)
				case broken:
				case waiting+1 == parties:
					if leads := op == BarrierActing; !p.ended || p.err != nil || (p.result[0] == BarrierLead) != leads {
						t.Fatalf("seed %d: the last party, with %q: %v", seed, op, p.err)
					}
					if op == BarrierActing {
						leader = s
					} else {
						waiting = 0
						passed++
					}
				case p.ended:
					t.Fatalf("seed %d: %d of %d parties, and one passes: %v", seed, waiting+1, parties, p.err)
				default:
					waiting++
				}
			}
			g.settle(func(p *pending) {
				if p.err != nil && !errors.Is(p.err, ErrBroken) {
					t.Fatalf("seed %d: %v", seed, p.err)
				}
			})
			if len(g.pending) != waiting {
				t.Fatalf("seed %d: %d wait, want %d", seed, len(g.pending), waiting)
			}
		}
		if passed == 0 {
			t.Fatalf("seed %d: the barrier was never passed", seed)
		}
		g.close()
	}
}

// Who comes while an action is done is a party of the next time. If it gives
// up, those of this time pass, and the next time is broken.
func TestPartiesThatComeDuringAnAction(t *testing.T) {
	for name, gives := range map[string]bool{"stays": false, "gives up": true} {
		t.Run(name, func(t *testing.T) {
			g := newStage(t, 0, NewBarrier(2))
			first := g.begin(g.sessions[0], BarrierWait, nil)
			g.begin(g.sessions[1], BarrierActing, nil)
			next, after := g.begin(g.sessions[2], BarrierWait, nil), g.begin(g.sessions[3], BarrierWait, nil)
			if gives && !next.cancel() {
				t.Error("it cannot give up")
			}
			if first.ended || next.ended || after.ended != gives {
				t.Error("somebody passes during the action")
			}
			g.begin(g.sessions[1], BarrierPassed, nil)
			if !first.ended || first.err != nil {
				t.Errorf("the other party of this time: %v, %v", first.ended, first.err)
			}
			if want := map[bool]error{true: ErrBroken}[gives]; !after.ended || !errors.Is(after.err, want) {
				t.Errorf("the next time: %v, %v", after.ended, after.err)
			}
			if p := g.begin(g.sessions[0], BarrierBroken, nil); (p.result[0] == 1) != gives {
				t.Errorf("broken: %v", p.result)
			}
		})
	}
}
