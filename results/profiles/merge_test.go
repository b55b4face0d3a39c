package profiles

import (
	"testing"

	"github.com/google/pprof/profile"
)

func TestMergeAddsUp(t *testing.T) {
	a, b, c := synthetic(10, "main.a", "main.b"), synthetic(5, "main.b"), synthetic(1, "main.c")
	a.TimeNanos, c.TimeNanos = 3000, 2000 // b has none
	a.DurationNanos, b.DurationNanos = 100, 100
	m, err := Merge(a, c, b) // the one without a time last, where it would count most
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, s := range m.Sample {
		got[s.Location[0].Line[0].Function.Name] += s.Value[1]
	}
	if got["main.a"] != 10 || got["main.b"] != 15 || got["main.c"] != 1 || len(got) != 3 {
		t.Errorf("nanoseconds by function: %v", got)
	}
	if m.TimeNanos != 2000 || m.DurationNanos != 0 {
		t.Errorf("time %d, duration %d; want 2000 and none", m.TimeNanos, m.DurationNanos)
	}
	if len(a.Sample) != 2 || a.Sample[0].Value[1] != 10 || a.DurationNanos != 100 {
		t.Error("Merge changed a profile it was given")
	}
}

func TestMergeOfWhatIsNoProfile(t *testing.T) {
	short := synthetic(10, "main.a")
	short.Sample[0].Value = []int64{1, 2, 3}
	for name, ps := range map[string][]*profile.Profile{
		"none":               nil,
		"nil":                {synthetic(10, "main.a"), nil},
		"no types":           {synthetic(10, "main.a"), {}},
		"nil type":           {{SampleType: make([]*profile.ValueType, 2)}},
		"nil sample":         {{SampleType: short.SampleType, PeriodType: short.PeriodType, Sample: []*profile.Sample{nil}}},
		"too many values":    {synthetic(10, "main.a"), short},
		"types of some heap": {{SampleType: []*profile.ValueType{{Type: "space", Unit: "bytes"}}, PeriodType: short.PeriodType}},
	} {
		if m, err := Merge(ps...); err == nil {
			if err := m.CheckValid(); err == nil {
				t.Errorf("Merge of %s gave a valid profile", name)
			}
		}
	}
}
