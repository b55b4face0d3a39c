package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// list says a, b and c.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// times says 1.97×.
func times(v float64) string { return factor(v) + "×" }

// factor writes a ratio with three significant digits, small ones with two.
func factor(v float64) string {
	switch a := math.Abs(v); {
	case a >= 99.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.0995 || a == 0:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	// A factor of 0.000067 is easier to compare with 0.88 than 6.7e-05.
	return strconv.FormatFloat(v, 'f', 1-int(math.Floor(math.Log10(math.Abs(v)))), 64)
}

// percent says 3.1 % of 0.031, with a true minus.
func percent(v float64) string {
	if math.Abs(v) >= 0.0995 {
		return wording.Percent(v, 0)
	}
	return wording.Percent(v, 1)
}

// pValue says p=0.002, or p<0.001.
func pValue(p float64) string {
	if p < 0.001 {
		return "p<0.001"
	}
	return "p=" + strconv.FormatFloat(p, 'f', 3, 64)
}

// quantity writes a value of a tidy unit with the prefix that suits it: 62.1 µs
// of 62.1e-6 sec/op.
func quantity(v float64, unit string) string { return wording.Quantity(v, unit, wording.Digits) }

// withInterval writes a value with its interval: 62.1 µs (95 % CI 61.8–62.4).
func withInterval(v Interval, unit string) string {
	text := quantity(v.Center, unit)
	if math.IsInf(v.Lo, 0) || math.IsInf(v.Hi, 0) {
		return text
	}
	f := wording.ScaleOf(v.Center, unit).Factor
	return fmt.Sprintf("%s (95\u00a0%%\u00a0CI\u00a0%s–%s)", text, wording.Digits(v.Lo/f), wording.Digits(v.Hi/f))
}
