package verdict

import "math"

// A Verdict is what a decision came to.
type Verdict string

const (
	// Inconclusive is also what is said of a decision that is still open, and
	// of a candidate that was not confirmed.
	Inconclusive Verdict = "inconclusive"

	Fine      Verdict = "fine"      // not worse by the margin
	Regressed Verdict = "regressed" // worse by more than the margin, and confirmed

	// Unknown is said of a decision whose pairs cannot be compared.
	Unknown Verdict = "unknown"
)

// A Result is what is known of a decision. Ratios are head/base, whether more is
// better or not; they may be 0 or +Inf where a limit is not known.
type Result struct {
	Verdict Verdict

	// Improved says that the decision is fine and better by more than the
	// margin: the whole interval is beyond it. Each decision has this by itself;
	// it is not corrected for many tests.
	Improved bool

	// Certain says that counts were compared that do not vary, but for what the
	// runtime adds to some of them; see exact.go. The change is then known, not estimated: the interval is a point, and P is 0 or 1.
	Certain bool

	// Candidate says that the threshold was crossed at some look. It stays when
	// fresh pairs have confirmed it, and when they have not.
	Candidate bool

	// Needs is how many pairs the decision must have in all to be judged
	// further: up to the next look, or those that may confirm it. It is 0 if
	// all is decided.
	Needs int

	// Look is the number of looks taken and N that of the pairs at the last of
	// them, from which all numbers below come. Before the first look N is all
	// pairs, there is no interval and the p-values are 1.
	Look, N int

	// Ratio is the estimate, NaN if there are no pairs, and Lo and Hi bound its
	// repeated confidence interval (Jennison and Turnbull 1989, JRSS B 51:305).
	// With a chance of at least Level, the intervals of all looks hold the true
	// ratio, so that the one at which measuring happened to stop does as well.
	// Level is 1−Alpha−Beta and speaks of one decision by itself.
	//
	// Hi is below the margin if and only if the decision is fine. A candidate
	// has Lo above the margin; the reverse need not hold, since it has to stand
	// out among many decisions. For more-is-better it is Lo and Hi the other way
	// round.
	Ratio, Lo, Hi, Level float64

	// P is the one-sided p-value of being worse by no more than the margin.
	// Adjusted is it with the step-down correction for many decisions and for
	// the share of the look: a candidate has at most Alpha.
	P, Adjusted float64

	// Detectable is the smallest change for the worse that could have been seen:
	// had the same pairs been centred on any change beyond it, they would have
	// made a candidate at this look. It is +Inf, or 0 for more-is-better, if
	// there are too few pairs to see any.
	Detectable float64

	// Confirmation is what the fresh pairs of a candidate said; its N is 0 as
	// long as there are too few of them.
	Confirmation Confirmation

	// Err says which pair made the decision Unknown, and why.
	Err error
}

// A Confirmation is what pairs said that did not help to find a candidate.
type Confirmation struct {
	N         int
	P         float64 // as that of Result
	Ratio     float64 // free of the bias that comes with having crossed a threshold
	Confirmed bool
}

// Known reports whether there was anything to compare.
func (r Result) Known() bool { return !math.IsNaN(r.Ratio) }
