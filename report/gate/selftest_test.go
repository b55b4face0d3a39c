package gate

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gvp-bench/gvp/report/internal/golden"
	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/report/verdict"
)

// selfTest is one that passes, of three checks of two benchmarks.
func selfTest(t *testing.T) SelfTest {
	t.Helper()
	input := func(ratio float64) Input {
		return Input{Check: testCheck(), Plan: testPlan, Series: []Series{
			{"Hash", "sec/op", pairs(rounds, 2e-3, ratio, 0.01, 1)},
			{"Sort", "sec/op", pairs(rounds, 3e-3, 1, 0.01, 2)},
			quietControl(),
		}}
	}
	return SelfTest{
		Same: judge(t, input(1)), Slowed: judge(t, input(1.1)), Swapped: judge(t, swapped(input(1.1))), SlowedStatus: StatusRegressed,
		Benchmark: "Hash", Injected: 0.1, Took: 70 * time.Second,
	}
}

func TestSelfTestGolden(t *testing.T) {
	s := selfTest(t)
	failed := s
	failed.Same, failed.Slowed, failed.SlowedStatus = s.Slowed, s.Same, StatusFine
	for name, c := range map[string]struct {
		SelfTest
		TextOptions
	}{"selftest.text": {s, TextOptions{}}, "selftest-failed.text": {failed, TextOptions{Color: true, Width: 60}}} {
		var b bytes.Buffer
		if err := c.WriteText(&b, c.TextOptions); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name, b.Bytes())
	}
}

func TestSelfTestFails(t *testing.T) {
	lost := judge(t, unmeasuredInput())
	open := func(o *Outcome) *Outcome {
		in := Input{Check: o.Check, Plan: testPlan, Series: []Series{{"Hash", "sec/op", pairs(rounds, 2e-3, 1.03, 0.3, 1)}, {"Sort", "sec/op", pairs(rounds, 3e-3, 1, 0.01, 2)}}}
		return judge(t, in)
	}
	for _, c := range []struct {
		name   string
		change func(*SelfTest)
		status int
		passed string // of same, slowed, mirrored
	}{
		{"all is well", func(*SelfTest) {}, 0, "+++"},
		{"an open decision of the same is no alarm", func(s *SelfTest) { s.Same = open(s.Same) }, 0, "+++"},
		{"cries wolf", func(s *SelfTest) { s.Same = s.Slowed }, 1, "-++"},
		{"misses it", func(s *SelfTest) { s.Slowed = s.Same }, 1, "+--"},
		{"leaves it open", func(s *SelfTest) { s.Slowed = open(s.Same) }, 1, "+--"},
		{"finds something else of it", func(s *SelfTest) {
			s.Slowed = judge(t, Input{Check: testCheck(), Plan: testPlan, Series: []Series{
				{"Hash", "sec/op", pairs(rounds, 2e-3, 1.03, 0.3, 1)}, {"Hash", "allocs/op", constant(rounds, 1, 2)},
			}})
		}, 1, "+--"},
		{"finds another", func(s *SelfTest) { s.Benchmark = "Sort" }, 1, "+-+"},
		{"was not there", func(s *SelfTest) { s.Benchmark = "Gone" }, 1, "+-+"},
		{"regresses both ways", func(s *SelfTest) { s.Swapped = s.Slowed }, 1, "++-"},
		{"says fine both ways", func(s *SelfTest) { s.Swapped = s.Same }, 1, "++-"},
		{"is open the other way", func(s *SelfTest) { s.Swapped = open(s.Same) }, 1, "++-"},
		{"exits as if all were fine", func(s *SelfTest) { s.SlowedStatus = StatusFine }, 1, "+-+"},
		{"suspects what is not confirmed", func(s *SelfTest) { s.Same.Decisions[0].Result.Candidate = true }, 1, "-++"},
		{"nothing the same", func(s *SelfTest) { s.Same = nil }, 4, "-++"},
		{"nothing slowed", func(s *SelfTest) { s.Slowed = nil }, 4, "+--"},
		{"nothing swapped", func(s *SelfTest) { s.Swapped = lost }, 4, "++-"},
		{"nothing matched", func(s *SelfTest) { s.Same = lost }, 4, "-++"},
	} {
		s := selfTest(t)
		c.change(&s)
		var got strings.Builder
		for _, step := range s.Steps() {
			if step.Passed {
				got.WriteByte('+')
			} else {
				got.WriteByte('-')
			}
			if step.Name == "" || step.Found == "" {
				t.Errorf("%s: a step without words: %+v", c.name, step)
			}
		}
		// The open noise may lie on either side of fine, not on that of a slowdown.
		if s.Status() != c.status || got.String() != c.passed {
			t.Errorf("%s: status %d and %s, want %d and %s: %+v", c.name, s.Status(), got.String(), c.status, c.passed, s.Steps())
		}
		if want := map[bool]string{true: "self-test passed", false: "self-test failed"}[c.status == 0]; !strings.HasPrefix(s.Closing(), want) {
			t.Errorf("%s: %q", c.name, s.Closing())
		}
	}
}

