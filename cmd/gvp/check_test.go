package main

import "testing"

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
