package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results/checks"
)

// What a check finds at its last look can still be confirmed by fresh rounds.
func TestRoundsSufficeForTheWholePlan(t *testing.T) {
	for _, rounds := range []int{10, 30, 200} {
		for _, decisions := range []int{1, 3, 10} {
			f := checkFlags{rounds: rounds}
			plan, err := planOf(3, 0.05, decisions, rounds)
			if err != nil {
				continue // too few for so many decisions
			}
			if last := plan.Looks[len(plan.Looks)-1]; f.mostRounds() != last+plan.Confirm {
				t.Errorf("%d decisions: %d rounds, and the last look at %d wants %d fresh ones", decisions, f.mostRounds(), last, plan.Confirm)
			}
		}
	}
}

// The table of what has no effect speaks of flags that there are.
func TestIdleFlagsExist(t *testing.T) {
	fs := (&tool{}).checkCommand().Flags()
	for _, kind := range idleFlags {
		for _, name := range kind.flags {
			if fs.Lookup(name) == nil {
				t.Errorf("%s: there is no --%s", kind.why, name)
			}
		}
	}
}

func TestWhatLostMostIsProfiled(t *testing.T) {
	g := newGatekeeper(defaultFlags())
	g.final = true
	var series []checks.Series
	for i, by := range []float64{1.2, 1.5, 1, 1.4, 1.1, 1.3, 1.6} {
		s := seriesOf(fmt.Sprint("B", i), "sec/op", 20)
		for k := range s.Pairs {
			s.Pairs[k].Head *= by
		}
		series = append(series, s)
	}
	o, err := g.judgeSeries(&checks.Check{}, series, nil)
	if err != nil {
		t.Fatal(err)
	}
	names, more := lostMost(o)
	if diff := cmp.Diff([]string{"B6", "B1", "B3", "B5", "B0"}, names); diff != "" || more != 1 {
		t.Errorf("%d more, profiled (-want +got):\n%s", more, diff)
	}
}
