package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/gvp-bench/gvp/report/internal/golden"
)

var pictures = flag.String("pictures", "", "write every fixture as PNG and SVG, in both themes, into this `folder`, to be looked at")

func TestGoldens(t *testing.T) {
	for _, f := range fixtures() {
		for _, th := range []Theme{Light, Dark} {
			name := f.name + "-" + string(th)
			t.Run(name, func(t *testing.T) {
				o := Options{Theme: th, Width: f.width}
				var got, again bytes.Buffer
				if err := SVG(&got, f.chart, o); err != nil {
					t.Fatal(err)
				}
				if err := SVG(&again, f.chart, o); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got.Bytes(), again.Bytes()) {
					t.Error("the same chart drawn twice gave different bytes")
				}
				wellFormed(t, got.Bytes())
				writePictures(t, name, f.chart, o, got.Bytes())
				if runtime.GOARCH != "amd64" && !golden.Updating() {
					t.Skip("the goldens were drawn on amd64: fused multiply-adds round the fifth digit of a place differently")
				}
				golden.Check(t, name+".svg", got.Bytes())
			})
		}
	}
}

func wellFormed(t *testing.T, doc []byte) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("not well-formed XML: %v", err)
		}
	}
}

func writePictures(t *testing.T, name string, c Chart, o Options, svg []byte) {
	t.Helper()
	if *pictures == "" {
		return
	}
	var buf bytes.Buffer
	if err := PNG(&buf, c, o); err != nil {
		t.Fatal(err)
	}
	for ext, b := range map[string][]byte{".png": buf.Bytes(), ".svg": svg} {
		if err := os.WriteFile(filepath.Join(*pictures, name+ext), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
