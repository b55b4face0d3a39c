// Package verdict decides which benchmarks regressed between two revisions,
// from pairs of measurements: one of the base and one of the head, taken in the
// same round. It measures nothing and prints nothing; who measures asks it
// which decisions want how many further pairs.
//
//	plan, err := verdict.Default().Choose(len(decisions), 30)
//	for {
//		results, err := plan.Judge(decisions)
//		// Measure until each decision has as many pairs as its result Needs;
//		// if none needs any, or time is up, the results stand.
//	}
//
// Judge keeps no state. What it says depends only on the plan and on the first
// pairs of each decision, so that recorded pairs give the same verdicts again,
// pairs beyond those that were wanted change nothing, and whether they came one
// by one or all at once does not matter.
//
// # What a verdict claims
//
// The data of a decision are d = ln(head/base) of its pairs, turned so that
// more is worse, θ is the centre about which they are symmetric, and the margin
// is θ₀ = ln(1+Margin). Regressed means that θ ≤ θ₀ was rejected, Fine that
// θ ≥ θ₀ was, and Inconclusive that neither was.
//
// The test is Wilcoxon's signed-rank test, of d−θ₀: if θ is θ₀ then all signs
// are equally likely, whatever the distribution of the sizes, and as ranks
// replace the sizes, a few pairs that are far out cost little power. The null
// distribution is counted out, for any number of pairs that a plan may have, so
// that nothing is drawn at random and nothing approximated; see signedrank.go.
//
// A plan declares beforehand at which numbers of pairs it looks. Over all looks
// and all decisions, the chance of at least one false regression is at most
// Alpha; see holm.go. The chance that a decision is ever called fine although it
// is worse by the margin or more is at most Beta, for each decision by itself.
//
// A decision that crosses its threshold is only a candidate. It is called
// regressed if as many fresh pairs as the plan says, none of which helped to
// find it, agree: their own test of θ ≤ θ₀ must be significant at ConfirmLevel.
// If they do not, it stays inconclusive. That guards against what no test sees
// in the pairs that it is given, such as a disturbance which lasted for some
// rounds and struck one side.
//
// Counts such as allocations are compared as counts; see exact.go.
package verdict
