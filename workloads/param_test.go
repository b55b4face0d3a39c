package workloads

import (
	"maps"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"
)

var (
	anInt      = Int("n", 5, 0, math.MaxInt64, "h")
	fewInt     = Int("n", 5, 1, 10, "h")
	aSize      = Size("size", 64<<10, 1, math.MaxInt64, "h")
	aDuration  = Duration("wait", time.Second, 0, math.MaxInt64, "h")
	fewSeconds = Duration("wait", time.Second, time.Second, 2*time.Second, "h")
	aBool      = Bool("sync", false, "h")
	aPath      = Path("dir", ".", "h")
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		p          Param
		text, want string // want is empty where text is refused
	}{
		{anInt, "0", "0"},
		{anInt, "+7", "7"},
		{anInt, "007", "7"},
		{anInt, "1e9", "1000000000"},
		{anInt, "12E3", "12000"},
		{anInt, "9e18", "9000000000000000000"},
		{anInt, "9223372036854775807", "9223372036854775807"},
		{anInt, "9223372036854775808", ""},
		{anInt, "10e18", ""},
		{anInt, "1e19", ""},
		{anInt, "1e999999999999", ""},
		{anInt, "1e-3", ""},
		{anInt, "e9", ""},
		{anInt, "1e", ""},
		{anInt, "1.5", ""},
		{anInt, "1_000", ""},
		{anInt, "0x10", ""},
		{anInt, "-1", ""},
		{anInt, "-9e18", ""},
		{anInt, "NaN", ""},
		{anInt, "Inf", ""},
		{anInt, "many", ""},
		{anInt, " 1", ""},
		{anInt, "", ""},
		{fewInt, "1", "1"},
		{fewInt, "10", "10"},
		{fewInt, "1e1", "10"},
		{fewInt, "0", ""},
		{fewInt, "11", ""},

		{aSize, "1", "1B"},
		{aSize, "65536B", "64KiB"},
		{aSize, "64KiB", "64KiB"},
		{aSize, "1536KiB", "1536KiB"},
		{aSize, "1024MiB", "1GiB"},
		{aSize, "1kB", "1000B"},
		{aSize, "1KB", "1000B"},
		{aSize, "1MB", "1000000B"},
		{aSize, "1GB", "1000000000B"},
		{aSize, "1e3KiB", "1000KiB"},
		{aSize, "8388607GiB", "8388607GiB"},
		{aSize, "9e18GiB", ""},
		{aSize, "0", ""},
		{aSize, "-1KiB", ""},
		{aSize, "1.5MiB", ""},
		{aSize, "64kib", ""},
		{aSize, "64 KiB", ""},
		{aSize, "KiB", ""},
		{aSize, "NaN", ""},
		{aSize, "", ""},

		{aDuration, "0", "0s"},
		{aDuration, "250us", "250us"},
		{aDuration, "250µs", "250us"},
		{aDuration, "0.25ms", "250us"},
		{aDuration, "1500ms", "1.5s"},
		{aDuration, "60s", "1m"},
		{aDuration, "90m", "1h30m"},
		{aDuration, "100h", "100h"},
		{aDuration, "1h0m1s", "1h0m1s"},
		{aDuration, "10", ""},
		{aDuration, "-1s", ""},
		{aDuration, "1e9h", ""},
		{aDuration, "9999999999h", ""},
		{aDuration, "NaNs", ""},
		{aDuration, "", ""},
		{fewSeconds, "2s", "2s"},
		{fewSeconds, "999ms", ""},
		{fewSeconds, "2001ms", ""},

		{aBool, "true", "true"},
		{aBool, "1", "true"},
		{aBool, "F", "false"},
		{aBool, "yes", ""},
		{aBool, "", ""},

		{aPath, "/a b/c-5", "/a b/c-5"},
		{aPath, "", ""},
		{aPath, "a\nb", ""},
		{aPath, "a\x00", ""},

		{Param{Name: "n", Kind: "colour"}, "red", ""},
	} {
		got, err := c.p.Parse(c.text)
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s %q: %q, %v, want %q", c.p.Kind, c.text, got, err, c.want)
		}
		if err != nil && !strings.Contains(err.Error(), c.p.Name) {
			t.Errorf("%s %q: error does not name the parameter: %v", c.p.Kind, c.text, err)
		}
	}
}

