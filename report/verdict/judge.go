package verdict

import (
	"errors"
	"fmt"
	"math"
)

// Judge says what the pairs of the decisions tell at the looks of the plan, a
// Result for each decision. An error is one of the plan, or that there is
// nothing to judge; what is wrong with a decision is in its Result.
//
// While decisions at the same look still lack pairs, the results of the others
// hold what can be said without them. A decision may then become a candidate at
// a look that it had passed, as soon as another one has crossed there.
func (p Plan) Judge(decisions []Decision) ([]Result, error) {
	if len(decisions) == 0 {
		return nil, errors.New("nothing to judge")
	}
	estimated := 0
	for _, d := range decisions {
		if !d.Exact {
			estimated++
		}
	}
	if err := p.Check(estimated); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	trials := make([]*trial, len(decisions))
	for i, d := range decisions {
		trials[i] = p.open(d)
	}
	ns := nulls{}
	p.run(trials, ns)
	results := make([]Result, len(trials))
	for i, t := range trials {
		results[i] = t.result(p, ns)
	}
	return results, nil
}

// A trial is a decision on its way through the looks.
type trial struct {
	decision Decision
	changes  []float64 // of all pairs that may count; they end at one that is wrong
	err      error     // says what is wrong with the next
	certain  *Result   // set if counts are compared that do not vary

	verdict      Verdict
	closed       bool
	look         int // looks taken
	n            int // pairs at the last of them
	p            float64
	step         step
	confirmation Confirmation
}

// open returns the trial of a decision before the first look.
func (p Plan) open(d Decision) *trial {
	t := &trial{decision: d, verdict: Inconclusive}
	first, last := p.Looks[0], p.last()+p.Confirm
	if p.Final {
		last = min(len(d.Pairs), MaxPairs)
		first = max(1, last)
	}
	if counts, ok := d.constant(first); ok && (first >= fewestCounts || d.same(counts)) {
		r := d.certain(counts, p.Margin, first)
		t.certain, t.closed = &r, true
		return t
	}
	t.changes, t.err = d.changes(last)
	return t
}

// pairs returns how many pairs of a decision are looked at by look k. Where there will
// be no more, these are all: their number has nothing to do with what they say, the
// p-value of each decision is exact for its own, and neither the correction for many
// tests nor the share of Beta asks that they have equally many.
func (p Plan) pairs(k int, d Decision) int {
	n := p.Looks[k]
	if p.Final {
		n = max(n, min(len(d.Pairs), MaxPairs))
	}
	return n
}

// run takes the trials through the looks, as far as they have pairs.
func (p Plan) run(trials []*trial, ns nulls) {
	family := 0
	for _, t := range trials {
		if t.certain == nil {
			family++
		}
	}
	for k := range p.Looks {
		family -= p.take(k, trials, family, ns)
	}
}

// take takes look k at all trials that are open and have the pairs, and returns
// how many became candidates.
//
// Beta is split over the looks by their weights. Where θ ≥ θ₀, look k says fine with
// a chance of at most Beta·wₖ, and so any of them with at most Σₖ Beta·wₖ = Beta:
// Bonferroni's inequality (Dunn 1961, JASA 56:52), which asks nothing of how the
// looks depend on each other. Alpha is split as holm.go says.
func (p Plan) take(k int, trials []*trial, family int, ns nulls) int {
	var looked []*trial
	var ps []float64
	for _, t := range trials {
		n := p.pairs(k, t.decision)
		if t.closed || !t.has(n) {
			continue
		}
		f := ns.of(n)
		t.look, t.n, t.closed = k+1, n, k+1 == len(p.Looks)
		s := newSample(t.changes[:n])
		t.p = s.worse(f, p.threshold())
		if s.better(f, p.threshold()) <= p.Beta*p.weight(k) {
			t.verdict, t.closed = Fine, true
		}
		looked, ps = append(looked, t), append(ps, t.p)
	}
	crossed := 0
	for i, st := range stepDown(ps, family, p.Alpha*p.weight(k)) {
		t := looked[i]
		t.step = st
		if st.rejected {
			crossed++
			t.closed = true
			p.confirm(t, ns)
		}
	}
	return crossed
}

// has reports whether there are n pairs, and closes the trial if there are but
// one of them cannot be used.
func (t *trial) has(n int) bool {
	if len(t.changes) >= n {
		return true
	}
	if t.err != nil {
		t.verdict, t.closed = Unknown, true
	}
	return false
}

// confirm settles a candidate by the pairs after those that made it one, if all
// of them are there.
func (p Plan) confirm(t *trial, ns nulls) {
	end := t.n + p.Confirm
	switch {
	case p.Confirm == 0:
		t.verdict = Regressed
		return
	case !t.has(end):
		return
	}
	s := newSample(t.changes[t.n:end])
	c := Confirmation{N: p.Confirm, P: s.worse(ns.of(p.Confirm), p.threshold()), Ratio: t.decision.natural(s.center())}
	if c.P <= p.ConfirmLevel {
		c.Confirmed = true
		t.verdict = Regressed
	}
	t.confirmation = c
}

// needs returns how many pairs the trial wants in all.
func (t *trial) needs(p Plan) int {
	switch {
	case t.verdict != Inconclusive || t.certain != nil:
		return 0
	case t.step.rejected && t.confirmation.N == 0:
		return t.n + p.Confirm
	case t.closed:
		return 0
	}
	return p.Looks[t.look]
}

// result says what the trial came to.
func (t *trial) result(p Plan, ns nulls) Result {
	if t.certain != nil {
		return *t.certain
	}
	r := Result{
		Verdict: t.verdict, Candidate: t.step.rejected, Needs: t.needs(p),
		Look: t.look, N: t.n,
		Ratio: math.NaN(), Lo: 0, Hi: math.Inf(1), Level: 1 - p.Alpha - p.Beta,
		P: 1, Adjusted: 1, Detectable: t.decision.natural(math.Inf(1)),
		Confirmation: t.confirmation,
	}
	if t.verdict == Unknown {
		r.Err = t.err
	}
	if t.look == 0 {
		r.N = min(len(t.changes), p.Looks[0])
		if r.N > 0 {
			r.Ratio = t.decision.natural(newSample(t.changes[:r.N]).center())
		}
		return r
	}
	t.estimate(&r, p, ns)
	return r
}

// estimate fills in what the pairs of the last look say.
func (t *trial) estimate(r *Result, p Plan, ns nulls) {
	s, f, w := newSample(t.changes[:t.n]), ns.of(t.n), p.weight(t.look-1)
	center, lower, upper := s.center(), s.lower(f, p.Alpha*w), s.upper(f, p.Beta*w)
	r.Ratio = t.decision.natural(center)
	r.Lo, r.Hi = t.decision.natural(lower), t.decision.natural(upper)
	if t.decision.Higher {
		r.Lo, r.Hi = r.Hi, r.Lo
	}
	r.Improved = t.verdict == Fine && upper < -p.threshold()

	// A candidate is what is rejected at level Alpha·w/divisor, that is, whose
	// lower limit at that level is above θ₀. Shifting all pairs by δ shifts the
	// limit and the center by δ. So the pairs would have made a candidate if and
	// only if δ > θ₀ − limit, which puts the center beyond center + θ₀ − limit.
	limit := s.lower(f, p.Alpha*w/float64(t.step.divisor))
	r.Detectable = t.decision.natural(p.threshold() + center - limit)
	r.P = t.p
	r.Adjusted = min(1, t.step.adjusted/w)
}
