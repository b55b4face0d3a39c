package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"
)

// nbsp keeps a number and its unit on one line.
const nbsp = "\u00a0"

// breakable returns text with plain spaces only, as it is searched for.
func breakable(text string) string { return strings.ReplaceAll(text, nbsp, " ") }

// count says 1 worker, 2 workers.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

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
	digits := 1
	if math.Abs(v) >= 0.0995 {
		digits = 0
	}
	text := strconv.FormatFloat(100*v, 'f', digits, 64)
	if text == "-0.0" {
		text = "0.0"
	}
	return strings.Replace(text, "-", "−", 1) + nbsp + "%"
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
func quantity(v float64, unit string) string {
	scale := scaleOf(v, unit)
	return strings.TrimSuffix(digits(v/scale.Factor)+nbsp+scale.Prefix+symbol(unit), nbsp)
}

// withInterval writes a value with its interval: 62.1 µs (95 % CI 61.8–62.4).
func withInterval(v Interval, unit string) string {
	text := quantity(v.Center, unit)
	if math.IsInf(v.Lo, 0) || math.IsInf(v.Hi, 0) {
		return text
	}
	f := scaleOf(v.Center, unit).Factor
	return fmt.Sprintf("%s (95\u00a0%%\u00a0CI\u00a0%s–%s)", text, digits(v.Lo/f), digits(v.Hi/f))
}

func scaleOf(v float64, unit string) benchunit.Scaler {
	if v == 0 || symbol(unit) == "" && math.Abs(v) < 1 {
		return benchunit.Scaler{Factor: 1}
	}
	return benchunit.CommonScale([]float64{v}, benchunit.ClassOf(unit))
}

// symbol returns what follows the prefix of a unit: s of sec/op. What a value is
// counted per is said elsewhere.
func symbol(unit string) string {
	what, per, _ := strings.Cut(unit, "/")
	switch {
	case what == "sec" || strings.HasSuffix(what, "-sec"):
		return "s"
	case what == "B" && per == "s":
		return "B/s"
	case what == "B" || strings.HasSuffix(what, "-B"):
		return "B"
	}
	return ""
}

// digits writes a number with three significant digits.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a >= 99.95 || a == 0:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.0995:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strconv.FormatFloat(v, 'g', 2, 64)
}
