package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"path/filepath"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// The files that [Report.WritePage] writes into its folder.
const (
	PageFile     = "report.html"
	MarkdownFile = "report.md"
	ChartsDir    = "charts"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
)

// WritePage writes the report into a folder: a page that needs no network
// (report.html), a text to paste into a pull request (report.md), the charts as
// SVG and PNG (charts/), and a flame graph page for each profile
// (flame-<mode>.html). It returns the path of the page. progress, which may be
// nil, is told what is being written.
func (r *Report) WritePage(dir string, progress func(string)) (path string, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	p, err := r.page()
	if err != nil {
		return "", err
	}
	markdown, err := r.markdown()
	if err != nil {
		return "", err
	}
	// First of all, so that a folder that cannot be written to is known at once.
	if err := writeFile(filepath.Join(dir, MarkdownFile), markdown); err != nil {
		return "", err
	}
	styles := newPalette()
	for i, s := range r.Suites {
		prefix := r.prefix(i)
		figures := s.Figures()
		for k := range figures {
			figures[k].Name = prefix + figures[k].Name
		}
		progress(fmt.Sprintf("drawing %s", wording.Count(len(figures), "chart")))
		drawings, err := drawAll(figures, filepath.Join(dir, ChartsDir))
		if err != nil {
			return "", err
		}
		p.Suites[i].draw(drawings, styles)
		if s.Run != nil && len(s.Run.Profiles) > 0 {
			progress(fmt.Sprintf("reading %s", wording.Count(len(s.Run.Profiles), "profile")))
			if p.Suites[i].Profiles, err = s.profiles(dir, prefix); err != nil {
				return "", err
			}
		}
	}
	for i, one := range r.Primitives {
		figures := one.Figures()
		for k := range figures {
			figures[k].Name = numbered(i, one.Label) + figures[k].Name
		}
		progress(fmt.Sprintf("drawing %s of primitives", wording.Count(len(figures), "chart")))
		drawings, err := drawAll(figures, filepath.Join(dir, ChartsDir))
		if err != nil {
			return "", err
		}
		p.Primitives[i].draw(drawings, styles)
	}
	p.ChartCSS = styles.css()
	progress("writing the page")
	html, err := p.html()
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, PageFile)
	return path, writeFile(path, html)
}

// prefix sets the files of a suite apart from those of the suites before it.
func (r *Report) prefix(i int) string { return numbered(i, r.Suites[i].Label) }

// numbered names what is of a file after the first one.
func numbered(i int, label string) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprintf("%s-%d-", fileName(label), i+1)
}

// pageTemplate is parsed anew for each page: once per report is cheap, and a
// template is nothing to keep.
func pageTemplate() (*template.Template, error) {
	return template.New("page").Parse(pageHTML)
}

func (p *pageView) html() ([]byte, error) {
	t, err := pageTemplate()
	if err != nil {
		return nil, fmt.Errorf("cannot make the page: %w", err)
	}
	var buf bytes.Buffer
	if err := t.Execute(&buf, p); err != nil {
		return nil, fmt.Errorf("cannot make the page: %w", err)
	}
	return buf.Bytes(), nil
}
