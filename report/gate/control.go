package gate

import (
	"fmt"
	"math"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/checks"
)

// Guard says from where on the control benchmark casts doubt on a check. The zero
// value is ready to use. Its bounds are chosen, not derived from what a plan
// promises: that holds where the signs of equal sides are equally likely, and it is
// whether they are that the control watches.
type Guard struct {
	// Moved is the change of the control that is tolerated: beyond it, one side
	// was favoured. Zero means half the margin of the plan: what favours a side by
	// f adds ln(1+f) to each pair, so that by less than half the margin it makes
	// nothing a regression that is not itself slower by the other half. It is at
	// least 1 %, which is about what pairs vary by on an idle machine.
	Moved float64

	// Spread of the control's pairs that is tolerated, 1.48·MAD of ln(head/base).
	// Zero means 10 %, which lies between what was recorded on a machine that was
	// shared with a few programs, 3 %, and one that was taken by others, 20 %;
	// see the test. On an idle machine it is about 1 %. By the definition of the
	// MAD, half of the pairs of equal work then differ by two thirds of the spread
	// or more, and a disturbance that lasted and struck one side of a benchmark
	// would look like a change of about as much: one within the spread is doubted,
	// a larger one stands.
	Spread float64
}

func (g Guard) withDefaults(margin float64) Guard {
	if g.Moved == 0 {
		g.Moved = max(0.01, margin/2)
	}
	if g.Spread == 0 {
		g.Spread = 0.1
	}
	return g
}

// A Control is what the control benchmark says of the machine.
type Control struct {
	N int // pairs

	// Ratio head/base with its interval, as in [verdict.Result]. The interval is
	// of 99 %, and 0 to +Inf if there are too few pairs for one.
	Ratio, Lo, Hi float64

	Spread float64 // of the pairs, relative; NaN if there are fewer than two
	Guard  Guard

	Moved, Noisy bool
}

// controlTail is the level on either side of the control's interval: one check in a
// hundred, at most, is doubted although nothing favours a side.
const controlTail = 0.005

// control returns what the control says; nil if there is none.
func (in Input) control() *Control {
	for _, s := range in.Series {
		if s.Benchmark == checks.ControlName && s.Unit == results.SecPerOp && len(s.Pairs) > 0 {
			return newControl(s.Pairs, in.Guard.withDefaults(in.Plan.Margin))
		}
	}
	return nil
}

func newControl(pairs []verdict.Pair, g Guard) *Control {
	pairs = pairs[:min(len(pairs), verdict.MaxPairs)]
	c := &Control{N: len(pairs), Ratio: math.NaN(), Hi: math.Inf(1), Spread: math.NaN(), Guard: g}
	var logs []float64
	for _, p := range pairs {
		if d := math.Log(p.Head) - math.Log(p.Base); !math.IsNaN(d) && !math.IsInf(d, 0) {
			logs = append(logs, d)
		}
	}
	c.Spread = spread(logs)
	c.Noisy = c.Spread > g.Spread
	// The interval comes from the same test as all others, with one look at all
	// pairs.
	plan := verdict.Plan{Margin: g.Moved, Alpha: controlTail, Beta: controlTail, Looks: []int{len(pairs)}}
	rs, err := plan.Judge([]verdict.Decision{{Benchmark: checks.ControlName, Unit: results.SecPerOp, Pairs: pairs}})
	if err != nil { // too few pairs for an interval
		if len(logs) > 0 {
			c.Ratio = math.Exp(verdict.Median(logs))
		}
		return c
	}
	r := rs[0]
	c.Ratio, c.Lo, c.Hi = r.Ratio, r.Lo, r.Hi
	c.Moved = c.Lo > 1+g.Moved || c.Hi < 1/(1+g.Moved)
	return c
}

// spread is 1.4826·MAD, which estimates σ of normal values and does not follow
// the few that are far out (Rousseeuw and Croux 1993, JASA 88:1273).
func spread(xs []float64) float64 {
	if len(xs) < 2 {
		return math.NaN()
	}
	m := verdict.Median(xs)
	dev := make([]float64, len(xs))
	for i, x := range xs {
		dev[i] = math.Abs(x - m)
	}
	return 1.4826 * verdict.Median(dev)
}

// Doubt says what the control has against the check; nothing if all is well.
func (c *Control) Doubt() string {
	switch {
	case c == nil:
		return ""
	case c.Moved:
		return fmt.Sprintf("the control, the same work on both sides, changed by %s (99%s%% interval %s), more than the %s that are tolerated: the machine favoured one side",
			change(c.Ratio), wording.NBSP, span(c.Lo, c.Hi), whole(c.Guard.Moved))
	case c.Noisy:
		return fmt.Sprintf("the control, the same work each time, varied by %s, more than the %s that are tolerated: the machine is too noisy to call a change of less than that a regression",
			percent(c.Spread), whole(c.Guard.Spread))
	}
	return ""
}

// doubts reports whether the control casts doubt on what was decided. The speed of
// the machine does not count allocations. Where it varied, what is larger than
// that stands, by the pairs that did not help to find it: of those that did, the
// ratio is too large, since it is looked at when it has just crossed a threshold.
func (c *Control) doubts(d Decision) bool {
	switch {
	case c == nil || d.Exact:
		return false
	case c.Moved:
		return d.Verdict == verdict.Regressed || d.Verdict == verdict.Fine
	case c.Noisy:
		ratio := d.Result.Ratio
		if fresh := d.Result.Confirmation; fresh.N > 0 {
			ratio = fresh.Ratio
		}
		return d.Verdict == verdict.Regressed && math.Abs(math.Log(ratio)) <= math.Log1p(c.Spread)
	}
	return false
}

// guard takes back what the control casts doubt on.
func (o *Outcome) guard() {
	for i := range o.Decisions {
		if d := &o.Decisions[i]; o.Control.doubts(*d) {
			d.Verdict, d.Doubt = verdict.Inconclusive, o.Control.Doubt()
		}
	}
}
