package verdict

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Noise is how a benchmark was seen to vary. One of its fields is used.
type Noise struct {
	// Pairs are ln(head/base) of pairs, check by check. Those of each check are
	// centred, so that its two sides need not have been equally fast.
	Pairs [][]float64

	// Samples are values of one side, all above zero. Two of them, drawn at
	// random, make a pair, so that nothing is left of what the two sides of a
	// round have in common.
	Samples []float64
}

// A Simulation plays checks with noise that was recorded.
type Simulation struct {
	Plan Plan

	// Noise is dealt out in turn to the decisions of one check after another, so
	// that all of it is used where there are fewer decisions.
	Noise []Noise

	// Decisions is how many there are in a check; zero means one for each Noise.
	Decisions int

	// Effects are the changes that are injected: 0.05 makes one decision of the
	// check 5 % worse.
	Effects []float64

	// Runs is how many checks are played for each Outcome; zero means 1000. A
	// rate of 5 % then has a standard error of 0.7 %.
	Runs int

	Seed uint64
}

// An Outcome sums up simulated checks.
type Outcome struct {
	// Change is the true change, for the worse, of Changed of the decisions;
	// that of all others is none.
	Change  float64
	Changed int

	Runs int

	// Alarms is the number of checks with a false regression: of a decision
	// that is not worse by more than the margin.
	Alarms int

	// Found and Missed are how many of the changed decisions were called
	// regressed and fine.
	Found, Missed int

	// Inconclusive is the part of all decisions that was.
	Inconclusive float64

	// Pairs is the mean number of pairs that a check took for all its decisions,
	// and Fixed what it takes if each gets as many as the last look has.
	Pairs, Fixed float64
}

// FalseAlarms returns the part of the checks that had a false regression.
func (o Outcome) FalseAlarms() float64 { return float64(o.Alarms) / float64(o.Runs) }

// Power returns the part of the changed decisions that was called regressed. It
// is NaN if there was none.
func (o Outcome) Power() float64 { return float64(o.Found) / float64(o.Changed*o.Runs) }

// Saved returns the part of the pairs that looking early saved.
func (o Outcome) Saved() float64 { return 1 - o.Pairs/o.Fixed }

// Run plays the checks: first with no change at all, then with all decisions
// exactly at the margin, where false alarms are as frequent as they can be, then
// with each of the effects in one decision, another one each time. Simulations
// with the same fields have the same outcomes.
func (s Simulation) Run() ([]Outcome, error) {
	if s.Decisions == 0 {
		s.Decisions = len(s.Noise)
	}
	if s.Runs == 0 {
		s.Runs = 1000
	}
	if s.Decisions < 1 || s.Runs < 1 {
		return nil, fmt.Errorf("simulation of %d checks with %d decisions", s.Runs, s.Decisions)
	}
	if err := s.Plan.Check(s.Decisions); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	draws := make([]func(*rand.Rand) float64, len(s.Noise))
	for i, n := range s.Noise {
		draw, err := n.draw()
		if err != nil {
			return nil, fmt.Errorf("noise %d: %w", i+1, err)
		}
		draws[i] = draw
	}
	if len(draws) == 0 {
		return nil, errors.New("no noise to draw from")
	}
	outcomes := []Outcome{{}, {Change: s.Plan.Margin, Changed: s.Decisions}}
	for _, e := range s.Effects {
		if !(e > -1) || math.IsInf(e, 0) {
			return nil, fmt.Errorf("effect %v: want above -1", e)
		}
		outcomes = append(outcomes, Outcome{Change: e, Changed: 1})
	}
	ns := nulls{}
	for i := range outcomes {
		// The same noise for all, so that they differ by the change alone.
		rng := rand.New(rand.NewPCG(s.Seed, 0))
		s.play(&outcomes[i], draws, rng, ns)
	}
	return outcomes, nil
}

// play fills in an outcome whose changes are given.
func (s Simulation) play(o *Outcome, draws []func(*rand.Rand) float64, rng *rand.Rand, ns nulls) {
	theta := math.Log1p(o.Change)
	most := s.Plan.last() + s.Plan.Confirm
	trials := make([]*trial, s.Decisions)
	room := make([]float64, s.Decisions*most)
	pairs, open := 0, 0
	for run := range s.Runs {
		for i := range trials {
			shift := 0.0
			if s.changed(o, run, i) {
				shift = theta
			}
			changes := room[i*most : (i+1)*most]
			for j := range changes {
				changes[j] = shift + draws[(run*s.Decisions+i)%len(draws)](rng)
			}
			trials[i] = &trial{changes: changes, verdict: Inconclusive}
		}
		s.Plan.run(trials, ns)
		alarm := false
		for i, t := range trials {
			changed := s.changed(o, run, i)
			pairs += t.n + t.confirmation.N
			switch {
			case t.verdict == Inconclusive:
				open++
			case t.verdict == Fine && changed:
				o.Missed++
			case t.verdict == Regressed && changed:
				o.Found++
			}
			alarm = alarm || t.verdict == Regressed && (!changed || o.Change <= s.Plan.Margin)
		}
		if alarm {
			o.Alarms++
		}
	}
	o.Runs = s.Runs
	o.Inconclusive = float64(open) / float64(s.Runs*s.Decisions)
	o.Pairs = float64(pairs) / float64(s.Runs)
	o.Fixed = float64(s.Decisions * s.Plan.last())
}

// changed reports whether a decision has the change in a run.
func (s Simulation) changed(o *Outcome, run, decision int) bool {
	return o.Changed == s.Decisions || o.Changed == 1 && decision == run%s.Decisions
}

// maxChange is beyond the logarithm of every ratio of two float64s.
const maxChange = 1500

// draw returns what draws the change of a pair of equal sides. It is symmetric
// about zero: a recorded pair gets a random sign, as the test supposes.
func (n Noise) draw() (func(*rand.Rand) float64, error) {
	pairs := slices.Concat(n.Pairs...)
	if (len(pairs) == 0) == (len(n.Samples) == 0) {
		return nil, fmt.Errorf("%d pairs and %d samples: want one of both", len(pairs), len(n.Samples))
	}
	if len(n.Samples) > 0 {
		logs := make([]float64, len(n.Samples))
		for i, x := range n.Samples {
			l, err := Decision{}.log(x)
			if err != nil {
				return nil, fmt.Errorf("sample %d: %w", i+1, err)
			}
			logs[i] = l
		}
		return func(rng *rand.Rand) float64 { return logs[rng.IntN(len(logs))] - logs[rng.IntN(len(logs))] }, nil
	}
	if i := slices.IndexFunc(pairs, func(x float64) bool { return !(math.Abs(x) <= maxChange) }); i >= 0 {
		return nil, fmt.Errorf("pair %d: %v is not the logarithm of a ratio", i+1, pairs[i])
	}
	s := pairs[:0]
	for _, check := range n.Pairs {
		if len(check) == 0 {
			continue
		}
		sorted := newSample(check)
		center := sorted.center()
		for _, x := range sorted {
			s = append(s, x-center)
		}
	}
	return func(rng *rand.Rand) float64 {
		r := rng.Uint64()
		x := s[(r>>1)%uint64(len(s))] // a pool is so small that no remainder is favoured
		if r&1 == 1 {
			return -x
		}
		return x
	}, nil
}
