package report

import (
	"encoding/json"
	"io"
	"math"

	"github.com/gvp-bench/gvp/report/table"
)

// JSON is what [Report.WriteJSON] writes: the tables and, where tasks of several
// sizes were measured, what their granularity does to each mode and which mode
// suits which; where primitives were measured, what each charges.
type JSON struct {
	table.JSONTables
	Granularity []JSONGranularity `json:"granularity,omitempty"`
	Decision    []JSONDecision    `json:"decision,omitempty"`
	Primitives  []JSONPrimitive   `json:"primitives,omitempty"`
}

// A JSONGranularity is a [Granularity].
type JSONGranularity struct {
	File       string     `json:"file"` // label of the suite
	Workload   string     `json:"workload"`
	Parameter  string     `json:"parameter"`
	Chunk      string     `json:"chunk,omitempty"` // of tasks, if it was fixed
	SecPerSize float64    `json:"sec_per_size"`    // of the work itself
	Modes      []JSONMETG `json:"modes"`
}

// A JSONMETG is a [METG].
type JSONMETG struct {
	Mode    string `json:"mode"`
	Workers int    `json:"workers"`
	Cores   int    `json:"cores"`

	// METG is absent if it is below or above all sizes: then one of the two says
	// which granularity that is. Lo and Hi are absent likewise, or if there is no
	// interval.
	METG  *float64 `json:"metg_sec,omitempty"`
	Lo    *float64 `json:"lo_sec,omitempty"`
	Hi    *float64 `json:"hi_sec,omitempty"`
	Below *float64 `json:"below_sec,omitempty"`
	Above *float64 `json:"above_sec,omitempty"`

	PeakEfficiency float64     `json:"peak_efficiency"`
	Points         []JSONGrain `json:"points"`
}

// A JSONGrain is a [Grain].
type JSONGrain struct {
	Size    float64 `json:"size"`
	Seconds float64 `json:"granularity_sec"`
	Share   float64 `json:"share_of_peak"`
	N       int     `json:"n"`
}

// WriteJSON writes tables of the report, and what else there is for programs, as
// one JSON object, described by [JSON].
func (r *Report) WriteJSON(w io.Writer, tables *table.Tables) error {
	out := JSON{JSONTables: tables.JSON()}
	for _, p := range r.Primitives {
		out.Primitives = append(out.Primitives, p.json()...)
	}
	for _, s := range r.Suites {
		for _, g := range s.Granularities() {
			out.Granularity = append(out.Granularity, g.json(s.Label))
		}
		if d, ok := s.Decision(); ok {
			out.Decision = append(out.Decision, d.json(s.Label))
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func (g Granularity) json(label string) JSONGranularity {
	out := JSONGranularity{File: label, Workload: g.Workload, Parameter: g.Param, Chunk: g.Chunk, SecPerSize: g.PerSize}
	for _, m := range g.Modes {
		j := JSONMETG{
			Mode: m.Mode, Workers: m.Workers, Cores: m.Cores,
			METG: within(m.Seconds.Center), Lo: within(m.Seconds.Lo), Hi: within(m.Seconds.Hi),
			PeakEfficiency: m.Peak,
		}
		switch {
		case m.Seconds.Center == 0:
			j.Below = &m.Least
		case math.IsInf(m.Seconds.Center, 1):
			j.Above = &m.Most
		}
		for _, p := range m.Points {
			j.Points = append(j.Points, JSONGrain{p.Size, p.Seconds.Center, p.Share.Center, len(p.samples)})
		}
		out.Modes = append(out.Modes, j)
	}
	return out
}

// within returns a granularity that is within the sizes that were measured.
func within(v float64) *float64 {
	if v == 0 || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
