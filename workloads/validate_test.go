package workloads

import (
	"strings"
	"testing"
	"time"
)

func TestBuiltInWorkloadsAreValid(t *testing.T) {
	if err := Validate(All()...); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	sound := func() Workload {
		return Workload{Name: "mine", Help: "h", New: newSpin, Params: []Param{fewInt}}
	}
	for _, c := range []struct {
		mistake string
		make    func(*Workload)
		want    string // part of the error
	}{
		{"none", func(*Workload) {}, ""},
		{"a digit in the name", func(w *Workload) { w.Name = "sha256" }, ""},
		{"no name", func(w *Workload) { w.Name = "" }, "empty"},
		{"upper case", func(w *Workload) { w.Name = "Mine" }, "lower-case"},
		{"a digit first", func(w *Workload) { w.Name = "5mine" }, "lower-case"},
		{"GOMAXPROCS suffix", func(w *Workload) { w.Name = "mine-5" }, "lower-case"},
		{"slash", func(w *Workload) { w.Name = "a/b" }, "lower-case"},
		{"taken by the runner", func(w *Workload) { w.Name = "control" }, "gvp uses this name"},
		{"twice", func(w *Workload) { w.Name = "spin" }, `two workloads are named "spin"`},
		{"no help", func(w *Workload) { w.Help = "" }, "Help"},
		{"no New", func(w *Workload) { w.New = nil }, "New"},
		{"parameter twice", func(w *Workload) { w.Params = []Param{fewInt, fewInt} }, `two parameters are named "n"`},
		{"parameter named mode", func(w *Workload) { w.Params[0].Name = "mode" }, "gvp uses this name"},
		{"parameter in upper case", func(w *Workload) { w.Params[0].Name = "N" }, "lower-case"},
		{"parameter without help", func(w *Workload) { w.Params[0].Help = "" }, "help"},
		{"negative values", func(w *Workload) { w.Params[0].Min = -5 }, "negative"},
		{"empty range", func(w *Workload) { w.Params[0].Min = 11 }, "11 to 10"},
		{"default out of range", func(w *Workload) { w.Params[0].Default = "11" }, "want 1 to 10"},
		{"default in another form", func(w *Workload) { w.Params[0].Default = "05" }, `want "5"`},
		{"unknown kind", func(w *Workload) { w.Params[0].Kind = "colour" }, "colour"},
		{"duration without a range", func(w *Workload) { w.Params[0] = Duration("d", time.Second, 0, 0, "h") }, "want 0s to 0s"},
	} {
		w := sound()
		c.make(&w)
		err := Validate(Spin, w)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.mistake, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), w.Name)):
			t.Errorf("%s: error %v, want one that says %s and names the workload", c.mistake, err, c.want)
		}
	}
}
