package report

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/gvp-bench/gvp/report/chart"
)

// A drawing is a figure as SVG, for each way in which a page may be looked at.
type drawing struct {
	Figure
	light, dark, narrowLight, narrowDark []byte

	err error // what kept it from being drawn
}

// drawAll draws figures and writes each into the folder as SVG, for light and
// for dark pages, and as PNG. A figure that cannot be drawn says so in its
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
			drawings[i], errs[i] = drawOne(f, dir)
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return drawings, err
		}
	}
	return drawings, nil
}

// drawOne draws one figure and writes its files.
func drawOne(f Figure, dir string) (drawing, error) {
	d := drawing{Figure: f}
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
		if d.err = chart.SVG(&buf, f.Chart, chart.Options{Theme: v.theme, Width: v.width}); d.err != nil {
			return d, nil
		}
		*v.to = buf.Bytes()
	}
	var png bytes.Buffer
	if d.err = chart.PNG(&png, f.Chart, chart.Options{}); d.err != nil {
		return d, nil
	}
	for name, data := range map[string][]byte{".svg": d.light, "-dark.svg": d.dark, ".png": png.Bytes()} {
		if err := writeFile(filepath.Join(dir, f.Name+name), data); err != nil {
			return d, err
		}
	}
	return d, nil
}

// warning says that a figure could not be drawn.
func (d drawing) warning() string { return fmt.Sprintf("no chart %s: %v", d.Name, d.err) }
