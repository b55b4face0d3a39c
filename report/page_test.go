package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// written is the page of a made-up run, in a folder of its own.
func written(t *testing.T, o fakeOptions) (dir string, page []byte) {
	t.Helper()
	dir = t.TempDir()
	path, err := load(t, fakeFolder(t, o)).WritePage(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err = os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return dir, page
}

var pageOfTwo []byte // once it is made

// twoWorks is the page of a made-up run with two workloads, which is made once:
// to draw its charts takes long under the race detector.
func twoWorks(t *testing.T) []byte {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: draws every chart, in each theme and width")
	}
	if pageOfTwo == nil {
		_, pageOfTwo = written(t, usual(fakeWorks()[:2]...))
	}
	return pageOfTwo
}

// An element of a page.
type element struct {
	name  string
	attrs map[string]string
}

// elements parses a page, strictly: all that is opened is closed, in order.
func elements(t *testing.T, page []byte) []element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(page))
	var all []element
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("the page is not well-formed: %v", err)
		}
		if start, ok := token.(xml.StartElement); ok {
			e := element{start.Name.Local, make(map[string]string)}
			for _, a := range start.Attr {
				if _, twice := e.attrs[a.Name.Local]; twice {
					t.Errorf("%s has two attributes %s", e.name, a.Name.Local)
				}
				e.attrs[a.Name.Local] = a.Value
			}
			all = append(all, e)
		}
	}
}

func TestPageIsSoundAndAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("draws a page")
	}
	page := twoWorks(t)
	all := elements(t, page)
	ids := make(map[string]bool)
	counts := make(map[string]int)
	for _, e := range all {
		counts[e.name]++
		if id := e.attrs["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %s", id)
			}
			ids[id] = true
		}
	}
	for _, e := range all {
		if href := e.attrs["href"]; strings.HasPrefix(href, "#") && !ids[href[1:]] {
			t.Errorf("a link leads to %s, which is not there", href)
		}
		if id := e.attrs["aria-labelledby"]; id != "" && !ids[id] {
			t.Errorf("%s is labelled by %s, which is not there", e.name, id)
		}
		if e.name == "svg" && (e.attrs["role"] != "img" || len(e.attrs["aria-label"]) < 40) {
			t.Errorf("a picture has the role %q and the alternative text %q", e.attrs["role"], e.attrs["aria-label"])
		}
	}
	// An overview, and five charts for each of two workloads, for wide windows
	// and for narrow ones.
	if counts["svg"] != 2*11 || counts["figure"] != 11 || counts["img"] != 0 {
		t.Errorf("%d pictures in %d figures and %d images, want 22, 11 and none", counts["svg"], counts["figure"], counts["img"])
	}
	for _, want := range []string{"html", "head", "title", "body", "header", "main", "nav", "h1"} {
		if counts[want] != 1 {
			t.Errorf("%d elements %s, want one", counts[want], want)
		}
	}
	if counts["script"] > 0 {
		t.Error("the page has a script")
	}
}

// outside matches addresses that a browser would ask a network for.
var outside = regexp.MustCompile(`(?i)^\s*([a-z][a-z0-9+.-]*:|//)`)

func TestPageHasNoOutsideAddress(t *testing.T) {
	page := twoWorks(t)
	for _, e := range elements(t, page) {
		for name, value := range e.attrs {
			if value == "data:," { // no icon
				continue
			}
			if slices.Contains([]string{"href", "src", "srcset", "action", "data", "poster", "style"}, name) && outside.MatchString(value) {
				t.Errorf("%s has the outside address %s=%q", e.name, name, value)
			}
		}
	}
	for _, style := range regexp.MustCompile(`(?s)<style>.*?</style>`).FindAll(page, -1) {
		if regexp.MustCompile(`(?i)@import|url\(`).Match(style) {
			t.Error("a style asks for something")
		}
	}
}

// TestPageHasEachPictureOnce holds the page to one drawing for both colour
// schemes: all that the two differ in is the colours of classes.
func TestPageHasEachPictureOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("drawing takes long under the race detector")
	}
	dir, page := written(t, usual(fakeWorks()[:2]...))
	if bytes.Contains(page, []byte("data:image")) {
		t.Error("the page has pictures as data")
	}
	classes := make(map[string]bool)
	for _, m := range regexp.MustCompile(`class="(z[0-9a-z]+)"`).FindAllSubmatch(page, -1) {
		classes[string(m[1])] = true
	}
	light, dark, ok := bytes.Cut(page[bytes.Index(page, []byte("<style>.z0{")):], []byte("@media (prefers-color-scheme: dark)"))
	if !ok || len(classes) < 20 {
		t.Fatalf("%d classes, and rules for dark pages: %v", len(classes), ok)
	}
	for c := range classes {
		if !bytes.Contains(light, []byte("."+c+"{")) {
			t.Errorf("class %s has no rule", c)
		}
	}
	// The colours of a file for dark pages are those of the page in the dark.
	svg, err := os.ReadFile(filepath.Join(dir, ChartsDir, "hash-rate-dark.svg"))
	if err != nil {
		t.Fatal(err)
	}
	for _, colour := range regexp.MustCompile(`#[0-9A-F]{6}`).FindAll(svg, -1) {
		if !bytes.Contains(dark, colour) {
			t.Errorf("no rule for dark pages has the colour %s", colour)
		}
	}
}

