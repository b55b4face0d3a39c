package table

import (
	"html/template"
	"io"

	"github.com/gvp-bench/gvp/results/samples"
)

// WriteHTML writes the tables as HTML table elements with classes but without a
// style, to be put into a page: gvp-tables around all, gvp-keys, gvp-table and
// gvp-notes for what belongs to a table, and better or worse on a difference.
func (t *Tables) WriteHTML(w io.Writer) error {
	page := make([]htmlTable, len(t.Tables))
	for i, table := range t.Tables {
		page[i] = table.html(t.newKeys(i))
	}
	return htmlTemplate.Execute(w, page)
}

// The types below are the tables as the template wants them.
type (
	htmlTable struct {
		Keys   []samples.Setting
		Unit   string
		Better string
		Head   []htmlHead
		Rows   []htmlRow
		Foot   *htmlRow
		Notes  []string
	}
	htmlHead struct {
		Label string
		Span  int
	}
	htmlRow struct {
		Label string
		Cells []htmlCell
	}
	htmlCell struct {
		Center, Range string
		Notes         []int

		First  bool // has no difference
		Delta  string
		P      string
		Effect string // better, worse or empty
		Versus []int  // notes about the difference
	}
)

func (t *Table) html(keys []samples.Setting) htmlTable {
	out := htmlTable{Keys: keys, Unit: t.Unit}
	switch {
	case t.Better > 0:
		out.Better = "higher is better"
	case t.Better < 0:
		out.Better = "lower is better"
	}
	for i, c := range t.Cols {
		head := htmlHead{Label: c.Label(), Span: 3}
		if i == 0 {
			head.Span = 2
		}
		out.Head = append(out.Head, head)
	}
	notes := new(footnotes)
	for _, r := range t.Rows {
		row := htmlRow{Label: r.Label}
		scale := t.scale(r)
		for i, c := range r.Cells {
			cell := htmlCell{First: i == 0}
			if c != nil {
				cell.fill(t, c, scale.Format(c.Summary.Center), notes)
			}
			row.Cells = append(row.Cells, cell)
		}
		out.Rows = append(out.Rows, row)
	}
	if len(t.Rows) > 1 {
		out.Foot = t.htmlGeomean(notes)
	}
	out.Notes = notes.texts
	return out
}

// fill fills a cell in which something was measured.
func (out *htmlCell) fill(t *Table, c *Cell, center string, notes *footnotes) {
	own, compared := c.notes()
	out.Center, out.Range, out.Notes = center, "± "+c.Range(), notes.numbers(own)
	if c.Base == nil {
		return
	}
	out.Delta, out.P, out.Versus = c.Delta(), c.P(), notes.numbers(compared)
	switch effect := t.Effect(c); {
	case effect > 0:
		out.Effect = "better"
	case effect < 0:
		out.Effect = "worse"
	}
}

func (t *Table) htmlGeomean(notes *footnotes) *htmlRow {
	row := &htmlRow{Label: geomeanLabel}
	for i, g := range t.Geomean {
		cell := htmlCell{First: i == 0}
		if g.HasCenter() {
			cell.Center = t.scaled(g)
		}
		if i == 0 {
			cell.Notes = notes.numbers(g.Warnings)
		} else {
			cell.Delta, cell.Versus = g.Delta(), notes.numbers(g.Warnings)
		}
		row.Cells = append(row.Cells, cell)
	}
	return row
}

var htmlTemplate = template.Must(template.New("tables").Parse(`
{{- define "notes"}}{{if .}}<sup>{{range $i, $n := .}}{{if $i}}, {{end}}{{$n}}{{end}}</sup>{{end}}{{end -}}
{{- define "cells"}}{{range .}}<td class="gvp-center">{{.Center}}{{template "notes" .Notes}}</td><td class="gvp-range">{{.Range}}</td>
{{- if not .First}}<td class="gvp-delta{{with .Effect}} {{.}}{{end}}">{{.Delta}}{{with .P}} <small>({{.}})</small>{{end}}{{template "notes" .Versus}}</td>{{end}}
{{- end}}{{end -}}
<div class="gvp-tables">
{{- range .}}
{{- with .Keys}}
<dl class="gvp-keys">
{{- range .}}
<dt>{{.Key}}</dt><dd>{{.Value}}</dd>
{{- end}}
</dl>
{{- end}}
<table class="gvp-table">
<caption>{{.Unit}}{{with .Better}} <small>({{.}})</small>{{end}}</caption>
<thead>
<tr><th></th>{{range .Head}}<th colspan="{{.Span}}" scope="colgroup">{{.Label}}</th>{{end}}</tr>
</thead>
<tbody>
{{- range .Rows}}
<tr><th scope="row">{{.Label}}</th>{{template "cells" .Cells}}</tr>
{{- end}}
</tbody>
{{- with .Foot}}
<tfoot>
<tr><th scope="row">{{.Label}}</th>{{template "cells" .Cells}}</tr>
</tfoot>
{{- end}}
</table>
{{- with .Notes}}
<ol class="gvp-notes">
{{- range .}}
<li>{{.}}</li>
{{- end}}
</ol>
{{- end}}
{{- end}}
</div>
`))
