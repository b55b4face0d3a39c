package table

import (
	"encoding/csv"
	"fmt"
	"io"
)

// Fields of a CSV record for each column of the table: the center and its
// interval, and for all but the first column the difference and its p-value.
const (
	centerFields = 2
	deltaFields  = 2
)

// firstField returns the first field of column i of the table.
func firstField(i int) int {
	if i == 0 {
		return 1
	}
	return 1 + centerFields + (i-1)*(centerFields+deltaFields)
}

// WriteCSV writes the tables as comma-separated values, in the shape of
// benchstat's. Values are in base units. Warnings go to another writer, a line
// each, beginning with the field that they are about as spreadsheets name it:
// B7.
func (t *Tables) WriteCSV(w, warnings io.Writer) error {
	out := &csvWriter{w: csv.NewWriter(w), warnings: warnings}
	for i, table := range t.Tables {
		if i > 0 {
			out.record = append(out.record, "")
			out.end()
		}
		for _, s := range t.newKeys(i) {
			out.record = append(out.record, s.Key+": "+s.Value)
			out.end()
		}
		table.writeCSV(out)
	}
	out.w.Flush()
	if err := out.w.Error(); err != nil {
		return err
	}
	return out.err
}

func (t *Table) writeCSV(out *csvWriter) {
	for level := range t.Cols[0].Keys {
		for i, c := range t.Cols {
			out.to(firstField(i))
			out.add(c.Keys[level].Value)
		}
		out.to(firstField(len(t.Cols)))
		out.end()
	}
	for i := range t.Cols {
		out.to(firstField(i))
		out.add(t.Unit, "CI")
		if i > 0 {
			out.add("vs base", "P")
		}
	}
	out.end()
	for _, r := range t.Rows {
		out.add(r.Label)
		for i, c := range r.Cells {
			if c == nil {
				continue
			}
			out.to(firstField(i))
			own, compared := c.notes()
			out.warn(own)
			out.add(fmt.Sprint(c.Summary.Center), c.Range())
			if c.Base != nil {
				out.warn(compared)
				out.add(c.Delta(), c.P())
			}
		}
		out.end()
	}
	out.add(geomeanLabel)
	for i, g := range t.Geomean {
		out.to(firstField(i))
		out.warn(g.Warnings)
		if g.HasCenter() {
			out.add(fmt.Sprint(g.Center))
		}
		if i > 0 {
			out.to(firstField(i) + centerFields)
			out.add(g.Delta())
		}
	}
	out.to(firstField(len(t.Cols)))
	out.end()
}

// A csvWriter writes records and knows where it is.
type csvWriter struct {
	w        *csv.Writer
	warnings io.Writer
	err      error // of warnings

	records int // written
	record  []string
}

// add adds fields to the record in hand.
func (w *csvWriter) add(fields ...string) { w.record = append(w.record, fields...) }

// to fills the record in hand with empty fields until it has n.
func (w *csvWriter) to(n int) {
	for len(w.record) < n {
		w.record = append(w.record, "")
	}
}

// end writes the record in hand. Its error comes up when the writer is flushed.
func (w *csvWriter) end() {
	_ = w.w.Write(w.record)
	w.record = w.record[:0]
	w.records++
}

// warn writes warnings about the field that comes next.
func (w *csvWriter) warn(warnings []error) {
	for _, msg := range warnings {
		if _, err := fmt.Fprintf(w.warnings, "%s%d: %s\n", letters(len(w.record)), w.records+1, msg); err != nil && w.err == nil {
			w.err = err
		}
	}
}

// letters returns how spreadsheets name column n, from 0: A to Z, AA, AB, ...
func letters(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return letters(n/26-1) + string(rune('A'+n%26))
}
