package samples

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results"
)

// writeFile makes a file of the given text and returns its path.
func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

const hashName = "Workload/workload=hash/size=64KiB/mode=process/workers=2"

func TestReadFilesGathersSeries(t *testing.T) {
	path := writeFile(t, "a.txt", `goos: linux
Unit sec/op better=lower
Benchmark`+hashName+` 10 0.5 sec/op 100 B/s
BenchmarkOther-8 1 5 ns/op
Benchmark`+hashName+` 20 0.25 sec/op 200 B/s
goos: plan9
Benchmark`+hashName+` 20 0.125 sec/op
goos: linux
Benchmark`+hashName+` 20 0.75 sec/op
`)
	set, err := ReadFiles([]string{"new=" + path})
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Warnings) > 0 {
		t.Errorf("warnings %v, want none", set.Warnings)
	}
	if len(set.Series) != 3 || len(set.Groups) != 4 {
		t.Fatalf("%d series and %d groups, want 3 and 4", len(set.Series), len(set.Groups))
	}
	s := set.Series[0]
	if got, want := s.Unit("sec/op"), []float64{0.5, 0.25, 0.75}; !slices.Equal(got, want) {
		t.Errorf("sec/op = %v, want %v", got, want)
	}
	if got, want := s.Unit("B/s"), []float64{100, 200}; !slices.Equal(got, want) {
		t.Errorf("B/s = %v, want %v", got, want)
	}
	if got := s.Unit("furlongs"); len(got) != 0 {
		t.Errorf("furlongs = %v, want none", got)
	}
	if got, want := s.Units(), []string{"sec/op", "B/s"}; !slices.Equal(got, want) {
		t.Errorf("units %q, want %q", got, want)
	}
	if got := set.Series[1].Unit("sec/op"); len(got) != 1 || math.Abs(got[0]-5e-9) > 1e-20 {
		t.Errorf("sec/op of ns/op = %v, want 5e-9", got)
	}
	for key, want := range map[string]string{
		".name": "Workload", ".fullname": hashName, ".file": "new", "/mode": "process", "/size": "64KiB",
		"/gomaxprocs": "", "/siz": "", "goos": "linux", "goarch": "",
	} {
		if got := s.Key(key); got != want {
			t.Errorf("Key(%q) = %q, want %q", key, got, want)
		}
	}
	if got := set.Series[1].Key("/gomaxprocs"); got != "8" {
		t.Errorf("gomaxprocs = %q, want 8", got)
	}
	if got := set.Series[2].Key("goos"); got != "plan9" {
		t.Errorf("third series has goos %q, want plan9", got)
	}
	if got := set.Units.GetBetter("sec/op"); got != -1 {
		t.Errorf("better of sec/op = %d, want -1", got)
	}
}

