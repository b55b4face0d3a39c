package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/results/samples"
)

// formats are all writers, by the ending of their golden files.
var formats = map[string]func(*Tables, io.Writer) error{
	"txt":    func(t *Tables, w io.Writer) error { return t.WriteText(w, false) },
	"colour": func(t *Tables, w io.Writer) error { return t.WriteText(w, true) },
	"md":     (*Tables).WriteMarkdown,
	"csv":    func(t *Tables, w io.Writer) error { return t.WriteCSV(w, w) },
	"json":   (*Tables).WriteJSON,
	"html":   (*Tables).WriteHTML,
}

func TestWriters(t *testing.T) {
	for name, tables := range map[string]*Tables{
		"modes": buildFrom(t, Options{Col: "/mode@(serial goroutine process)", Ignore: "round,/workers"}, []string{"gvp.txt"}),
		"edges": buildFrom(t, Options{Col: ".file"}, []string{"before & <after>=edges.txt", "after|_x_=edges2.txt"}),
	} {
		for ext, write := range formats {
			t.Run(name+"."+ext, func(t *testing.T) {
				var got bytes.Buffer
				if err := write(tables, &got); err != nil {
					t.Fatal(err)
				}
				golden.Check(t, filepath.Join("golden", name+"."+ext), got.Bytes())
			})
		}
	}
}

// TestColourOnlyAddsColour also holds for every difference that it is coloured
// by its unit's direction.
func TestColourOnlyAddsColour(t *testing.T) {
	tables := buildFrom(t, Options{Col: "/mode@(serial goroutine process)", Ignore: "round,/workers"}, []string{"gvp.txt"})
	var dull, coloured bytes.Buffer
	if err := errors.Join(tables.WriteText(&dull, false), tables.WriteText(&coloured, true)); err != nil {
		t.Fatal(err)
	}
	if got := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(coloured.String(), ""); got != dull.String() {
		t.Errorf("without its colours the text is\n%s\nwant\n%s", got, dull.String())
	}
	for _, table := range tables.Tables {
		for _, r := range table.Rows {
			for _, c := range r.Cells {
				if c == nil || c.Base == nil {
					continue
				}
				var want int
				switch d := c.Delta(); d[0] {
				case '+', '?': // ? is a rise from zero: no value here is below zero
					want = table.Better
				case '-':
					want = -table.Better
				}
				if got := table.Effect(c); got != want {
					t.Errorf("%s of %s: effect %d of %s, want %d", table.Unit, r.Label, got, c.Delta(), want)
				}
			}
		}
	}
}

func TestJSONHasNoNumberThatIsNone(t *testing.T) {
	tables := buildFrom(t, Options{}, []string{"edges.txt", "exact.txt"})
	var got bytes.Buffer
	if err := tables.WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	var back JSONTables
	if err := json.Unmarshal(got.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tables.JSON(), back); diff != "" {
		t.Errorf("reading what was written gives (+)\n%s", diff)
	}
	if back.Tables[0].Rows[1].Cells[0].Lo != nil {
		t.Error("three samples have a lower bound, want none")
	}
}

func TestBuildErrors(t *testing.T) {
	set := readTestdata(t, []string{"edges.txt"})
	for _, test := range []struct {
		opts Options
		want string
	}{
		{Options{Filter: "a:"}, `filter "a:": expected`},
		{Options{Filter: ".config:x"}, `filter ".config:x": .config is only allowed in projections at character 1`},
		{Options{Table: "a@"}, `table "a@": expected named sort order or parenthesized list at character 3`},
		{Options{Row: "/a@backwards"}, `row "/a@backwards": unknown order "backwards" at character 4`},
		{Options{Col: "/mode@("}, `col "/mode@(": `},
		{Options{Ignore: ".unit"}, `ignore ".unit": .unit is only allowed in filters at character 1`},
		{Options{Confidence: 95}, "confidence 95: want a level between 0 and 1"},
		{Options{Alpha: -1}, "alpha -1: want a level between 0 and 1"},
		{Options{Filter: ".name:Gone"}, `no samples match filter ".name:Gone"`},
		{Options{Col: "/mode@(x y)"}, `no samples match filter "*"`},
	} {
		_, err := Build(set, test.opts)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v: %v, want %q in one line", test.opts, err, test.want)
		}
	}
}

func TestWritersReportErrors(t *testing.T) {
	tables := buildFrom(t, Options{}, []string{"edges.txt"})
	for ext, write := range formats {
		if err := write(tables, fullDisk{}); !errors.Is(err, errFull) {
			t.Errorf("%s: %v, want %v", ext, err, errFull)
		}
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestLetters(t *testing.T) {
	for n, want := range map[int]string{0: "A", 1: "B", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := letters(n); got != want {
			t.Errorf("letters(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestBuildLeavesTheSetAlone matters as charts are drawn from the same set.
func TestBuildLeavesTheSetAlone(t *testing.T) {
	files := []string{"gvp.txt"}
	set, again := readTestdata(t, files), readTestdata(t, files)
	if _, err := Build(set, Options{}); err != nil {
		t.Fatal(err)
	}
	for i, s := range set.Series {
		for _, unit := range s.Units() {
			if diff := cmp.Diff(again.Series[i].Unit(unit), s.Unit(unit)); diff != "" {
				t.Errorf("%s of %s changed:\n%s", unit, s.Name, diff)
			}
		}
	}
}

func TestBetterIsKnown(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "Unit allocs/op better=higher\nUnit sys-sec/op better=sideways\n" +
		"BenchmarkA 1 1 user-sec/op 1 sys-sec/op 1 B/s 1 ns/op 1 allocs/op 1 furlongs\n"
	if err := os.WriteFile("a.txt", []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	set, err := samples.ReadFiles([]string{"a.txt"})
	if err != nil {
		t.Fatal(err)
	}
	tables, err := Build(set, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"user-sec/op": -1, "sys-sec/op": 0, "B/s": +1, "sec/op": -1, "allocs/op": +1, "furlongs": 0}
	for _, table := range tables.Tables {
		if table.Better != want[table.Unit] {
			t.Errorf("better of %s is %d, want %d", table.Unit, table.Better, want[table.Unit])
		}
	}
	if len(tables.Tables) != len(want) {
		t.Errorf("%d tables, want %d", len(tables.Tables), len(want))
	}
}
