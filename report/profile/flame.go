package profile

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/results/profiles"
)

// PageOptions configures a flame graph page. The zero value works.
type PageOptions struct {
	Title string // heading of the page; "CPU profile" if empty

	// Roots are the keys of the labels by which the stacks are grouped at the
	// root of the graph, the outermost first. None means by workload.
	Roots []string
}

// ErrNoSamples is what [FlamePage] returns for a profile that has nothing to
// draw.
var ErrNoSamples = errors.New("the profile has no samples")

// flameCSS and flameJS fit pprof's page to being a file: readable on a phone and
// on dark, and without the menu whose entries need a server.
var (
	//go:embed flame.css
	flameCSS string
	//go:embed flame.js
	flameJS string
)

// FlamePage returns a page of HTML that draws p as a flame graph: pprof's own
// one, in a single file that opens without a server and asks no outside address.
func FlamePage(p *profile.Profile, o PageOptions) ([]byte, error) {
	roots := o.Roots
	if len(roots) == 0 {
		roots = []string{profiles.Workload}
	}
	slim, err := slimmed(p, roots)
	if err != nil {
		return nil, fmt.Errorf("flame graph: %w", err)
	}
	if len(slim.Sample) == 0 {
		return nil, fmt.Errorf("flame graph: %w", ErrNoSamples)
	}
	page, err := run("/flamegraph", map[string]*profile.Profile{"p": slim}, "-tagroot="+strings.Join(roots, ","), "p")
	if err != nil {
		return nil, fmt.Errorf("flame graph: %w", err)
	}
	title := o.Title
	if title == "" {
		title = "CPU profile"
	}
	if page, err = standalone(page, title); err != nil {
		return nil, fmt.Errorf("flame graph: %w", err)
	}
	return page, nil
}

// slimmed returns a copy of p with what a flame graph shows and no more:
// functions without lines or addresses, and the labels with the given keys.
// Samples that then are alike become one, which keeps the page small.
func slimmed(p *profile.Profile, keys []string) (*profile.Profile, error) {
	c, err := profiles.Merge(p) // a copy, also of what is shared with p
	if err != nil {
		return nil, err
	}
	c.Mapping, c.Comments, c.DocURL, c.DropFrames, c.KeepFrames = nil, nil, "", "", ""
	for _, l := range c.Location {
		l.Mapping = nil
	}
	for _, s := range c.Sample {
		kept := map[string][]string{}
		for _, k := range keys {
			if v, ok := s.Label[k]; ok {
				kept[k] = v
			}
		}
		s.Label, s.NumLabel, s.NumUnit = kept, nil, nil
	}
	const inlined, function, file, line, column, address = true, true, true, false, false, false
	if err := c.Aggregate(inlined, function, file, line, column, address); err != nil {
		return nil, err
	}
	return profiles.Merge(c)
}

// standalone takes out of pprof's page what needs its server: the menus of other
// views and of refinements, the dialogs that save settings, the link home. The
// search stays. It is an error if the page is not the one that this was written
// for: a half-working page is worse than none.
func standalone(page []byte, title string) ([]byte, error) {
	e := edit{page: page}
	title = html.EscapeString(title)
	e.replace("<title>", "</title>", title)
	e.replace(`<div class="title">`, `</div>`, "<h1>"+title+"</h1>")
	e.cut(`<div id="view" class="menu-item">`, `<div>
    <input id="search"`)
	e.cut(`<div id="dialog-overlay">`, `<div id="errors">`)
	e.replace(`href="#" id="details">`, `</a>`, "details")
	e.replace(`<span id="action-title"></span>`, `</div>`, "")
	e.before("</head>", `<meta name="viewport" content="width=device-width, initial-scale=1">
  <style>`+flameCSS+"</style>\n  <script>"+flameJS+"</script>\n")
	return e.page, e.err
}

// An edit is a page being changed. After the first change that does not fit,
// the others do nothing.
type edit struct {
	page []byte
	err  error
}

// cut removes what begins with from and ends before to.
func (e *edit) cut(from, to string) { e.change(from, to, false, "") }

// replace puts text between the marks before and after.
func (e *edit) replace(before, after, text string) { e.change(before, after, true, text) }

// before puts text in front of the mark.
func (e *edit) before(mark, text string) { e.change(mark, mark, false, text) }

// change puts text in place of what stands from the first occurrence of from,
// after it if keep is set, to the next of to.
func (e *edit) change(from, to string, keep bool, text string) {
	if e.err != nil {
		return
	}
	i := bytes.Index(e.page, []byte(from))
	if i >= 0 && keep {
		i += len(from)
	}
	n := -1
	if i >= 0 {
		n = bytes.Index(e.page[i:], []byte(to))
	}
	if n < 0 {
		e.err = fmt.Errorf("pprof's page has no %q before %q: it is of another version", from, to)
		return
	}
	e.page = bytes.Join([][]byte{e.page[:i], e.page[i+n:]}, []byte(text))
}
