package gate

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	pprof "github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/report/internal/wording"
)

// profileOf is a CPU profile, of 10 ms a sample, with so many samples of each
// function, all called by main.
func profileOf(samples map[string]int64) *pprof.Profile {
	p := &pprof.Profile{
		SampleType: []*pprof.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &pprof.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 10e6,
	}
	location := func(name string) *pprof.Location {
		f := &pprof.Function{ID: uint64(len(p.Function) + 1), Name: name}
		l := &pprof.Location{ID: f.ID, Line: []pprof.Line{{Function: f}}}
		p.Function, p.Location = append(p.Function, f), append(p.Location, l)
		return l
	}
	main := location("main.main")
	for _, name := range sortedKeys(samples) {
		p.Sample = append(p.Sample, &pprof.Sample{Location: []*pprof.Location{location(name), main}, Value: []int64{samples[name], samples[name] * 10e6}})
	}
	return p
}

func TestExplainNamesWhatGained(t *testing.T) {
	base := profileOf(map[string]int64{"hash.block": 1000, "hash.init": 200, "rt.gc": 100, "gone": 100})
	head := profileOf(map[string]int64{"hash.block": 1000, "hash.init": 800, "rt.gc": 105, "new": 200})
	e, err := Explain("Hash", base, head, 1000, 1000, 5)
	if err != nil {
		t.Fatal(err)
	}
	// A sample is 10 ms of a thousand ops; 100 more or less of 1000 are within
	// two standard errors, and so are 5 of 100.
	want := []Gain{{"hash.init", 2e-3, 8e-3, 6.0 / 7.05}, {"new", 0, 2e-3, 2.0 / 7.05}}
	near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
	if d := cmp.Diff(want, e.Functions, near); d != "" || math.Abs(e.Base-14e-3) > 1e-9 || math.Abs(e.Head-21.05e-3) > 1e-9 {
		t.Errorf("functions (-want +got):\n%s\nbase %v, head %v", d, e.Base, e.Head)
	}
	if got := wording.Breakable(e.Lines()[1]); got != "hash.init: +6 ms, from 2 ms to 8 ms, 85.1 % of the gain" {
		t.Errorf("%q", got)
	}
	// Per op: twice the samples of twice the ops are the same.
	same, err := Explain("Hash", base, profileOf(map[string]int64{"hash.block": 2000, "hash.init": 400, "rt.gc": 200, "gone": 200}), 1000, 2000, 5)
	if err != nil || len(same.Functions) != 0 {
		t.Errorf("twice of all: %+v, %v", same.Functions, err)
	}
	// The other way round, others gain.
	back, err := Explain("Hash", head, base, 1000, 1000, 5)
	if err != nil || len(back.Functions) != 1 || back.Functions[0].Function != "gone" || !math.IsNaN(back.Functions[0].Share) || !strings.Contains(strings.Join(back.Warnings, " "), "no more CPU time") {
		t.Errorf("the other way round: %+v, %v", back, err)
	}
	if one, err := Explain("Hash", base, head, 1000, 1000, 1); err != nil || len(one.Functions) != 1 || one.Functions[0].Function != "hash.init" {
		t.Errorf("the most: %+v, %v", one, err)
	}
}

func TestExplainRefusesWhatIsNotThere(t *testing.T) {
	p := profileOf(map[string]int64{"f": 1})
	for name, err := range map[string]error{
		"no base": second(Explain("A", nil, p, 1, 1, 5)), "no head": second(Explain("A", p, nil, 1, 1, 5)),
		"no ops": second(Explain("A", p, p, 0, 1, 5)), "no ops of head": second(Explain("A", p, p, 1, 0, 5)),
	} {
		if err == nil || !strings.Contains(err.Error(), "explaining A") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	e, err := Explain("A", p, p, 1, 1, 5)
	if err != nil || len(e.Warnings) != 3 {
		t.Errorf("one sample: %+v, %v", e, err)
	}
	if e, err := Explain("A", profileOf(nil), profileOf(nil), 1, 1, 5); err != nil || len(e.Functions) > 0 {
		t.Errorf("empty profiles: %+v, %v", e, err)
	}
}

func second(_ Explanation, err error) error { return err }
