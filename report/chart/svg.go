package chart

import (
	"bytes"
	"fmt"
	"html"
	"io"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
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
	m := &measurer{Canvas: c}
	s.draw(m)
	var buf bytes.Buffer
	if _, err := c.WriteTo(&buf); err != nil {
		return err
	}
	doc := m.fix(buf.Bytes())
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

// A measurer is a canvas that notes how wide each text is meant to be.
type measurer struct {
	vg.Canvas
	widths []vg.Length
}

// FillString implements [vg.Canvas].
func (m *measurer) FillString(f font.Face, pt vg.Point, text string) {
	m.widths = append(m.widths, f.Width(text))
	m.Canvas.FillString(f, pt, text)
}

// fix gives each text of the document the width that the layout counts on. Where
// there is no face of the same widths, another one is then squeezed into the
// room that there is instead of running into its neighbours or off the sheet.
func (m *measurer) fix(doc []byte) []byte {
	var out bytes.Buffer
	for _, w := range m.widths {
		const text = "<text " // it can stand in no other place: what is in a text is escaped
		before, rest, ok := bytes.Cut(doc, []byte(text))
		if !ok {
			break
		}
		out.Write(before)
		out.WriteString(text)
		if w > 0 {
			fmt.Fprintf(&out, `textLength="%.4g" lengthAdjust="spacingAndGlyphs" `, w.Points())
		}
		doc = rest
	}
	out.Write(doc)
	return out.Bytes()
}
