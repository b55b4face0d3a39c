package samples

import (
	"strings"
	"testing"
)

func TestJudgeNoise(t *testing.T) {
	steady := []float64{1, 1.001, .999, 1, 1.002, .998}
	tests := []struct {
		name string
		n    Noise
		want []string
	}{
		{"nothing measured", Noise{}, nil},
		{"quiet", Noise{steady, []float64{0, .01, .2}, []float64{0, 0, .005}}, nil},
		{"one outlier is not noise", Noise{Control: append([]float64{9}, steady...)}, nil},
		{"one sample has no spread", Noise{Control: []float64{1}}, nil},
		{"control varies", Noise{Control: []float64{1, 1.1, .9, 1.05, .95}}, []string{"varied by 7.41 % (above 2 %)"}},
		{"steal", Noise{Steal: []float64{0, .04}}, []string{"hypervisor took away 2 % of the CPU time (above 1 %)"}},
		{"pressure", Noise{Pressure: []float64{.5, .1, .01}}, []string{"in 10 % of the time"}},
		{"all", Noise{[]float64{1, 2, 3}, []float64{1}, []float64{1}}, []string{"control kernel, the same", "hypervisor", "waited for a CPU"}},
		{"a control of zero", Noise{Control: []float64{0, 0, 0}}, nil},
	}
	for _, tt := range tests {
		got := JudgeNoise(tt.n)
		if len(got) != len(tt.want) {
			t.Errorf("%s: JudgeNoise = %q, want %q", tt.name, got, tt.want)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], tt.want[i]) {
				t.Errorf("%s: JudgeNoise = %q, want %q in it", tt.name, got[i], tt.want[i])
			}
		}
	}
}
