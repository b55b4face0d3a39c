package hub

import "testing"

func TestEventAgainstAModel(t *testing.T) {
	for seed := range uint64(schedules) {
		g := newStage(t, seed, &Event{})
		set := false
		for range steps {
			switch s := g.someone(); g.rng.IntN(8) {
			case 0:
				g.die()
			case 1:
				g.cancelOne()
			case 2:
				g.begin(s, EventSet, nil)
				set = true
			case 3, 4:
				g.begin(s, EventClear, nil)
				set = false
			default:
				if p := g.begin(s, EventWait, nil); p.ended != set || p.err != nil {
					t.Fatalf("seed %d: a wait ends: %v, %v; set: %v", seed, p.ended, p.err, set)
				}
			}
			woken := false
			g.settle(func(p *pending) {
				if woken = true; p.err != nil {
					t.Fatalf("seed %d: %v", seed, p.err)
				}
			})
			if set && len(g.pending) > 0 || woken && !set {
				t.Fatalf("seed %d: set: %v, woken: %v, and %d wait", seed, set, woken, len(g.pending))
			}
			if p := g.begin(g.sessions[0], EventIsSet, nil); (p.result[0] == 1) != set {
				t.Fatalf("seed %d: set: %v", seed, p.result)
			}
		}
		g.close()
	}
}
