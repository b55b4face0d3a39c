package report

import (
	"bytes"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/gvp-bench/gvp/report/chart"
)

// A drawing is a figure as SVG, for each way in which a page may be looked at,
// and as PNG, for light and for dark pages.
type drawing struct {
	Figure
	light, dark, narrowLight, narrowDark, png, darkPNG []byte

	err error // what kept it from being drawn
}

// drawAll draws figures and writes each into the folder as SVG and as PNG, for
// light and for dark pages. A figure that cannot be drawn says so in its
// drawing; the error is of writing.
func drawAll(figures []Figure, dir string) ([]drawing, error) {
	drawings := make([]drawing, len(figures))
	errs := make([]error, len(figures))
	var wg sync.WaitGroup
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, f := range figures {
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			d := &drawings[i]
			d.Figure = f
			if d.err = d.draw(); d.err == nil {
				errs[i] = d.write(dir)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return drawings, err // the others fail for the same reason
		}
	}
	return drawings, nil
}

// draw makes all pictures of the figure.
func (d *drawing) draw() error {
	for _, v := range []struct {
		to    *[]byte
		theme chart.Theme
		width float64
	}{
		{&d.light, chart.Light, chart.Wide},
		{&d.dark, chart.Dark, chart.Wide},
		{&d.narrowLight, chart.Light, chart.Narrow},
		{&d.narrowDark, chart.Dark, chart.Narrow},
	} {
		var buf bytes.Buffer
		if err := chart.SVG(&buf, d.Chart, chart.Options{Theme: v.theme, Width: v.width}); err != nil {
			return err
		}
		*v.to = buf.Bytes()
	}
	for _, v := range []struct {
		to    *[]byte
		theme chart.Theme
	}{{&d.png, chart.Light}, {&d.darkPNG, chart.Dark}} {
		var buf bytes.Buffer
		if err := chart.PNG(&buf, d.Chart, chart.Options{Theme: v.theme}); err != nil {
			return err
		}
		*v.to = buf.Bytes()
	}
	return nil
}

// write writes the files of a figure.
func (d *drawing) write(dir string) error {
	for name, data := range map[string][]byte{".svg": d.light, "-dark.svg": d.dark, ".png": d.png, "-dark.png": d.darkPNG} {
		if err := writeFile(filepath.Join(dir, d.Name+name), data); err != nil {
			return err
		}
	}
	return nil
}
