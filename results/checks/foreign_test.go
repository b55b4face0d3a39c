package checks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// files writes two files and reads them.
func files(t *testing.T, base, head string) (*Files, error) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, text := range map[string]string{"a=b.txt": base, "head.txt": head} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	paths = append(paths, filepath.Join(dir, "a=b.txt"), filepath.Join(dir, "head.txt"))
	return ReadFiles(paths[0], paths[1])
}

func TestForeignFilesPairLineByLine(t *testing.T) {
	const config = "goos: linux\ncpu: Fast\npkg: example.com/m\n"
	f, err := files(t,
		config+"commit: abc\nBenchmarkA-8 10 100 ns/op 3 MB/s\nBenchmarkGone-8 1 1 ns/op\nBenchmarkA-8 10 200 ns/op 4 MB/s\n",
		config+"commit: def\nBenchmarkA-8 10 300 ns/op\nBenchmarkNew-8 1 1 ns/op\nBenchmarkA-8 1 400 ns/op\nBenchmarkA-8 1 500 ns/op\nBenchmarkB")
	if err != nil {
		t.Fatal(err)
	}
	want := []Series{{"A", "sec/op", []Pair{{1, 100e-9, 300e-9}, {2, 200e-9, 400e-9}}}}
	if diff := cmp.Diff(want, f.Series, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-15 && b-a < 1e-15 })); diff != "" {
		t.Errorf("series (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{Base: {"Gone"}, Head: {"New"}}, f.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if f.Unpaired["A"] != 1 || len(f.Unpaired) != 1 || f.Leftover() != "1 line of A" {
		t.Errorf("unpaired = %v, %q, want one line of A", f.Unpaired, f.Leftover())
	}
	if len(f.Differences) != 1 || !f.Differences[0].Names() {
		t.Errorf("differences = %v, want the commit, which has to differ", f.Differences)
	}
}

func TestForeignFilesDiffer(t *testing.T) {
	f, err := files(t,
		"goos: linux\npkg: a\nBenchmarkA-8 10 100 ns/op\npkg: b\nBenchmarkA-8 1 7 ns/op\n",
		"goos: linux\npkg: b\nBenchmarkA-4 10 8 ns/op\ncpu: Slow\nBenchmarkA-4 1 9 ns/op\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range f.Differences {
		if d.Names() {
			t.Errorf("%v passes for a name", d)
		}
		got = append(got, d.String())
	}
	want := []string{"cpu is absent in base and Slow in head", "gomaxprocs is 8 in base and 4 in head", "pkg is a, b in base and b in head"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
	if len(f.Series) != 1 || f.Series[0].Benchmark != "b.A" || f.Missing[Base][0] != "a.A" {
		t.Errorf("series = %v, missing %v, want b.A paired and a.A missing", f.Series, f.Missing)
	}
}

func TestForeignNamesKeepDigitsThatAreTheirOwn(t *testing.T) {
	f, err := files(t, "BenchmarkN/size-8 1 1 ns/op\nBenchmarkM- 1 1 ns/op\n", "BenchmarkN/size-8 1 1 ns/op\nBenchmarkM- 1 1 ns/op\n")
	if err != nil || len(f.Series) != 2 || f.Series[0].Benchmark != "N/size-8" || f.Series[1].Benchmark != "M-" {
		t.Errorf("ReadFiles = %+v, %v", f, err)
	}
}

func TestForeignFileThatIsNone(t *testing.T) {
	if _, err := files(t, "BenchmarkA 1 1 ns/op\n", "hello\n"); err == nil || !strings.Contains(err.Error(), "head.txt") {
		t.Errorf("error %v does not name the file", err)
	}
}
