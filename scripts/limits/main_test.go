package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestMain(m *testing.M) {
	multiproc.Main()
	os.Exit(m.Run())
}

func TestRowsCompareWhatIsMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var out bytes.Buffer
	if err := run(t.Context(), &out, io.Discard, options{rounds: 1}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pool map, chunk 1", "lock pair"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("no row for %s:\n%s", name, &out)
		}
	}
	// Without peers the other rows are left out, but their own side is measured.
	f := figures{}
	for _, m := range measures {
		if err := m.run(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range rows {
		if len(f[r.ours]) == 0 {
			t.Errorf("nothing measures %s", r.ours)
		}
	}
}

func TestVerdictsFollowFromRatios(t *testing.T) {
	f := figures{}
	for _, r := range rows {
		f[r.ours], f[r.peer] = []float64{100}, []float64{100}
	}
	f["c pipe"] = []float64{50, 100, 1000}
	f["python map-one"] = []float64{10_000}
	var out bytes.Buffer
	if err := write(&out, f, 3); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		want := ""
		switch {
		case strings.Contains(line, "python map-one"), strings.Contains(line, "c pipe"):
			want = "reached"
		case strings.Contains(line, "python map-default"):
			want = "missed"
		}
		if !strings.Contains(line, want) {
			t.Errorf("want %s: %s", want, line)
		}
	}
	if _, err := chosen(options{only: "nosuch"}); err == nil {
		t.Error("nothing to measure is no error")
	}
	if err := run(t.Context(), io.Discard, io.Discard, options{}); err == nil {
		t.Error("no rounds are no error")
	}
}
