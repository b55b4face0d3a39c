package verdict

import (
	"cmp"
	"slices"
)

// A step is what the step-down procedure says of one p-value.
type step struct {
	rejected bool
	divisor  int     // the p-value was compared with the level divided by this
	adjusted float64 // the smallest level at which it would be rejected
}

// stepDown is the procedure of Holm (1979, Scandinavian Journal of Statistics
// 6:65): the smallest of the p-values is compared with level/family, the next
// with level/(family-1), and so on until one is not rejected. The family may be
// larger than the p-values given; the others count as not rejected.
//
// At look k it is called with α·wₖ and with a family of all decisions that did
// not cross at a look before. That keeps the chance of any false crossing, at
// any look, at α. Take any set I of true null hypotheses: before the first of
// them crosses, all that have crossed are outside I, so that the family is at
// least |I| and the level at look k at most α·wₖ/|I|. By Bonferroni the chance
// that one of |I| decisions crosses at one of the looks is then at most
// Σₖ |I|·α·wₖ/|I| = α. Passing on the level of those that crossed is the
// group-sequential procedure of Maurer and Bretz (2013, Statistics in
// Biopharmaceutical Research 5:311) for the graph of Holm, with α spent by
// weights; dependence between decisions and between looks does not matter, nor
// does closing decisions early, which only takes chances away. Likewise, what
// the fresh pairs of a candidate say only takes crossings back.
func stepDown(ps []float64, family int, level float64) []step {
	order := make([]int, len(ps))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(ps[i], ps[j]) })

	steps := make([]step, len(ps))
	adjusted := 0.0
	divisor := family // falls with each rejection, so that one failure stops all after it
	for before, i := range order {
		adjusted = max(adjusted, ps[i]*float64(family-before))
		rejected := ps[i] <= level/float64(divisor)
		steps[i] = step{rejected, divisor, min(1, adjusted)}
		if rejected {
			divisor--
		}
	}
	return steps
}