func TestPageEscapesWhatComesFromOutside(t *testing.T) {
	if testing.Short() {
		t.Skip("drawing takes long under the race detector")
	}
	const evil = `<script>alert("x")</script>`
	folder := fakeFolder(t, fakeOptions{seed: 1, rounds: 2, workers: []int{1, 2}, works: []fakeWork{
		{results.Cell{Workload: "a<b>c", Params: []results.Param{{Name: "p", Value: `"&'<i>`}}}, 1e-5, 0, 0},
	}, run: true})
	log, _, err := results.OpenLog(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(log.Write(results.LogEntry{Event: results.LogSample, Error: evil, Stderr: evil, Cell: evil}), log.Close()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, err := load(t, evil+"="+folder, "b="+folder).WritePage(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range elements(t, page) {
		if slices.Contains([]string{"script", "i"}, e.name) {
			t.Errorf("the page has an element %s", e.name)
		}
	}
	markdown, err := os.ReadFile(filepath.Join(dir, MarkdownFile))
	if err != nil {
		t.Fatal(err)
	}
	if m := regexp.MustCompile(`[^\\]<(script|b|i)>.*`).Find(markdown); m != nil {
		t.Errorf("the text for a pull request has markup from outside: %s", m)
	}
}

func TestPageOfAnotherProjectHasTablesAndNoCharts(t *testing.T) {
	dir := t.TempDir()
	path, err := load(t, "before="+samplesFile(t, foreign)).WritePage(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, e := range elements(t, page) {
		if e.name == "table" {
			tables++
		}
		if e.name == "img" || e.name == "svg" {
			t.Error("the page has a picture")
		}
	}
	if tables != 3 {
		t.Errorf("%d tables, want 3", tables)
	}
	if _, err := os.Stat(filepath.Join(dir, ChartsDir)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a folder of charts: %v", err)
	}
}

func TestPageWritesChartsAsFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("drawing takes long under the race detector")
	}
	dir, _ := written(t, usual(fakeWorks()[0]))
	for _, name := range []string{"overview", "hash-rate", "hash-scaling", "hash-cpu", "hash-memory", "hash-latency"} {
		for _, ext := range []string{".svg", "-dark.svg", ".png", "-dark.png"} {
			if info, err := os.Stat(filepath.Join(dir, ChartsDir, name+ext)); err != nil || info.Size() == 0 {
				t.Errorf("%s%s: %v", name, ext, err)
			}
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "*.new"))
	if err != nil || len(left) > 0 {
		t.Errorf("half-written files are left: %v %v", left, err)
	}
}

// A folder below a file can be written to by nobody, not even root.
func TestFolderThatCannotBeWrittenTo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	r := load(t, fakeFolder(t, fakeOptions{seed: 1, rounds: 2, workers: []int{1}, works: fakeWorks()[:1]}))
	_, err := r.WritePage(filepath.Join(file, "out"), nil)
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "choose a folder") {
		t.Errorf("error = %v, want one that names the folder and the way out", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != "mine" {
		t.Errorf("the file in the way is now %q, %v", data, err)
	}
}

// What is broken beside the samples is said, and the samples are reported on.
func TestBrokenRunFilesAreWarnings(t *testing.T) {
	folder := fakeFolder(t, usual(fakeWorks()[0]))
	if err := os.Mkdir(filepath.Join(folder, results.ProfilesDir), 0o777); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(folder, results.ProfilesDir, "process.pb.gz")
	for _, name := range []string{filepath.Join(folder, results.LogFile), broken} {
		if err := os.WriteFile(name, []byte("not what it should be\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	r := load(t, folder)
	for _, file := range []string{results.LogFile, "process.pb.gz"} {
		if !slices.ContainsFunc(r.Warnings, func(w samples.Warning) bool { return strings.HasSuffix(w.File, file) }) {
			t.Errorf("no warning about %s: %v", file, r.Warnings)
		}
	}
	if len(r.Findings()) != 1 {
		t.Errorf("findings = %v, want one", r.Findings())
	}
	if err := os.WriteFile(filepath.Join(folder, results.RunFile), []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	r = load(t, folder)
	if len(r.Warnings) != 1 || len(r.Findings()) != 1 {
		t.Fatalf("with a broken run file: warnings %v, findings %v", r.Warnings, r.Findings())
	}
	if w := r.Warnings[0].String(); strings.Count(w, results.RunFile) != 1 || !strings.Contains(w, "not a run file") {
		t.Errorf("warning %q, want one that names the run file once", w)
	}
}
