package verdict

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// A Plan says how decisions are made. It is declared before anything is
// measured; to change it on seeing pairs would spoil all that it promises.
type Plan struct {
	// Margin is the change for the worse that is tolerated: 0.03 is 3 %. It is
	// one of the ratio that is above one: for a throughput, base/head.
	Margin float64

	// Alpha bounds the chance of at least one false regression among all
	// decisions, and Beta, for each decision, that of calling it fine although
	// it is worse by the margin or more. Both are one-sided.
	Alpha, Beta float64

	// Looks are the numbers of pairs at which decisions are made, rising. A
	// decision that is still open after the last is inconclusive.
	Looks []int

	// Weights split Alpha and Beta over the looks; they sum to 1. None means
	// equal parts.
	Weights []float64

	// Confirm is how many fresh pairs a candidate must be confirmed by, and
	// ConfirmLevel the p-value that they must reach by themselves. With none, a
	// candidate is regressed at once.
	Confirm      int
	ConfirmLevel float64

	// Final says that there will be no more pairs than there are, as where others
	// have measured them. The one look is then at all pairs of each decision, up to
	// MaxPairs, and its number that of the fewest that it is taken at; but counts that
	// are the same on both sides are fine however few there are.
	Final bool
}

// Default returns the plan that stands where nobody says otherwise. It lacks the
// looks, which Choose adds.
//
// A candidate is confirmed by ten pairs at 10 %. Alpha holds without them, so
// that they need not be strict; they must not lose what is real. A pair that is
// far out on the wrong side has the highest rank, n, and must not veto all
// others: at 5 % it does with fewer than ten, at 10 % with fewer than eight, and
// ten leave room for another that is a little on the wrong side. Where spread is
// 1 % and one pair in ten is drawn with ten times that, a change of 5 % against
// a margin of 3 % is confirmed with a chance of
//
//	pairs       5     6     8    10     8    10    12
//	level     5 %   5 %   5 %   5 %  10 %  10 %  10 %
//	chance   0.72  0.78  0.75  0.90  0.93  0.95  0.95
//
// (TestChanceThatWhatIsRealIsConfirmed) and no change at all, hardly ever. Only
// candidates cost the ten, and they are few.
func Default() Plan {
	return Plan{Margin: 0.03, Alpha: 0.05, Beta: 0.05, Confirm: 10, ConfirmLevel: 0.1}
}

// maxLooks is how many looks Choose plans at most. More looks end clear cases
// sooner, but each then has less of Alpha.
const maxLooks = 4

// Choose returns the plan with looks for that many decisions, the last of them
// after that many rounds. The first is as early as it can be: where all pairs on
// one side are just enough to reject. The others follow in equal proportions: the
// standard error falls with √n, so that these are equal steps in ln of the change
// that can be told from the margin, and whatever the change, waiting for the next
// look takes at most one such proportion more pairs than were needed. If there
// are too few rounds for several looks to be worth their share of Alpha there are
// fewer, and if there are too few for one, the error says how many there must be.
//
// Decisions that are exact need not be counted: most of them turn out certain.
func (p Plan) Choose(decisions, rounds int) (Plan, error) {
	if rounds > MaxPairs {
		return p, fmt.Errorf("%d rounds: at most %d", rounds, MaxPairs)
	}
	p.Weights = nil
	for n := maxLooks; n >= 1; n-- {
		p.Looks = spaced(p.least(decisions, 1/float64(n)), rounds, n)
		if p.Looks != nil {
			return p, p.Check(decisions)
		}
	}
	return p, fmt.Errorf("%d rounds can never decide: %d decisions at alpha %g and beta %g need at least %d", rounds, decisions, p.Alpha, p.Beta, p.least(decisions, 1))
}

// least returns how many pairs a look with a weight needs to be able to call
// one of so many decisions regressed, and one fine.
func (p Plan) least(decisions int, weight float64) int {
	return least(weight * min(p.Alpha/float64(max(1, decisions)), p.Beta))
}