// What the statistic does with the sides swapped is mirrored for throughputs, too.
func TestSelfTestMirrorsThroughput(t *testing.T) {
	in := Input{Check: testCheck(), Plan: testPlan, Series: []Series{{"Copy", "B/s", pairs(rounds, 1e9, 0.9, 0.01, 1)}}}
	s := SelfTest{Slowed: judge(t, in), Swapped: judge(t, swapped(in))}
	if ok, found := s.mirrored(); !ok {
		t.Error(found)
	}
	s.Swapped = s.Slowed
	if ok, _ := s.mirrored(); ok {
		t.Error("regressed both ways, and mirrored")
	}
}

func TestSimulationGolden(t *testing.T) {
	s := verdict.Simulation{Plan: testPlan, Decisions: 10, Noise: []verdict.Noise{{Samples: []float64{1, 1.001, 0.999, 1.002, 1.01}}}}
	outcomes := []verdict.Outcome{
		{Runs: 1000, Alarms: 2, Inconclusive: 0.01, Pairs: 130, Fixed: 300},
		{Change: 0.03, Changed: 10, Runs: 1000, Alarms: 41, Found: 60, Missed: 300, Inconclusive: 0.9, Pairs: 290, Fixed: 300},
		{Change: 0.05, Changed: 1, Runs: 1000, Alarms: 1, Found: 700, Missed: 3, Inconclusive: 0.04, Pairs: 180, Fixed: 300},
		{Change: 0.1, Changed: 1, Runs: 1000, Found: 999, Pairs: 160, Fixed: 300},
	}
	for name, o := range map[string]TextOptions{"simulation.text": {}, "simulation-50.text": {Width: 50}} {
		var b bytes.Buffer
		if err := WriteSimulation(&b, s, outcomes, o); err != nil {
			t.Fatal(err)
		}
		golden.Check(t, name, b.Bytes())
		for line := range strings.Lines(b.String()) {
			if o.Width > 0 && utf8.RuneCountInString(line) > o.Width+1 {
				t.Errorf("%d columns: %s", utf8.RuneCountInString(line), line)
			}
		}
	}
}

// What Run returns can be said, and so can what it never returns.
func TestSimulationsOfAnySortAreSaid(t *testing.T) {
	s := verdict.Simulation{Plan: testPlan, Noise: []verdict.Noise{{Samples: []float64{1, 1.001, 0.999, 1.002}}}, Effects: []float64{0.1, -0.2}, Runs: 20}
	outcomes, err := s.Run()
	if err != nil {
		t.Fatal(err)
	}
	for _, all := range [][]verdict.Outcome{outcomes, {{}}, nil} {
		var b bytes.Buffer
		if err := WriteSimulation(&b, s, all, TextOptions{}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "NaN") || strings.Contains(b.String(), "Inf") {
			t.Errorf("numbers that are none:\n%s", b.String())
		}
	}
	var b bytes.Buffer
	if err := WriteSimulation(&b, s, outcomes, TextOptions{Color: true}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(wording.Breakable(b.String()), "A change of +10.0 % in one of them is found in 100 % of the checks.") {
		t.Errorf("no power in\n%s", b.String())
	}
}
