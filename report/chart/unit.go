package chart

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/perf/benchunit"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// unit writes numbers of a Go benchmark unit ("sec/op", "B", "B/s", "x").
type unit struct {
	symbol string // after the SI prefix
	class  benchunit.Class
	scaled bool // whether SI prefixes apply at all
}

// unitOf returns the unit spelled u, which must be tidy: sec, not ns. What it
// is counted per is left to the subtitle, except for bytes per second, which
// are a unit of their own to most readers.
func unitOf(u string) unit {
	num, per, _ := strings.Cut(u, "/")
	switch {
	case num == "x" || num == "×":
		return unit{symbol: "×"}
	case num == "sec" || num == "s" || strings.HasSuffix(num, "-sec"):
		return unit{"s", benchunit.Decimal, true}
	case num == "B" || num == "bytes" || strings.HasSuffix(num, "-B") || strings.HasSuffix(num, "-bytes"):
		if per == "s" || per == "sec" {
			return unit{"B/s", benchunit.Binary, true}
		}
		return unit{"B", benchunit.Binary, true}
	}
	return unit{"", benchunit.Decimal, true}
}

// prefix is an SI or binary prefix of a unit: the labels of a linear axis share one.
type prefix struct {
	factor float64 // base units in one scaled unit
	text   string  // what follows the number, with the space before it
}

// at returns the prefix that suits a value of about v.
func (u unit) at(v float64) prefix {
	if !u.scaled || v == 0 || !finite(v) {
		return prefix{1, u.after("")}
	}
	s := benchunit.CommonScale([]float64{v}, u.class)
	if u.symbol == "" && s.Factor < 1 {
		return prefix{1, ""} // half a switch per unit, not 500 milliswitches
	}
	return prefix{s.Factor, u.after(s.Prefix)}
}

func (u unit) after(si string) string {
	switch u.symbol {
	case "", "×":
		return si + u.symbol
	}
	return wording.NBSP + si + u.symbol
}

// short writes v with three significant digits and the prefix that suits it.
func (u unit) short(v float64) string {
	p := u.at(v)
	return digits(v/p.factor) + p.text
}

// digits writes v with about three significant digits, never in more room than
// they need: 1234, 15.6, 1.98, 0.021.
func digits(v float64) string {
	a := math.Abs(v)
	switch {
	case a == 0:
		return "0"
	case a >= 1e6 || a < 1e-4:
		return strconv.FormatFloat(v, 'g', 2, 64)
	case a >= 0.0995:
		return wording.Digits(v)
	case a >= 0.00995:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 4, 64)
}

// trim writes v without trailing zeros, for ticks.
func trim(v float64) string {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64) // drop the noise of v = k·step
	if err != nil {
		return digits(v)
	}
	if a := math.Abs(r); a != 0 && (a < 1e-4 || a >= 1e6) {
		return strconv.FormatFloat(r, 'g', 3, 64)
	}
	return strconv.FormatFloat(r, 'f', -1, 64)
}