func TestReadFilesGathersWhateverTheOrderOfSettings(t *testing.T) {
	path := writeFile(t, "x.txt", "a: 1\nb: 2\nBenchmarkA 1 5 x\na:\nBenchmarkA 1 6 x\na: 1\nBenchmarkA 1 7 x\n")
	set, err := ReadFiles([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Series[0].Unit("x"); len(set.Series) != 2 || !slices.Equal(got, []float64{5, 7}) {
		t.Errorf("%d series, the first with %v; want 2 and [5 7]", len(set.Series), got)
	}
}

func TestReadFilesLabels(t *testing.T) {
	a := writeFile(t, "a.txt", "BenchmarkA 1 5 sec/op\n")
	b := writeFile(t, "b.txt", "BenchmarkA 1 6 sec/op\n")
	for _, test := range []struct {
		paths, labels []string
		series        int
	}{
		{[]string{a, b}, []string{a, b}, 2},
		{[]string{a, a}, []string{a + "#0", a + "#1"}, 2},
		{[]string{"old=" + a, "new=" + b}, []string{"old", "new"}, 2},
		{[]string{"x=" + a, "x=" + b}, []string{"x", "x"}, 1},
		{[]string{"=" + a}, []string{""}, 1},
	} {
		set, err := ReadFiles(test.paths)
		if err != nil {
			t.Fatal(err)
		}
		var labels []string
		for _, f := range set.Files {
			labels = append(labels, f.Label)
		}
		if !slices.Equal(labels, test.labels) || len(set.Series) != test.series {
			t.Errorf("%q: labels %q and %d series, want %q and %d", test.paths, labels, len(set.Series), test.labels, test.series)
		}
	}
}

func TestReadFilesReadsARunsFolder(t *testing.T) {
	path := writeFile(t, results.SamplesFile, "BenchmarkA 1 5 sec/op\n")
	set, err := ReadFiles([]string{filepath.Dir(path)})
	if err != nil {
		t.Fatal(err)
	}
	if want := (File{Label: filepath.Dir(path), Path: path}); set.Files[0] != want || set.Series[0].File != want.Label {
		t.Errorf("file %+v, series of %q; want %+v", set.Files[0], set.Series[0].File, want)
	}
}

func TestReadFilesWarnings(t *testing.T) {
	own := "Benchmark" + hashName
	for _, test := range []struct {
		name, text string
		values     int      // of sec/op, in all series
		warnings   []string // each line: message, without the file
	}{
		{"syntax", "BenchmarkA 1 5 sec/op\nBenchmarkA x 5 sec/op\nBenchmarkA 1 5\n", 1,
			[]string{"2: parsing iteration count: invalid syntax", "3: missing units"}},
		{"unit lines at odds", "Unit a better=lower\nUnit a better=higher\nBenchmarkA 1 5 sec/op\n", 1,
			[]string{"2: metadata better of unit a already set to lower"}},
		{"not finite", "BenchmarkA 1 NaN sec/op\nBenchmarkA 1 +Inf x 5 sec/op\nBenchmarkA 1 6 sec/op 1e308 MB/s\n", 2,
			[]string{"1: NaN sec/op of A is not a number to reckon with and left out: remove the line or measure again",
				"2: +Inf x of A is not a number", "3: 1e+308 MB/s of A is out of range and left out: remove the line or measure again"}},
		{"out of range", "BenchmarkA 1 5 sec/op\nBenchmarkB-8 1 7 x 1e400 sec/op 1 y\nBenchmarkC 99999999999999999999 5 sec/op\nBenchmarkA 1 -1e999 ns/op\n", 1,
			[]string{"2: 1e400 sec/op of B-8 is out of range and left out: remove the line or measure again",
				"3: 99999999999999999999 iterations of C is out of range", "4: -1e999 ns/op of A is out of range"}},
		{"out of range in half a line", "BenchmarkA 1 5 sec/op\nBenchmarkA 1 1e400 sec/op", 1, []string{"2: half-written"}},
		{"no last newline", "BenchmarkA 1 5 sec/op\nBenchmarkA 1 6 sec/op", 2,
			[]string{"2: no newline ends the last line"}},
		{"cut in a unit read before", "BenchmarkA 1 5 sec/op 7 furlongs\nBenchmarkA 1 6 sec/op 7 furl", 1, []string{"2: half-written"}},
		{"cut in a well-known unit", "BenchmarkA 1 5 sec/op\nBenchmarkB 1 6 sec/op 7 alloc", 1, []string{"2: half-written"}},
		{"cut between values", "BenchmarkA 1 5 sec/op 7 x\nBenchmarkA 1 6 sec/op", 1, []string{"2: half-written"}},
		{"as few values as before", "BenchmarkA 1 5 sec/op 7 x\nBenchmarkA 1 5 sec/op\nBenchmarkA 1 6 sec/op", 3,
			[]string{"3: no newline ends the last line"}},
		{"a unit that begins another and is one", "BenchmarkA 1 5 sec/op 7 furl\nBenchmarkA 1 5 sec/op 7 furlongs\nBenchmarkA 1 6 sec/op 7 furl", 3,
			[]string{"3: no newline ends the last line"}},
		{"cut in a number of ours", own + " 1 5 sec/op\n" + own + " 1 6.2 sec/op", 1, []string{"2: half-written"}},
		{"cut after a number", "BenchmarkA 1 5 sec/op\nBenchmarkA 1 6 sec/op 3.", 1, []string{"2: half-written"}},
		{"cut after the iterations", own + " 1 5 sec/op\n" + own + " 12", 1, []string{"2: half-written"}},
		{"cut in the name", own + " 1 5 sec/op\n" + own[:20], 1, []string{"2: half-written"}},
		{"cut in the word", own + " 1 5 sec/op\nBench", 1, []string{"2: half-written"}},
		{"cut in a setting", own + " 1 5 sec/op\ngoos: lin", 1, nil},
		{"CR LF", "BenchmarkA 1 5 sec/op\r\nBenchmarkA 1 6 sec/op\r\n", 2, nil},
		{"noise", "BenchmarkA\nBenchmarkA 1 5 sec/op\n--- FAIL: x\nPASS\nok  \tx\t1s\n", 1, nil},
		{"zeros of a power cut", "BenchmarkA 1 5 sec/op\n" + strings.Repeat("#\n", binaryWithin/2) + "BenchmarkA 1 6.\x00\x00\x00", 1,
			[]string{"4002: half-written"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := writeFile(t, "x.txt", test.text)
			set, err := ReadFiles([]string{path})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, s := range set.Series {
				n += len(s.Unit("sec/op"))
			}
			if n != test.values {
				t.Errorf("%d values, want %d", n, test.values)
			}
			if len(set.Warnings) != len(test.warnings) {
				t.Fatalf("warnings %v, want %q", set.Warnings, test.warnings)
			}
			for i, w := range set.Warnings {
				if got := w.String(); !strings.HasPrefix(got, path+":"+test.warnings[i]) {
					t.Errorf("warning %q, want %q", got, path+":"+test.warnings[i])
				}
			}
		})
	}
}

// TestReadFilesCountsUnusableValues counts those without a warning of their own,
// too, and reads so much that a line which is named is long gone from the
// buffers it came through.
func TestReadFilesCountsUnusableValues(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "BenchmarkA/i=%d 1 5 sec/op\n", i)
		if i%1000 == 999 {
			fmt.Fprintf(&text, "BenchmarkB/i=%d 1 1e%d sec/op\nBenchmarkC 1 NaN x Inf y 3 z\n", i, 400+i)
		}
	}
	path := writeFile(t, "x.txt", text.String())
	set, err := ReadFiles([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if set.Unusable != 60 {
		t.Errorf("%d unusable values, want 60", set.Unusable)
	}
	for _, i := range []int{999, 19_999} {
		want := fmt.Sprintf(": 1e%d sec/op of B/i=%d is out of range", 400+i, i)
		if !slices.ContainsFunc(set.Warnings, func(w Warning) bool { return strings.Contains(w.String(), want) }) {
			t.Errorf("no warning with %q", want)
		}
	}
	good, err := ReadFiles([]string{writeFile(t, "x.txt", "BenchmarkA 1 5 sec/op\nBenchmarkA x 5 sec/op\nBenchmarkA 1 Na")})
	if err != nil {
		t.Fatal(err)
	}
	if good.Unusable != 0 || len(good.Warnings) != 2 {
		t.Errorf("%d unusable values and warnings %v of text that is none, want none and two", good.Unusable, good.Warnings)
	}
}

func TestReadFilesBoundsWarnings(t *testing.T) {
	path := writeFile(t, "x.txt", "BenchmarkA 1 5 sec/op\n"+strings.Repeat("BenchmarkA 1 5\n", 1000))
	set, err := ReadFiles([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Warnings); n != maxWarnings+1 {
		t.Errorf("%d warnings, want %d", n, maxWarnings+1)
	}
	if got, want := set.Warnings[maxWarnings].String(), path+": 900 more like these"; got != want {
		t.Errorf("last warning %q, want %q", got, want)
	}
}

func TestWarningsArePrintable(t *testing.T) {
	w := Warning{File: "a\x1bb", Line: 1, Msg: "c\a"}
	if got, want := w.String(), `a\x1bb:1: c\a`; got != want {
		t.Errorf("warning %q, want %q", got, want)
	}
}

func TestReadFilesErrors(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "it is empty"},
		{"blank", "\n\n", "blank lines"},
		{"binary", "\x7fELF\x02\x01\x01\x00\x00", "not Go benchmark output but a binary file"},
		{"high bytes", strings.Repeat("\xfe\xf0\n", 100), "a binary file"},
		{"gzip", "\x1f\x8b\x08\x00\x00", "a gzip file"},
		{"UTF-16", "\xff\xfeB\x00e\x00n\x00", "UTF-16 text: save it as UTF-8"},
		{"test2json", `{"Time":"2026-01-01T00:00:00Z","Action":"run"}` + "\n", "run it without -json"},
		{"hyperfine", "{\n  \"results\": []\n}\n", "JSON"},
		{"html", "<!doctype html>\n", "HTML or XML"},
		{"no benchmark", "goos: linux\ngoarch: amd64\nPASS\nok  \tx\t1s\n", "no benchmark that matched"},
		{"other tool", "Requests/sec: 100\nLatency 5ms\n", `text that begins "Requests/sec: 100"`},
		{"bad lines only", "BenchmarkA 1 5\nBenchmarkA 1\n", ":1: missing units"},
		{"cut in the first line", "BenchmarkA 1 5", "half-written"},
		{"long line", "BenchmarkA 1 5 sec/op\n" + strings.Repeat("x", maxLine+1) + "\n", ":2: line of more than 64 KiB"},
		{"long last line", strings.Repeat("BenchmarkA", 1<<20), ":1: line of more than 64 KiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := writeFile(t, "x.txt", test.text)
			set, err := ReadFiles([]string{path})
			if err == nil {
				t.Fatalf("read %d series, want an error", len(set.Series))
			}
			if got := err.Error(); !strings.Contains(got, test.want) || !strings.Contains(got, path) || strings.Contains(got, "\n") {
				t.Errorf("error %q, want one line with %q and the path", got, test.want)
			}
		})
	}
	odd := t.TempDir()
	if err := os.Mkdir(filepath.Join(odd, results.SamplesFile), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		paths []string
		want  string
	}{
		{nil, "no results named"},
		{[]string{filepath.Join(dir, "gone")}, fmt.Sprintf("no results at %q", filepath.Join(dir, "gone"))},
		{[]string{""}, `no results at "":`},
		{[]string{"old=" + filepath.Join(dir, "gone")}, fmt.Sprintf("no results at %q", filepath.Join(dir, "gone"))},
		{[]string{dir}, "is a folder without a file " + results.SamplesFile},
		{[]string{odd}, "is a folder without a file " + results.SamplesFile},
	} {
		if _, err := ReadFiles(test.paths); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("ReadFiles(%q): %v, want %q", test.paths, err, test.want)
		}
	}
}

