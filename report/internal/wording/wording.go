// Package wording puts quantities into words: counts, shares, and values of Go
// benchmark units with three significant digits and the prefix that suits them.
package wording

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"
)

// NBSP, a space that no line is broken at, keeps a number and its unit together.
const NBSP = "\u00a0"

// Breakable returns text with plain spaces only, as it is searched for.
func Breakable(text string) string { return strings.ReplaceAll(text, NBSP, " ") }

// Count says 1 worker, 2 workers.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// Percent says 3.1 % of 0.031, with a true minus and that many decimals.
func Percent(v float64, decimals int) string {
	text := strconv.FormatFloat(100*v, 'f', decimals, 64)
	if text == "-0.0" {
		text = "0.0"
	}
	return strings.Replace(text, "-", "−", 1) + NBSP + "%"
}

// Digits writes a number with three significant digits, a small one with two.
func Digits(v float64) string {
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

// Quantity writes a value of a tidy unit with the prefix that suits it, its number
// as digits does: 62.1 µs of 62.1e-6 sec/op.
func Quantity(v float64, unit string, digits func(float64) string) string {
	scale := ScaleOf(v, unit)
	return strings.TrimSuffix(digits(v/scale.Factor)+NBSP+scale.Prefix+Symbol(unit), NBSP)
}

// ScaleOf returns the prefix that suits a value of a tidy unit, and how much it
// stands for. Numbers without a symbol have none below 1: half a switch is not
// 500 milliswitches.
func ScaleOf(v float64, unit string) benchunit.Scaler {
	if v == 0 || Symbol(unit) == "" && math.Abs(v) < 1 {
		return benchunit.Scaler{Factor: 1}
	}
	return benchunit.CommonScale([]float64{v}, benchunit.ClassOf(unit))
}

// Symbol returns what follows the prefix of a tidy unit: s of sec/op. What a value
// is counted per is said elsewhere.
func Symbol(unit string) string {
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
