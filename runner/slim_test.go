package runner

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The bench binary pays for every package it links at each start, hundreds of
// times a second in spawn mode. This is all that it may link beside the
// standard library; add to the list only after looking at BenchmarkStart.
var slim = []string{
	"github.com/HdrHistogram/hdrhistogram-go",
	"github.com/fxamacker/cbor/v2",
	"github.com/gvp-bench/gvp/cmd/gvp-bench",
	"github.com/gvp-bench/gvp/results",
	"github.com/gvp-bench/gvp/results/internal/lines",
	"github.com/gvp-bench/gvp/runner",
	"github.com/gvp-bench/gvp/runner/multiproc",
	"github.com/gvp-bench/gvp/runner/multiproc/internal/codec",
	"github.com/gvp-bench/gvp/runner/multiproc/internal/hub",
	"github.com/gvp-bench/gvp/runner/multiproc/internal/ring",
	"github.com/gvp-bench/gvp/runner/multiproc/internal/shm",
	"github.com/gvp-bench/gvp/runner/multiproc/internal/slab",
	"github.com/gvp-bench/gvp/runner/multiproc/internal/wire",
	"github.com/gvp-bench/gvp/workloads",
	"github.com/x448/float16",
}

// heavy are packages of the standard library that cost a start more than the
// rest together.
var heavy = []string{"net", "net/http", "crypto/tls", "html/template", "text/template", "go/build", "encoding/gob"}

func TestBenchBinaryStaysSlim(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{.ImportPath}} {{.Standard}}", "../cmd/gvp-bench").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		path, standard, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case standard == "true" && slices.Contains(heavy, path):
			t.Errorf("the bench binary links %s, which is too heavy for it", path)
		case standard != "true" && !slices.Contains(slim, path):
			t.Errorf("the bench binary links %s, which is not on the list", path)
		}
	}
}
