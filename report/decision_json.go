package report

import "math"

// A JSONDecision is the [Decision] of a suite.
type JSONDecision struct {
	File  string             `json:"file"` // label of the suite
	Lines []JSONDecisionLine `json:"lines"`
}

// A JSONDecisionLine is a [DecisionLine].
type JSONDecisionLine struct {
	Kind     Kind                `json:"kind,omitempty"` // absent if the CPU time was not measured
	Workload string              `json:"workload"`
	Fields   []JSONDecisionField `json:"fields"` // those that were measured, by rising size
}

// A JSONDecisionField is a [DecisionField]. What is not known is absent.
type JSONDecisionField struct {
	Decade  float64 `json:"task_sec"`        // the power of ten that the field is of
	Task    float64 `json:"serial_task_sec"` // what serial takes for a task
	Row     string  `json:"row"`
	Workers int     `json:"workers"`

	// Fastest is the mode that wins, alone, or those of which none could be told
	// to be fastest. Clear is false if there are too few samples to tell.
	Fastest []string `json:"fastest"`
	Clear   bool     `json:"clear"`

	Next    string     `json:"next,omitempty"`
	Margin  *JSONRatio `json:"margin,omitempty"`  // of the next mode's time over the fastest's
	Speedup *JSONRatio `json:"speedup,omitempty"` // of the fastest concurrent mode over serial
}

// A JSONRatio is a [Ratio].
type JSONRatio struct {
	Center float64  `json:"center"`
	Lo     *float64 `json:"lo,omitempty"`
	Hi     *float64 `json:"hi,omitempty"`
}

func jsonRatio(r Ratio) *JSONRatio {
	if !r.Known() {
		return nil
	}
	return &JSONRatio{r.Center, known(r.Lo), known(r.Hi)}
}

func (d Decision) json(label string) JSONDecision {
	out := JSONDecision{File: label}
	for _, l := range d.Lines {
		line := JSONDecisionLine{Kind: l.Kind, Workload: l.Workload}
		for i, f := range l.Fields {
			if f == nil {
				continue
			}
			line.Fields = append(line.Fields, JSONDecisionField{
				Decade: math.Pow10(d.Decades[i]), Task: f.Task.Center, Row: f.Row.Label(), Workers: f.Workers,
				Fastest: f.Among, Clear: !f.unclear(),
				Next: f.Next, Margin: jsonRatio(f.Margin), Speedup: jsonRatio(f.Speedup),
			})
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}
