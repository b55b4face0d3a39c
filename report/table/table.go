package table

import (
	"fmt"
	"math"
	"strings"

	"golang.org/x/perf/benchmath"
	"golang.org/x/perf/benchunit"

	"github.com/gvp-bench/gvp/results/samples"
)

// Tables is a report: a table for each configuration and unit.
type Tables struct {
	Confidence float64 // of the intervals, such as 0.95
	Alpha      float64 // a difference counts if p is not above it, such as 0.05
	Tables     []*Table
}

// A Table compares, row by row, the samples in its columns with those in its
// first one.
type Table struct {
	// Keys is what all samples of the table have in common and sets it apart
	// from other tables, the unit excepted.
	Keys []samples.Setting

	Unit   string // base unit of all values: sec/op
	Better int    // -1: lower is better, +1: higher is better, 0: not known

	Cols []Column
	Rows []Row

	// Geomean summarises each column.
	Geomean []Geomean
}

// A Column is what the samples of a column have in common. All columns of all
// tables of a report have the same keys.
type Column struct{ Keys []samples.Setting }

// Label returns the values of the column's keys.
func (c Column) Label() string {
	var values []string
	for _, k := range c.Keys {
		if k.Value != "" {
			values = append(values, k.Value)
		}
	}
	return strings.Join(values, " ")
}

// A Row is a benchmark, or whatever else the samples of a row have in common.
type Row struct {
	Label string
	Cells []*Cell // one for each column; nil where nothing was measured
}

// A Cell is a sample and how it compares with the first column's in its row.
type Cell struct {
	N       int
	Summary benchmath.Summary // in the table's unit

	// Warnings are about the sample; those about its summary and comparison
	// are there.
	Warnings []error

	// Base is the first cell of the row, or nil: in the first column, and where
	// the first column has none. Comparison then means nothing.
	Base       *Cell
	Comparison benchmath.Comparison
}

// Geomean is the geometric mean of the centers in a column, and that of their
// ratios to the first column's.
type Geomean struct {
	Center float64 // in the table's unit; NaN if there is none
	Ratio  float64 // NaN if there is none

	Warnings []error
}

// Range returns the confidence interval as a percentage of the center: 3%, or ∞
// if the sample is too small for one, or ? if it has both signs.
func (c *Cell) Range() string { return c.Summary.PctRangeString() }

// Delta returns the difference to the base in percent, or ~ if it may well be
// chance, or ? if the base is zero. Base must not be nil.
func (c *Cell) Delta() string {
	return c.Comparison.FormatDelta(c.Base.Summary.Center, c.Summary.Center)
}

// P returns the p-value and the number of values on both sides: p=0.002 n=6.
func (c *Cell) P() string { return c.Comparison.String() }

// Significant reports whether the difference to the base is more than chance.
func (c *Cell) Significant() bool {
	return c.Base != nil && c.Comparison.P <= c.Comparison.Alpha && c.Summary.Center != c.Base.Summary.Center
}

// Effect says what a significant difference to the base means: +1 for better,
// -1 for worse, 0 if there is none or it is not known which is which.
func (t *Table) Effect(c *Cell) int {
	switch {
	case !c.Significant():
		return 0
	case c.Summary.Center > c.Base.Summary.Center:
		return t.Better
	}
	return -t.Better
}

// notes returns the warnings about the cell itself and about its comparison.
func (c *Cell) notes() (own, compared []error) {
	own = append(own, c.Warnings...)
	own = append(own, c.Summary.Warnings...)
	if c.Base != nil {
		compared = c.Comparison.Warnings
	}
	return own, compared
}

// HasCenter reports whether there is a mean of the centers.
func (g Geomean) HasCenter() bool { return !math.IsNaN(g.Center) }

// HasRatio reports whether there is a mean of the ratios.
func (g Geomean) HasRatio() bool { return !math.IsNaN(g.Ratio) }

// Delta returns the mean difference to the first column in percent, or ? if
// there is none.
func (g Geomean) Delta() string {
	if !g.HasRatio() {
		return "?"
	}
	return fmt.Sprintf("%+.2f%%", (g.Ratio-1)*100)
}

// scale returns how to write the centers of a row: all with the same prefix.
func (t *Table) scale(r Row) benchunit.Scaler {
	var centers []float64
	for _, c := range r.Cells {
		if c != nil {
			centers = append(centers, c.Summary.Center)
		}
	}
	return benchunit.CommonScale(centers, benchunit.ClassOf(t.Unit))
}

// scaled returns the mean of the centers as text.
func (t *Table) scaled(g Geomean) string {
	return benchunit.Scale(g.Center, benchunit.ClassOf(t.Unit))
}

// newKeys returns the keys in which table i differs from the one before it.
func (t *Tables) newKeys(i int) []samples.Setting {
	if i == 0 {
		return t.Tables[0].Keys
	}
	var keys []samples.Setting
	for k, s := range t.Tables[i].Keys {
		if s != t.Tables[i-1].Keys[k] {
			keys = append(keys, s)
		}
	}
	return keys
}
