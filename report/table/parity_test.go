package table

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/results/samples"
)

// benchstatPath returns the path of the real benchstat.
func benchstatPath(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "tool", "-n", "benchstat").Output()
	if err != nil {
		t.Fatalf("no benchstat to compare with: %v", err)
	}
	return strings.TrimSpace(string(out))
}

// exampleFile is a real run of gvp's, from testdata.
const exampleFile = "../../../results/example/samples.txt"

// TestBenchstat holds the tables to what the real benchstat makes of the same
// files with the same flags, byte for byte.
func TestBenchstat(t *testing.T) {
	benchstat := benchstatPath(t)
	for _, test := range []struct {
		name  string
		flags []string
		opts  Options
		files string
	}{
		{"modes of a run", []string{"-col", "/mode"}, Options{Col: "/mode"}, "gvp.txt"},
		{"modes without workers and rounds", []string{"-col", "/mode", "-ignore", "round,/workers"}, Options{Col: "/mode", Ignore: "round,/workers"}, "gvp.txt"},
		{"chosen modes", []string{"-row", "/workload", "-col", "/mode@(process goroutine)", "-ignore", "round"},
			Options{Row: "/workload", Col: "/mode@(process goroutine)", Ignore: "round"}, "gvp.txt"},
		{"two levels of columns", []string{"-row", ".name", "-col", "/workload@alpha,/mode", "-ignore", "round"},
			Options{Row: ".name", Col: "/workload@alpha,/mode", Ignore: "round"}, "gvp.txt"},
		{"filter of values", []string{"-filter", ".unit:(sec/op OR B/s) AND -/mode:serial", "-col", "/mode", "-ignore", "round"},
			Options{Filter: ".unit:(sec/op OR B/s) AND -/mode:serial", Col: "/mode", Ignore: "round"}, "gvp.txt"},
		{"a table for each round", []string{"-table", "round@num", "-col", "/mode"}, Options{Table: "round@num", Col: "/mode"}, "gvp.txt"},
		{"levels", []string{"-alpha", "0.01", "-confidence", "0.5", "-col", "/mode", "-ignore", "round"},
			Options{Alpha: 0.01, Confidence: 0.5, Col: "/mode", Ignore: "round"}, "gvp.txt"},
		{"the example run", []string{"-col", "/mode"}, Options{Col: "/mode"}, exampleFile},
		{"the example run by workers", []string{"-row", "/workload", "-col", "/workers@num,/mode", "-filter", "-/workload:control"},
			Options{Row: "/workload", Col: "/workers@num,/mode", Filter: "-/workload:control"}, exampleFile},
		{"the example run with no flags", nil, Options{}, exampleFile},
		{"xxhash", nil, Options{}, "xxhash-asm.txt xxhash-purego.txt"},
		{"xxhash by size", []string{"-row", ".name,/gomaxprocs"}, Options{Row: ".name,/gomaxprocs"}, "purego=xxhash-purego.txt asm=xxhash-asm.txt"},
		{"crc32", nil, Options{}, "crc32.txt crc32-plain.txt"},
		{"crc32 by alignment", []string{"-row", "/size@num,.file", "-col", "/align"}, Options{Row: "/size@num,.file", Col: "/align"}, "crc32.txt crc32-plain.txt"},
		{"strconv", nil, Options{}, "strconv.txt"},
		{"strconv by processors", []string{"-row", ".fullname", "-col", "/gomaxprocs", "-filter", ".unit:(ns/op OR allocs/op)"},
			Options{Row: ".fullname", Col: "/gomaxprocs", Filter: ".unit:(ns/op OR allocs/op)"}, "strconv.txt"},
		{"three projects", nil, Options{}, "xxhash-asm.txt crc32.txt strconv.txt"},
		{"go test", nil, Options{}, "old.txt new.txt"},
		{"go test, one file", nil, Options{}, "old.txt"},
		{"go test, the other way round", nil, Options{}, "new.txt old.txt"},
		{"the same file twice", nil, Options{}, "old.txt old.txt"},
		{"labels", nil, Options{}, "O=old.txt N=new.txt N=edges.txt"},
		{"three files", []string{"-row", ".name"}, Options{Row: ".name"}, "old.txt new.txt edges.txt"},
		{"processors", []string{"-col", "/gomaxprocs"}, Options{Col: "/gomaxprocs"}, "old.txt new.txt"},
		{"ns/op as the filter has it", []string{"-filter", ".unit:ns/op"}, Options{Filter: ".unit:ns/op"}, "old.txt new.txt"},
		{"exact units", nil, Options{}, "exact.txt"},
		{"exact units, all in one", []string{"-ignore", "toolchain"}, Options{Ignore: "toolchain"}, "exact.txt exact2.txt"},
		{"exact units, from nothing", []string{"-ignore", "toolchain"}, Options{Ignore: "toolchain"}, "exact2.txt exact.txt"},
		{"edges", nil, Options{}, "edges.txt edges2.txt"},
		{"edges in few tables", []string{"-table", "goarch", "-ignore", ".config"}, Options{Table: "goarch", Ignore: ".config"}, "edges.txt edges2.txt"},
		{"edges in many columns", []string{"-col", ".fullname"}, Options{Col: ".fullname"}, "edges.txt edges2.txt"},
		{"numbers in order", []string{"-row", "/a@num", "-col", "/b"}, Options{Row: "/a@num", Col: "/b"}, "edges.txt"},
		{"no configuration", nil, Options{}, "plain.txt plain2.txt"},
		{"everything", nil, Options{}, "edges.txt exact.txt gvp.txt old.txt new.txt"},
		{"no keys", []string{"-table", "", "-row", "", "-col", ""}, Options{Table: " ", Row: " ", Col: " "}, "edges.txt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := strings.Fields(test.files)
			tables := buildFrom(t, test.opts, files)
			var text, csv, warnings bytes.Buffer
			if err := tables.WriteText(&text, false); err != nil {
				t.Fatal(err)
			}
			if err := tables.WriteCSV(&csv, &warnings); err != nil {
				t.Fatal(err)
			}
			wantText, _ := run(t, benchstat, slices.Concat(test.flags, files))
			gotText := text.String()
			if hasLonelyColumn(tables) {
				wantText, gotText = squeeze(wantText), squeeze(gotText)
			}
			if diff := cmp.Diff(wantText, gotText); diff != "" {
				t.Errorf("text differs from benchstat's (-):\n%s", diff)
			}
			wantCSV, wantWarnings := run(t, benchstat, append([]string{"-format", "csv"}, append(test.flags, files...)...))
			if diff := cmp.Diff(wantCSV, csv.String()); diff != "" {
				t.Errorf("CSV differs from benchstat's (-):\n%s", diff)
			}
			if diff := cmp.Diff(cellWarnings(wantWarnings), cellWarnings(warnings.String())); diff != "" {
				t.Errorf("warnings differ from benchstat's (-):\n%s", diff)
			}
		})
	}
}

