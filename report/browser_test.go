package report

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// probe is put into a copy of the page. It opens all that is folded and tells
// the page around it what a reader would see.
const probe = `<script>
var said = [];
addEventListener("error", function (e) { said.push(String(e.message || "something did not load")); }, true);
addEventListener("securitypolicyviolation", function (e) { said.push("asked for " + e.blockedURI); });
addEventListener("load", function () {
	document.querySelectorAll("details").forEach(function (d) { d.open = true; });
	var pictures = Array.from(document.querySelectorAll("svg")).filter(function (s) { return getComputedStyle(s).display != "none"; });
	var outside = function (s) {
		var sheet = s.getBoundingClientRect();
		return Array.from(s.querySelectorAll("text")).some(function (e) {
			var b = e.getBoundingClientRect();
			return b.width == 0 || b.left < sheet.left - 1 || b.right > sheet.right + 1 || b.top < sheet.top - 1 || b.bottom > sheet.bottom + 1;
		});
	};
	var wide = Array.from(document.querySelectorAll("body *")).filter(function (e) {
		return e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre");
	});
	parent.postMessage({
		width: innerWidth,
		reaches: document.documentElement.scrollWidth,
		pictures: pictures.length,
		broken: pictures.filter(function (s) { return s.getBoundingClientRect().height < 100 || outside(s); }).length,
		wide: wide.slice(0, 3).map(function (e) { return e.outerHTML.slice(0, 80); }),
		said: said
	}, "*");
});
</script>`

// around shows the page in frames of the widths of a phone and of a desk, since
// a browser's own window has a least width.
const around = `<!DOCTYPE html><meta charset="utf-8"><pre></pre><script>
addEventListener("message", function (e) {
	document.querySelector("pre").append(JSON.stringify(e.data) + "\n");
});
</script>
<iframe src="copy.html" style="width: 360px; height: 800px; border: 0"></iframe>
<iframe src="copy.html" style="width: 1280px; height: 800px; border: 0"></iframe>`

// A sight is what the probe tells.
type sight struct {
	Width, Reaches, Pictures, Broken int
	Wide, Said                       []string
}

func TestPageInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("starting a browser takes seconds")
	}
	browser := findBrowser(t)
	for _, c := range []struct {
		name     string
		report   *Report
		pictures int
	}{
		{"workloads", load(t, fakeFolder(t, fakeOptions{seed: 1, rounds: 6, workers: []int{1, 2, 4}, works: fakeWorks()[3:5], run: true})), 11},
		{"sizes", someDecision(t), 3}, // the map, and curves of two of three workloads
		{"primitives", measured(t), 3},
	} {
		t.Run(c.name, func(t *testing.T) { inABrowser(t, browser, c.report, c.pictures) })
	}
}

// inABrowser looks at the page of a report at two widths.
func inABrowser(t *testing.T, browser string, r *Report, pictures int) {
	t.Helper()
	dir := t.TempDir()
	path, err := r.WritePage(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`)
	if !policy.Match(page) {
		t.Fatal("the page has no policy that forbids it to ask for anything")
	}
	// The probe is a script, the only thing that the copy may have beyond the
	// page's own policy.
	copied := policy.ReplaceAllString(string(page), `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"/>`+probe)
	for name, text := range map[string]string{"copy.html": copied, "around.html": around} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sights := look(t, browser, filepath.Join(dir, "around.html"))
	if len(sights) != 2 {
		t.Fatalf("%d of 2 frames told what they show", len(sights))
	}
	for _, s := range sights {
		if s.Reaches > s.Width || len(s.Wide) > 0 {
			t.Errorf("at %d pixels the page reaches to %d: %q", s.Width, s.Reaches, s.Wide)
		}
		if s.Pictures != pictures || s.Broken > 0 {
			t.Errorf("at %d pixels %d of %d pictures are broken, want %d whole ones", s.Width, s.Broken, s.Pictures, pictures)
		}
		if len(s.Said) > 0 {
			t.Errorf("at %d pixels: %s", s.Width, strings.Join(s.Said, "; "))
		}
	}
}

func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no chromium on this machine")
	return ""
}

// look opens a page in a browser and returns what its frames tell.
func look(t *testing.T, browser, page string) []sight {
	t.Helper()
	const tooLong = 2 * time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), tooLong)
	defer cancel()
	cmd := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
		"--disable-background-networking", "--user-data-dir="+t.TempDir(),
		"--virtual-time-budget=20000", "--enable-logging=stderr", "--dump-dom", "file://"+page)
	var talk strings.Builder
	cmd.Stderr = &talk
	dom, err := cmd.Output()
	if err != nil {
		t.Skipf("%s does not start here: %v", browser, err)
	}
	for line := range strings.Lines(talk.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("the browser's console: %s", line)
		}
	}
	_, rest, _ := strings.Cut(string(dom), "<pre>")
	lines, _, _ := strings.Cut(rest, "</pre>")
	var sights []sight
	for line := range strings.Lines(html.UnescapeString(lines)) {
		var s sight
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatal(fmt.Errorf("what the page told: %w in %q", err, line))
		}
		sights = append(sights, s)
	}
	return sights
}