func TestReadFilesTakesTheLongestLine(t *testing.T) {
	line := "BenchmarkA 1 5 sec/op"
	path := writeFile(t, "x.txt", line+strings.Repeat(" ", maxLine-len(line))+"\n"+line+"\n")
	set, err := ReadFiles([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(set.Series[0].Unit("sec/op")); n != 2 {
		t.Errorf("%d values, want 2", n)
	}
}

func TestReadFilesReadsStandardInput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("BenchmarkA 1 5 sec/op\n"); err != nil {
		t.Fatal(err)
	}
	w.Close()
	defer func(stdin *os.File) { os.Stdin = stdin }(os.Stdin)
	os.Stdin = r
	set, err := ReadFiles([]string{"piped=-"})
	if err != nil {
		t.Fatal(err)
	}
	if s := set.Series[0]; s.File != "piped" || len(s.Unit("sec/op")) != 1 {
		t.Errorf("series of %q with %v, want one value of piped", s.File, s.Unit("sec/op"))
	}
}

// TestReadStopsInAnEndlessLine reads a line that would fill any memory.
func TestReadStopsInAnEndlessLine(t *testing.T) {
	var r endless
	err := newSetReader().readFrom(&r, File{Path: "endless"})
	if err == nil || !strings.Contains(err.Error(), "endless:1: line of more than 64 KiB") {
		t.Errorf("error %v, want one about line 1", err)
	}
	if r.bytes > 1<<20 {
		t.Errorf("read %d bytes before giving up, want less than a MiB", r.bytes)
	}
}

// endless is a file of one line without an end.
type endless struct{ bytes int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.bytes += len(p)
	return len(p), nil
}

func TestUnitKeepsManyValuesInOrder(t *testing.T) {
	var text strings.Builder
	var want []float64
	for i := range 5*maxChunk + 3 {
		fmt.Fprintf(&text, "BenchmarkA 1 %d x\n", i)
		want = append(want, float64(i))
	}
	set, err := ReadFiles([]string{writeFile(t, "x.txt", text.String())})
	if err != nil {
		t.Fatal(err)
	}
	if got := set.Series[0].Unit("x"); !slices.Equal(got, want) {
		t.Errorf("%d values, want %d in order", len(got), len(want))
	}
}