// hasLonelyColumn reports whether some column has no row in common with the
// first one. Above such a column benchstat's "vs base" runs over its edge.
func hasLonelyColumn(t *Tables) bool {
	for _, table := range t.Tables {
		for i := 1; i < len(table.Cols); i++ {
			if !slices.ContainsFunc(table.Rows, func(r Row) bool { return r.Cells[i] != nil && r.Cells[i].Base != nil }) {
				return true
			}
		}
	}
	return false
}

// squeeze makes one space of many.
func squeeze(text string) string {
	return regexp.MustCompile(" +").ReplaceAllString(text, " ")
}

// run runs a command in testdata and returns what it writes.
func run(t *testing.T, command string, args []string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(command, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "testdata", &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, errs.String())
	}
	return out.String(), errs.String()
}

// cellWarnings returns the warnings about cells. Those about lines of the files
// come from reading, and columns beyond Z have wrong names in benchstat.
func cellWarnings(text string) []string {
	var cells []string
	for line := range strings.Lines(text) {
		cell, msg, _ := strings.Cut(line, ":")
		if strings.Contains(cell, ".txt") {
			continue
		}
		if name := strings.TrimRight(cell, "0123456789"); len(name) > 1 {
			cell = "beyond Z"
		}
		cells = append(cells, cell+":"+msg)
	}
	return cells
}

// buildFrom builds the tables of files of testdata.
func buildFrom(t *testing.T, opts Options, files []string) *Tables {
	t.Helper()
	tables, err := Build(readTestdata(t, files), opts)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// readTestdata reads files of testdata, under the names that they have there.
func readTestdata(t *testing.T, files []string) *samples.Set {
	t.Helper()
	t.Chdir("testdata")
	defer t.Chdir("..")
	set, err := samples.ReadFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