func TestParseSaysWhatIsWanted(t *testing.T) {
	for _, c := range []struct {
		p          Param
		text, want string
	}{
		{fewInt, "11", `parameter n: bad value "11": want 1 to 10`},
		{fewInt, "x", `parameter n: bad value "x": want a whole number such as 5`},
		{Size("size", 1, 1, 64<<20, "h"), "1GiB", `parameter size: bad value "1GiB": want 1B to 64MiB`},
		{fewSeconds, "3s", `parameter wait: bad value "3s": want 1s to 2s`},
		{aBool, "2", `parameter sync: bad value "2": want true or false`},
		{aPath, "", `parameter dir: bad value "": want the path of a folder`},
	} {
		if _, err := c.p.Parse(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%q: error %v, want %s", c.text, err, c.want)
		}
	}
}

// FuzzParse holds what benchmark names need of values: one spelling each, that
// no tool takes for anything else.
func FuzzParse(f *testing.F) {
	params := []Param{anInt, fewInt, aSize, aDuration, fewSeconds, aBool, aPath}
	for _, text := range []string{"0", "-1", "1e9", "9223372036854775808", "64KiB", "1e3kB", "250µs", "1h0m1s", "-0.5h", "true", "T", "NaN", "+Inf", "0x1p4", "/tmp", "a-5", "a\nb"} {
		for i := range params {
			f.Add(uint8(i), text)
		}
	}
	mistakable := regexp.MustCompile(`[^0-9A-Za-z.]|-[0-9]+$`)
	f.Fuzz(func(t *testing.T, kind uint8, text string) {
		p := params[int(kind)%len(params)]
		canon, err := p.Parse(text)
		if err != nil {
			if canon != "" {
				t.Fatalf("%s %q: both value %q and error %v", p.Kind, text, canon, err)
			}
			return
		}
		if again, err := p.Parse(canon); err != nil || again != canon {
			t.Errorf("%s %q: canonical form %q becomes %q, %v", p.Kind, text, canon, again, err)
		}
		if p.Kind != KindPath && mistakable.MatchString(canon) {
			t.Errorf("%s %q: %q has no place in a benchmark name", p.Kind, text, canon)
		}
	})
}

func TestResolve(t *testing.T) {
	w := Workload{Name: "w", Params: []Param{fewInt, aSize}}
	v, err := w.Resolve(map[string]string{"size": "65536"})
	if want := (Values{"n": "5", "size": "64KiB"}); err != nil || !maps.Equal(v, want) {
		t.Errorf("%v, %v, want %v", v, err, want)
	}
	for _, c := range []struct {
		w     Workload
		given map[string]string
		want  string
	}{
		{w, map[string]string{"n": "0"}, `workload w: parameter n: bad value "0": want 1 to 10`},
		{w, map[string]string{"x": "1", "y": "2"}, `workload w has no parameter "x": it has n, size`},
		{Workload{Name: "w"}, map[string]string{"x": "1"}, `workload w has no parameter "x": it has none`},
	} {
		if _, err := c.w.Resolve(c.given); err == nil || err.Error() != c.want {
			t.Errorf("%v: error %v, want %s", c.given, err, c.want)
		}
	}
}

func TestValues(t *testing.T) {
	v := Values{"n": "7", "size": "64KiB", "wait": "1h30m", "sync": "true", "dir": "/a b"}
	if v.Int("n") != 7 || v.Size("size") != 65536 || v.Duration("wait") != 90*time.Minute || !v.Bool("sync") || v.Path("dir") != "/a b" {
		t.Errorf("values read wrongly from %v", v)
	}
	for name, ask := range map[string]func(){
		"Int":      func() { v.Int("size") },
		"Size":     func() { v.Size("wait") },
		"Duration": func() { v.Duration("n") },
		"Bool":     func() { v.Bool("dir") },
		"Path":     func() { v.Path("folder") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s of what is not declared so does not panic", name)
				}
			}()
			ask()
		}()
	}
}
