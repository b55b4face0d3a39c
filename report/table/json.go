package table

import (
	"encoding/json"
	"io"
	"math"

	"github.com/gvp-bench/gvp/results/samples"
)

// JSONVersion is the version of what [Tables.WriteJSON] writes. It changes when
// a field changes its meaning or goes away, not when one is added.
const JSONVersion = 1

// WriteJSON writes the tables as one JSON object, described by [JSONTables].
func (t *Tables) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(t.JSON())
}

// JSONTables is what [Tables.WriteJSON] writes. Values are in base units. A
// number that there is none of, such as the end of an interval that has none,
// is absent.
type JSONTables struct {
	Version    int         `json:"version"`
	Confidence float64     `json:"confidence"`
	Alpha      float64     `json:"alpha"`
	Tables     []JSONTable `json:"tables"`
}

// A JSONTable is a [Table].
type JSONTable struct {
	Keys    []JSONSetting `json:"keys"`
	Unit    string        `json:"unit"`
	Better  string        `json:"better,omitempty"` // higher or lower
	Columns []JSONColumn  `json:"columns"`
	Rows    []JSONRow     `json:"rows"`
	Geomean []JSONGeomean `json:"geomean"` // one for each column
}

// A JSONSetting is a [samples.Setting].
type JSONSetting struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// A JSONColumn is a [Column].
type JSONColumn struct {
	Keys []JSONSetting `json:"keys"`
}

// A JSONRow is a [Row], with those cells in it in which something was measured.
type JSONRow struct {
	Label string     `json:"label"`
	Cells []JSONCell `json:"cells"`
}

// A JSONCell is a [Cell].
type JSONCell struct {
	Column   int             `json:"column"` // from 0
	N        int             `json:"n"`
	Center   *float64        `json:"center,omitempty"`
	Lo       *float64        `json:"lo,omitempty"`
	Hi       *float64        `json:"hi,omitempty"`
	Warnings []string        `json:"warnings,omitempty"`
	VsBase   *JSONComparison `json:"vs_base,omitempty"` // with the row's cell of column 0
}

// A JSONComparison is how a cell compares with the first one of its row.
type JSONComparison struct {
	// Ratio is the cell's center over the other's.
	Ratio *float64 `json:"ratio,omitempty"`

	// P is absent if no test was made, as the unit is exact.
	P           *float64 `json:"p,omitempty"`
	Significant bool     `json:"significant"`
	Effect      string   `json:"effect,omitempty"` // better or worse, if significant and known
	Warnings    []string `json:"warnings,omitempty"`
}

// A JSONGeomean is a [Geomean].
type JSONGeomean struct {
	Column   int      `json:"column"` // from 0
	Center   *float64 `json:"center,omitempty"`
	Ratio    *float64 `json:"ratio,omitempty"` // to column 0
	Warnings []string `json:"warnings,omitempty"`
}

// JSON returns what WriteJSON writes.
func (t *Tables) JSON() JSONTables {
	out := JSONTables{Version: JSONVersion, Confidence: t.Confidence, Alpha: t.Alpha, Tables: []JSONTable{}}
	for _, table := range t.Tables {
		out.Tables = append(out.Tables, table.json())
	}
	return out
}

func (t *Table) json() JSONTable {
	out := JSONTable{Keys: jsonSettings(t.Keys), Unit: t.Unit}
	switch {
	case t.Better > 0:
		out.Better = "higher"
	case t.Better < 0:
		out.Better = "lower"
	}
	for _, c := range t.Cols {
		out.Columns = append(out.Columns, JSONColumn{Keys: jsonSettings(c.Keys)})
	}
	for _, r := range t.Rows {
		row := JSONRow{Label: r.Label}
		for i, c := range r.Cells {
			if c != nil {
				row.Cells = append(row.Cells, t.jsonCell(i, c))
			}
		}
		out.Rows = append(out.Rows, row)
	}
	for i, g := range t.Geomean {
		out.Geomean = append(out.Geomean, JSONGeomean{
			Column: i, Center: finite(g.Center), Ratio: finite(g.Ratio), Warnings: texts(g.Warnings),
		})
	}
	return out
}

func (t *Table) jsonCell(column int, c *Cell) JSONCell {
	own, compared := c.notes()
	out := JSONCell{
		Column: column, N: c.N,
		Center: finite(c.Summary.Center), Lo: finite(c.Summary.Lo), Hi: finite(c.Summary.Hi),
		Warnings: texts(own),
	}
	if c.Base == nil {
		return out
	}
	out.VsBase = &JSONComparison{
		Ratio:       finite(c.Summary.Center / c.Base.Summary.Center),
		Significant: c.Significant(),
		Warnings:    texts(compared),
	}
	if p := c.Comparison.P; p != 0 {
		out.VsBase.P = &p
	}
	switch effect := t.Effect(c); {
	case effect > 0:
		out.VsBase.Effect = "better"
	case effect < 0:
		out.VsBase.Effect = "worse"
	}
	return out
}

func jsonSettings(settings []samples.Setting) []JSONSetting {
	out := []JSONSetting{}
	for _, s := range settings {
		out = append(out, JSONSetting(s))
	}
	return out
}

// finite returns x, or nothing if x is not a number that JSON has.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func texts(warnings []error) []string {
	var out []string
	for _, w := range warnings {
		out = append(out, w.Error())
	}
	return out
}
