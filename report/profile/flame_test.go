package profile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/results/profiles"
)

func TestFlamePageStandsAlone(t *testing.T) {
	page, err := FlamePage(twoWorkloads(), PageOptions{Title: "process <2 workers>"})
	if err != nil {
		t.Fatal(err)
	}
	text := string(page)
	for _, want := range []string{
		"<title>process &lt;2 workers&gt;</title>", "<h1>process &lt;2 workers&gt;</h1>",
		"crypto/sha256.block", "main.sieve", `"primes"`, "stackViewer(", `id="search"`, "prefers-color-scheme: dark", `name="viewport"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	// Nothing to load, and no link that needs pprof's server.
	for _, m := range regexp.MustCompile(`\b(?:src|href|action)=("[^"]*"|\S*)|<(?:link|iframe|img|form|object)\b|class="dialog"|class="menu-item"|@import`).FindAllString(text, -1) {
		if m != `href="#"` {
			t.Errorf("the page has %s", m)
		}
	}
	// The names of SVG's own namespace are the only addresses; nothing is at them.
	for _, m := range regexp.MustCompile(`https?://[^"'\s)]+`).FindAllString(text, -1) {
		if m != "http://www.w3.org/2000/svg" {
			t.Errorf("the page names the address %s", m)
		}
	}
}

func TestFlamePageGroupsByLabels(t *testing.T) {
	p := twoWorkloads()
	for _, c := range []struct {
		roots     []string
		has, lack string
	}{
		{nil, "hash primes", "process w0 w1 host"},
		{[]string{"mode", "worker"}, "process w0 w1 host", "hash primes"},
	} {
		page, err := FlamePage(p, PageOptions{Roots: c.roots})
		if err != nil {
			t.Fatal(err)
		}
		frame := func(name string) bool { return bytes.Contains(page, []byte(`"FullName":"`+name+`"`)) }
		for name := range strings.FieldsSeq(c.has) {
			if !frame(name) {
				t.Errorf("by %v: no frame %s", c.roots, name)
			}
		}
		for name := range strings.FieldsSeq(c.lack) {
			if frame(name) {
				t.Errorf("by %v: a frame %s", c.roots, name)
			}
		}
	}
	if len(p.Sample) != 6 || len(p.Sample[0].Label) != 3 || p.Location[0].Line[0].Line != 7 {
		t.Error("FlamePage changed the profile")
	}
}

func TestFlamePagesDoNotMixWhenMadeAtOnce(t *testing.T) {
	p := twoWorkloads()
	var wg sync.WaitGroup
	for _, roots := range [][]string{{"mode"}, {"workload"}, {"worker"}} {
		alone, err := FlamePage(p, PageOptions{Roots: roots})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			wg.Go(func() {
				if page, err := FlamePage(p, PageOptions{Roots: roots}); err != nil || !bytes.Equal(page, alone) {
					t.Errorf("by %v: another page than alone (%v)", roots, err)
				}
			})
		}
	}
	wg.Wait()
}

func TestFlamePageRefuses(t *testing.T) {
	if _, err := FlamePage(synthetic(), PageOptions{}); !errors.Is(err, ErrNoSamples) {
		t.Errorf("no samples: error %v, want ErrNoSamples", err)
	}
	for name, p := range map[string]*profile.Profile{"nil": nil, "empty": {}} {
		if _, err := FlamePage(p, PageOptions{}); err == nil {
			t.Errorf("%s profile: no error", name)
		}
	}
	if _, err := standalone([]byte("<html><title>x</title></html>"), "x"); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a page that is not pprof's: error %v", err)
	}
}

func TestFlamePageEscapesNames(t *testing.T) {
	page, err := FlamePage(synthetic(stack{"</script><b>", "w0", "</script><script>alert(1)</script> main.main", 1}), PageOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(page, []byte("<script>alert")) || bytes.Contains(page, []byte("</script><b>")) {
		t.Error("a name in the profile breaks out of its place in the page")
	}
}

func TestRunResetsOptions(t *testing.T) {
	page := func(args ...string) string {
		t.Helper()
		html, err := run("/flamegraph", map[string]*profile.Profile{"p": twoWorkloads()}, append(args, "p")...)
		if err != nil {
			t.Fatal(err)
		}
		return string(html)
	}
	before := page()
	if page("-focus=sieve", "-tagroot=mode", "-tagleaf=worker", "-tagfocus=worker=w0", "-filefunctions=false", "-lines", "-flat=false", "-cum", "-nodecount=1", "-unit=hours", "-divide_by=3", "-noinlines") == before {
		t.Fatal("the options have no effect")
	}
	if page() != before {
		t.Error("options of one call are still in force at the next")
	}
}

func TestRunDrawsADifference(t *testing.T) {
	html, err := run("/flamegraph", map[string]*profile.Profile{"old": twoWorkloads(), "new": twoWorkloads()}, "-diff_base=old", "new")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(html, []byte(`"Value":-`)) {
		t.Error("nothing negative in the difference")
	}
}

func TestRunFails(t *testing.T) {
	ps := map[string]*profile.Profile{"p": twoWorkloads()}
	for name, call := range map[string][]string{
		"a page that is not there": {"/nonesuch", "p"},
		"another profile":          {"/flamegraph", "q"},
		"a wrong flag":             {"/flamegraph", "-nonesuch", "p"},
		"a wrong expression":       {"/flamegraph", "-focus=(", "p"},
	} {
		if html, err := run(call[0], ps, call[1:]...); err == nil || html != nil {
			t.Errorf("%s: %d bytes, error %v", name, len(html), err)
		}
	}
}

func FuzzProfile(f *testing.F) {
	for _, p := range []*profile.Profile{twoWorkloads(), synthetic(), synthetic(stack{"", "", "", 1})} {
		var b bytes.Buffer
		if err := p.WriteUncompressed(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		p, err := profiles.Parse(&b)
		if err != nil {
			return
		}
		if s := Summarize(p, 10); len(s.Shares) < 5 {
			t.Errorf("summary %+v lacks kinds", s)
		}
		if page, err := FlamePage(p, PageOptions{Roots: []string{"mode", "worker"}}); err == nil && len(page) == 0 {
			t.Error("an empty page and no error")
		}
	})
}
