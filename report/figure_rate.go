package report

import (
	"fmt"
	"math"

	"github.com/gvp-bench/gvp/report/chart"
	"github.com/gvp-bench/gvp/results"
)

// rateFigure shows how much each mode gets done in a second. Unlike times per
// unit, rates leave all other modes readable when one is slow beyond measure.
func (s *Suite) rateFigure(f Finding) (chart.Bars, bool) {
	b := chart.Bars{Across: "workers"}
	what := "Bytes per second"
	b.Unit = results.BytesPerSec
	b.Groups, b.Series = s.bars(f.Row, func(mode string, w int) chart.Interval {
		return drawn(summarise(f.Row.values(mode, w, results.BytesPerSec)))
	})
	if len(b.Series) == 0 {
		what, b.Unit = "Units per second", "units/s"
		b.Groups, b.Series = s.bars(f.Row, func(mode string, w int) chart.Interval {
			return drawn(perSecond(summarise(f.Row.values(mode, w, results.SecPerOp))))
		})
	}
	b.Frame = s.frame(f.Headline(), fmt.Sprintf("%s of %s by number of workers, %s (higher is better)", what, f.Row.Label(), f.sampled()))
	return b, len(b.Series) > 0
}

// perSecond turns seconds per unit into units per second.
func perSecond(v Interval) Interval {
	if !(v.Center > 0) {
		return summarise(nil)
	}
	r := Interval{1 / v.Center, math.Inf(-1), math.Inf(1)}
	if v.Lo > 0 && !math.IsInf(v.Hi, 0) {
		r.Lo, r.Hi = 1/v.Hi, 1/v.Lo
	}
	return r
}
