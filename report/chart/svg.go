package chart

import (
	"bytes"
	"fmt"
	"html"
	"io"

	"gonum.org/v1/plot/vg/vgsvg"
)

// families is what a reader without Liberation Sans gets: first the faces that
// have the same widths.
const families = "Liberation Sans,Arimo,Arial,Helvetica,sans-serif"

// svg writes the sheet as SVG. The library names the face anew for each text,
// with no fallback; here the whole document gets one list of families instead,
// and a name for screen readers.
func (s *sheet) svg(w io.Writer) error {
	c := vgsvg.NewWith(vgsvg.UseWH(s.w, s.h), vgsvg.EmbedFonts(false))
	s.draw(c)
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return err
	}
	doc := buf.Bytes()
	start := bytes.Index(doc, []byte("<svg "))
	if start < 0 {
		return fmt.Errorf("chart %q: the library wrote no svg element", s.title)
	}
	root := fmt.Sprintf(`<svg role="img" aria-label="%s" font-family="%s" `, html.EscapeString(s.title), families)
	doc = append([]byte(root), doc[start+len("<svg "):]...)

	// A quotation mark inside a text is escaped, so these match attributes only.
	const named = `style="font-family:Liberation Sans;font-variant:normal;font-weight:`
	doc = bytes.ReplaceAll(doc, []byte(named+`normal;font-style:normal;`), []byte(`style="`))
	doc = bytes.ReplaceAll(doc, []byte(named+`bold;font-style:normal;`), []byte(`style="font-weight:bold;`))
	_, err := w.Write(doc)
	return err
}
