package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/runner/multiproc"
)

func TestMain(m *testing.M) {
	multiproc.Main()
	if len(os.Args) == 3 && os.Args[1] == "-just" { // started by alone
		if err := runJust(context.Background(), os.Stdout, os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRowsCompareWhatIsMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	f := figures{}
	for _, m := range measures {
		if m.once {
			continue
		}
		if err := m.run(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.addIdle(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if len(f[r.ours]) == 0 && !strings.HasPrefix(r.ours, "METG") { // which gvp measures
			t.Errorf("nothing measures %s", r.ours)
		}
	}
	// Without peers their rows are left out.
	var out bytes.Buffer
	if err := write(&out, f, 1); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pool map, chunk 1", "lock pair", "1,000 idle workers, parent"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("no row for %s:\n%s", name, &out)
		}
	}
	if strings.Contains(out.String(), "python") {
		t.Errorf("Python was not measured:\n%s", &out)
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

// What no task is large enough for is a row that is missed, and none that is left
// out.
func TestAMETGAboveAllSizesIsMissed(t *testing.T) {
	var r granularity
	if err := json.Unmarshal([]byte(`{"granularity": [{"modes": [
		{"mode": "goroutine", "metg_sec": 1e-7}, {"mode": "process", "above_sec": 0.05}
	]}]}`), &r); err != nil {
		t.Fatal(err)
	}
	f := figures{}
	f.addMETG("METG(50 %)", r)
	var b bytes.Buffer
	if err := write(&b, f, 1); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "missed") {
		t.Errorf("%s", &b)
	}
}
