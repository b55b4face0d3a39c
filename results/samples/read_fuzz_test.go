package samples

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// FuzzRead reads arbitrary bytes, and compares what comes out with what the
// reader of the benchmark format makes of them line by line.
func FuzzRead(f *testing.F) {
	own := "Benchmark" + hashName
	for _, seed := range []string{
		"",
		"goos: linux\nBenchmarkA 1 5 ns/op 0 B/op\ngoos:\nBenchmarkA-8 2 6 ns/op\nPASS\n",
		"Unit a better=lower\nUnit a better=higher\nUnit\nUnit a b\nBenchmarkA 1 5 a\n",
		"BenchmarkA 1 NaN x +Inf y 5 z\nBenchmarkA 1 1e308 MB/s 1 x 1 x\n",
		own + " 10 0.5 sec/op 100 B/s\n" + own + " 11 0.6 sec/op 1",
		own + " 10 0.5 sec/op\n" + own,
		"BenchmarkA 1 5 sec/op\nBenchmarkA 1 6 sec/op",
		"BenchmarkA 1 5 sec/op\r\na: b\r\nc: d\r\nBenchmarkA 1 6 sec/op\r\na:\r\nc: d\r\nBenchmarkA 1 7 sec/op\r\n",
		"Benchmark 0 0 0\nBenchmark 0 0 B",
		"BenchmarkA 1 1e400 x\nBenchmarkA 99999999999999999999 1 x\nBenchmarkA 1 5 x\n",
		"\xff\xfeB\x00e\x00n\x00",
		"{\"Action\":\"output\"}\n",
		"BenchmarkÄ\u2003/ö=ü 1 5\u00a0µ/op\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rd := newSetReader()
		if err := rd.readFrom(bytes.NewReader(data), File{Label: "l", Path: "fuzz.txt"}); err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x00\x1b") || !strings.Contains(err.Error(), "fuzz.txt") {
				t.Errorf("error %q, want one clean line with the file's name", err)
			}
			return
		}
		set := rd.finish()
		got := make(map[string][]float64)
		for _, s := range set.Series {
			for _, unit := range s.Units() {
				key := fmt.Sprint(s.Name, "\n", unit, "\n", slices.SortedFunc(slices.Values(s.Config), func(a, b Setting) int {
					return strings.Compare(a.Key, b.Key)
				}))
				got[key] = append(got[key], s.Unit(unit)...)
			}
			s.Cell()
		}
		// Whether half a line of another project is a result is a guess.
		guessed := slices.ContainsFunc(set.Warnings, func(w Warning) bool { return strings.HasPrefix(w.Msg, "half-written") })
		want := readPlainly(data, !guessed)
		if !maps.EqualFunc(got, want, sameValues) {
			t.Errorf("read %v, want %v", got, want)
		}
	})
}

// readPlainly returns the values in data by name, unit and configuration,
// those of a last line without a newline only if that is said to be whole, and
// never if it is one of gvp's.
func readPlainly(data []byte, whole bool) map[string][]float64 {
	values := make(map[string][]float64)
	lines := bytes.Count(data, []byte("\n"))
	r := benchfmt.NewReader(bytes.NewReader(data), "fuzz.txt")
	for r.Scan() {
		res, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		if _, line := res.Pos(); line > lines && (!whole || ownName(res.Name)) {
			continue
		}
		var config []Setting
		for _, c := range res.Config {
			config = append(config, Setting{c.Key, string(c.Value)})
		}
		slices.SortFunc(config, func(a, b Setting) int { return strings.Compare(a.Key, b.Key) })
		for _, v := range res.Values {
			if !math.IsNaN(v.Value) && !math.IsInf(v.Value, 0) {
				key := fmt.Sprint(res.Name, "\n", v.Unit, "\n", config)
				values[key] = append(values[key], v.Value)
			}
		}
	}
	return values
}

// sameValues compares in any order: a series has its values group by group.
func sameValues(a, b []float64) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
