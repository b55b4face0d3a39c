package table

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gvp-bench/gvp/results/samples"
)

// FuzzTables makes tables of whatever can be read, in every format.
func FuzzTables(f *testing.F) {
	for _, name := range []string{"edges.txt", "exact.txt", "exact2.txt"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("BenchmarkA/x=1 1 1.7e308 a\nBenchmarkA/x=1 1 -1.7e308 a\nBenchmarkA/x=2 1 1e-320 a\nBenchmarkB/x=2 1 0 a\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "fuzz.txt")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		set, err := samples.ReadFiles([]string{path})
		if err != nil {
			return
		}
		for _, col := range []string{"", "/x"} {
			tables, err := Build(set, Options{Col: col})
			if err != nil {
				t.Fatal(err)
			}
			for ext, write := range formats {
				if err := write(tables, io.Discard); err != nil {
					t.Errorf("%s: %v", ext, err)
				}
			}
		}
	})
}

// FuzzOptions gives options whatever a person may type.
func FuzzOptions(f *testing.F) {
	for _, text := range []string{
		"", " ", "*", ".config", ".unit", ".fullname@alpha", "/x@(1 2)", "a@num,b", "a@", "(", `"`, `a:"b`, "a:/(/", "-a:b AND (c:d OR *)", ",", "a:b\nc", "\xff",
	} {
		f.Add(text, text, text)
	}
	path := filepath.Join(f.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("a: b\nBenchmarkA/x=1 1 5 a\nBenchmarkA/x=2 1 6 a\n"), 0o666); err != nil {
		f.Fatal(err)
	}
	set, err := samples.ReadFiles([]string{path})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, filter, row, col string) {
		_, err := Build(set, Options{Filter: filter, Row: row, Col: col})
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("error of many lines: %v", err)
		}
	})
}