// minGrowth is by how much each look must have more pairs than the one before. It is
// chosen so that a further look can be worth its share of Alpha: with 15 % more pairs
// the standard error is 1−1/√1.15 = 7 % smaller, while with a k-th look each has a
// part 1/k of Alpha, which for ten decisions raises the normal quantile that must be
// passed, z(1−0.05/10/k) = 2.58, 2.81, 2.94, 3.02 for k = 1…4, by 9, 5 and 3 %.
const minGrowth = 1.15

// spaced returns n numbers from first to last in equal proportions, or nil if
// they would lie too close together. One look is at the last.
func spaced(first, last, n int) []int {
	if first > last {
		return nil
	}
	if n == 1 {
		return []int{last}
	}
	growth := math.Pow(float64(last)/float64(first), 1/float64(n-1))
	if growth < minGrowth {
		return nil
	}
	looks := make([]int, n)
	for i := range looks {
		looks[i] = int(math.Round(float64(first) * math.Pow(growth, float64(i))))
		if i > 0 && looks[i] == looks[i-1] {
			return nil
		}
	}
	return looks
}

// Check reports what is wrong with the plan for that many decisions, those that
// are exact left aside.
func (p Plan) Check(decisions int) error {
	if !(p.Margin >= 0) || math.IsInf(p.Margin, 0) {
		return fmt.Errorf("margin %v: want 0 or more", p.Margin)
	}
	if !level(p.Alpha) || !level(p.Beta) {
		return fmt.Errorf("alpha %v, beta %v: want above 0 and below 0.5", p.Alpha, p.Beta)
	}
	if p.Confirm < 0 || p.Confirm > MaxPairs {
		return fmt.Errorf("confirmation by %d pairs: want 0 to %d", p.Confirm, MaxPairs)
	}
	if p.Confirm > 0 && (!level(p.ConfirmLevel) || p.Confirm < least(p.ConfirmLevel)) {
		return fmt.Errorf("confirmation by %d pairs at level %v: can never confirm, or always", p.Confirm, p.ConfirmLevel)
	}
	if err := p.checkLooks(); err != nil {
		return err
	}
	if p.Final && (len(p.Looks) != 1 || p.Confirm != 0) {
		return fmt.Errorf("looks at %v pairs and %d to confirm, of pairs that will be no more: want one look and none to confirm", p.Looks, p.Confirm)
	}
	// Later looks have more pairs, but may have smaller weights.
	for k, n := range p.Looks {
		if need := p.least(decisions, p.weight(k)); n < need {
			return fmt.Errorf("a look at %d pairs with %.3g of alpha %g and beta %g can never decide: %d decisions need at least %d", n, p.weight(k), p.Alpha, p.Beta, decisions, need)
		}
	}
	return nil
}

func (p Plan) checkLooks() error {
	if len(p.Looks) == 0 {
		return errors.New("no looks planned")
	}
	for k, n := range p.Looks {
		if n < 1 || n > MaxPairs || k > 0 && n <= p.Looks[k-1] {
			return fmt.Errorf("looks at %v pairs: want rising numbers from 1 to %d", p.Looks, MaxPairs)
		}
	}
	if len(p.Weights) == 0 {
		return nil
	}
	if len(p.Weights) != len(p.Looks) {
		return fmt.Errorf("%d weights for %d looks", len(p.Weights), len(p.Looks))
	}
	sum := 0.0
	for _, w := range p.Weights {
		sum += w
	}
	const rounding = 1e-9
	if slices.ContainsFunc(p.Weights, func(w float64) bool { return !(w > 0) }) || !(math.Abs(sum-1) <= rounding) {
		return fmt.Errorf("weights %v: want each above 0 and a sum of 1", p.Weights)
	}
	return nil
}

// level reports whether x can be the level of a one-sided test. From one half
// on, a decision could be worse and fine at once.
func level(x float64) bool { return x > 0 && x < 0.5 }

// weight returns the part of Alpha and of Beta that look k has.
func (p Plan) weight(k int) float64 {
	if len(p.Weights) == 0 {
		return 1 / float64(len(p.Looks))
	}
	return p.Weights[k]
}

// threshold is θ₀, the margin as a logarithm.
func (p Plan) threshold() float64 { return math.Log1p(p.Margin) }

// last returns the number of pairs at the last look.
func (p Plan) last() int { return p.Looks[len(p.Looks)-1] }
