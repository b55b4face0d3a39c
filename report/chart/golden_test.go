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
)

var (
	update   = flag.Bool("update", false, "rewrite the golden files")
	pictures = flag.String("pictures", "", "write every fixture as PNG and SVG, in both themes, into this `folder`, to be looked at")
)

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
				golden(t, filepath.Join("testdata", name+".svg"), got.Bytes())
			})
		}
	}
}

func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("the goldens were drawn on amd64: fused multiply-adds round the fifth digit of a place differently")
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the picture differs from %s: run with -update, then look at it", path)
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
