package report

import (
	"math"

	"github.com/gvp-bench/gvp/results"
)

// A JSONPrimitive is a [Primitive].
type JSONPrimitive struct {
	File   string          `json:"file"`
	Name   string          `json:"name"`
	Params []results.Param `json:"params,omitempty"`
	Unit   string          `json:"unit"`
	Ways   []JSONWay       `json:"ways"`

	// What the fastest way of a side charges over that of another, where both
	// have one.
	ProcessOverGoroutine *JSONRatio `json:"process_over_goroutine,omitempty"`
	PythonOverProcess    *JSONRatio `json:"python_over_process,omitempty"`
}

// A JSONWay is a [Way].
type JSONWay struct {
	By     string       `json:"by"`
	Side   results.Side `json:"side,omitempty"` // absent if it is not known
	Median float64      `json:"median"`
	Lo     *float64     `json:"lo,omitempty"` // absent if there are too few samples
	Hi     *float64     `json:"hi,omitempty"`
	N      int          `json:"n"`
}

func (p *Primitives) json() []JSONPrimitive {
	var all []JSONPrimitive
	for _, one := range p.All {
		j := JSONPrimitive{
			File: p.Label, Name: one.Name, Params: one.Params, Unit: one.Unit,
			ProcessOverGoroutine: jsonRatio(one.Ratio(results.ProcessSide, results.GoroutineSide)),
			PythonOverProcess:    jsonRatio(one.Ratio(results.PythonSide, results.ProcessSide)),
		}
		for _, w := range one.Ways {
			j.Ways = append(j.Ways, JSONWay{By: w.By, Side: w.Side, Median: w.Charge.Center, Lo: known(w.Charge.Lo), Hi: known(w.Charge.Hi), N: len(w.values)})
		}
		all = append(all, j)
	}
	return all
}

// known returns a bound that is known.
func known(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return &v
}
