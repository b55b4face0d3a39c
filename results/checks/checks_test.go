package checks

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

var began = time.Date(2026, 11, 28, 4, 0, 0, 0, time.UTC)

func sample(side, name string, round int, value float64) Sample {
	return Sample{Time: began, Round: round, Order: 1, Side: side, Benchmark: "codec." + name, Name: name, Package: "example.com/m/codec",
		Procs: 2, OK: true, Units: 10, Metrics: []results.Metric{{Unit: "sec/op", Value: value}, {Unit: "allocs/op", Value: 3}}}
}

func failed(side, name string, round int) Sample {
	s := sample(side, name, round, 0)
	s.OK, s.Reason, s.Error, s.Stderr, s.Metrics, s.Units = false, Crashed, "exit status 2", "panic: no", nil, 0
	return s
}

func write(t *testing.T, ss ...Sample) string {
	t.Helper()
	c := &Check{Format: Format, Began: began, Machine: results.Machine{OS: "linux", Arch: "amd64"}, Base: Side{Go: "go1.26.8", Revision: "abc"}}
	w, err := Create(t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range ss {
		if err := w.Sample(s); err != nil {
			t.Fatal(err)
		}
	}
	c.Finished = true
	if err := errors.Join(w.Check(c), w.Close()); err != nil {
		t.Fatal(err)
	}
	return w.Folder()
}

func TestFolderReadsBack(t *testing.T) {
	control := sample(Base, "x", 1, 1)
	control.Benchmark, control.Name = ControlName, ""
	want := []Sample{sample(Base, "A/n=1", 1, 0.5), failed(Head, "A/n=1", 1), control}
	folder := write(t, want...)
	r, err := Read(folder)
	if err != nil || !r.Check.Finished || len(r.Warnings) > 0 {
		t.Fatalf("Read = %+v, %v", r, err)
	}
	if diff := cmp.Diff(want, r.Samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(folder, BaseFile))
	wantText := "goos: linux\ngoarch: amd64\ngo: go1.26.8\nrevision: abc\n\npkg: example.com/m/codec\nBenchmarkA/n=1-2 10 0.5 sec/op 3 allocs/op\n"
	if err != nil || string(text) != wantText {
		t.Errorf("%s = %q, %v, want %q", BaseFile, text, err, wantText)
	}
	if set, err := samples.ReadFiles([]string{filepath.Join(folder, BaseFile)}); err != nil || len(set.Warnings) > 0 || len(set.Series) != 1 {
		t.Errorf("as Go benchmark output: %+v, %v", set, err)
	}
	if again := write(t); filepath.Base(again) != "20261128T040000Z" {
		t.Errorf("folder %s, want it named after when the check began", again)
	}
}

// Two sides that were measured with different settings are refused as two files.
func TestSettingsAreInTheFilesOfTheSides(t *testing.T) {
	text := func(env map[string]string, side Side) string {
		w, err := Create(t.TempDir(), &Check{Format: Format, Began: began, Machine: results.Machine{OS: "linux", Arch: "amd64", Env: env}, Base: side})
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Sample(sample(Base, "A", 1, 1)), w.Close()); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(w.Folder(), BaseFile)
	}
	usual := text(nil, Side{Settings: map[string]string{"GOARCH": "amd64", "GOAMD64": "v1"}})
	other := text(map[string]string{"GOGC": "off"}, Side{Settings: map[string]string{"GOARCH": "amd64", "GOAMD64": "v3"}, Flags: "-race -tags=x"})
	f, err := ReadFiles(usual, other)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range f.Differences {
		if !d.Names() {
			got = append(got, d.String())
		}
	}
	want := []string{"build-flags is absent in base and -race -tags=x in head", "goamd64 is absent in base and v3 in head", "gogc is absent in base and off in head"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestTwoChecksOfOneSecondHaveTheirOwnFolders(t *testing.T) {
	out := t.TempDir()
	for _, want := range []string{"20261128T040000Z", "20261128T040000Z-2"} {
		w, err := Create(out, &Check{Format: Format, Began: began})
		if err != nil || filepath.Base(w.Folder()) != want {
			t.Fatalf("Create = %v, %v, want %s", w.Folder(), err, want)
		}
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestHalfALineIsSkippedAndReported(t *testing.T) {
	folder := write(t, sample(Base, "A", 1, 1), sample(Head, "A", 1, 2))
	name := filepath.Join(folder, LogFile)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data[:len(data)-5], 0o666); err != nil {
		t.Fatal(err)
	}
	r, err := Read(folder)
	if err != nil || len(r.Samples) != 1 || len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], name+":2: half-written") {
		t.Errorf("Read = %d samples, %q, %v", len(r.Samples), r.Warnings, err)
	}
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(dir); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "not the folder of a check") {
		t.Errorf("Read of an empty folder: %v", err)
	}
	for text, want := range map[string]string{"{": "not the file of a check", `{"format":9}`: "another version of gvp", `{"format":1,"seed":"x"}`: "not the file"} {
		if err := os.WriteFile(filepath.Join(dir, File), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Read of %s: %v, want %q", text, err, want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, File), []byte(`{"format":1}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if r, err := Read(dir); err != nil || len(r.Samples) != 0 {
		t.Errorf("Read without a log = %+v, %v, want no samples", r, err)
	}
}

func TestPairsAreOfOneRoundAndInOrder(t *testing.T) {
	noAllocs := sample(Head, "B", 1, 8)
	noAllocs.Metrics = noAllocs.Metrics[:1]
	series, failures := Pairs([]Sample{
		sample(Head, "A", 2, 4), sample(Base, "A", 2, 3), // the later round first
		sample(Head, "B", 2, 1), failed(Base, "B", 2),
		sample(Base, "A", 1, 1), sample(Head, "A", 1, 2), sample(Head, "A", 1, 99),
		noAllocs, sample(Base, "B", 1, 7), sample(Base, "A", 3, 5),
	})
	want := []Series{
		{"codec.A", "sec/op", []Pair{{1, 1, 2}, {2, 3, 4}}},
		{"codec.A", "allocs/op", []Pair{{1, 3, 3}, {2, 3, 3}}},
		{"codec.B", "sec/op", []Pair{{1, 7, 8}}},
	}
	if diff := cmp.Diff(want, series); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	wantFailures := []Failure{{"codec.B", Base, 2, Crashed, "exit status 2", "panic: no"}}
	if diff := cmp.Diff(wantFailures, failures); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
}

func FuzzLog(f *testing.F) {
	line, err := json.Marshal(sample(Base, "A", 1, 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(line, '\n'))
	f.Add(line)
	f.Add([]byte("{}\n\n{\"side\":\"base\",\"benchmark\":\"x\",\"ok\":true,\"metrics\":[{\"unit\":\"s\",\"value\":1e999}]}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ss, warnings := parseLog(data)
		if len(warnings) > maxWarnings+1 {
			t.Errorf("%d warnings", len(warnings))
		}
		series, failures := Pairs(ss)
		pairs := 0
		for _, s := range series {
			if len(s.Pairs) == 0 {
				t.Errorf("series %v without pairs", s)
			}
			for i, p := range s.Pairs {
				if i > 0 && p.Round <= s.Pairs[i-1].Round {
					t.Errorf("series %v is not in the order of its rounds", s)
				}
			}
			pairs = max(pairs, len(s.Pairs))
		}
		if 2*pairs+len(failures) > len(ss) {
			t.Errorf("%d pairs and %d failures of %d samples", pairs, len(failures), len(ss))
		}
		// What was read is written again as it was.
		for _, s := range ss {
			line, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := parseSample(line); err != nil {
				t.Errorf("sample %s: %v", line, err)
			}
		}
	})
}
