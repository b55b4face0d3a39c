package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/gvp-bench/gvp/report/internal/wording"
	"github.com/gvp-bench/gvp/results"
)

// timed is the samples of a mode: sec/op in microseconds.
type timed struct {
	mode    string
	workers int
	micros  []float64
}

// spread returns n different values close above v.
func spread(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v * (1 + 0.001*float64(i))
	}
	return out
}

// suiteOf reads the samples of one workload on a machine with two CPUs.
func suiteOf(t *testing.T, samples ...timed) *Suite {
	t.Helper()
	var b strings.Builder
	for _, s := range samples {
		for _, v := range s.micros {
			fmt.Fprintf(&b, "BenchmarkWorkload/workload=work/size=1KiB/mode=%s/workers=%d 10 %g ns/op\n", s.mode, s.workers, 1000*v)
		}
	}
	return suiteOfLines(t, b.String())
}

func TestFindingSentences(t *testing.T) {
	base := timed{serial, 1, spread(100, 6)}
	for _, c := range []struct {
		name    string
		samples []timed
		want    string
	}{
		{"one mode wins", []timed{base, {"goroutine", 2, spread(50, 6)}, {"process", 2, spread(52, 6)}},
			"goroutine wins, 2.00× serial (95 % CI 1.99–2.01); process is 4.0 % slower (95 % CI 3.7 % to 4.3 %, p=0.002, n=6+6)."},
		{"factors are said as such", []timed{base, {"goroutine", 2, spread(50, 6)}, {"gomaxprocs1", 2, spread(100, 6)}, {"spawn", 2, spread(5000, 6)}},
			"goroutine wins, 2.00× serial (95 % CI 1.99–2.01); gomaxprocs1 takes 2.00× as long (95 % CI 1.99–2.01) and spawn takes 100× as long (95 % CI 100–100) (each p=0.006, n=6+6)."},
		{"a tie is no win", []timed{base, {"goroutine", 2, spread(50, 6)}, {"process", 2, spread(50.02, 6)}, {"spawn", 2, spread(100, 6)}},
			"no difference that this run could tell between goroutine and process (all 2.00× serial); the medians of goroutine and process are 0.0 % apart (95 % CI −0.3 % to 0.3 %, p=1.000, n=6+6); spawn takes 2.00× as long (95 % CI 1.99–2.01, p=0.006, n=6+6)."},
		{"too few samples", []timed{{serial, 1, spread(100, 3)}, {"goroutine", 2, spread(50, 3)}, {"process", 2, spread(80, 3)}},
			"too few samples to tell a difference between goroutine and process (1.25–2.00× serial); with 3 samples a mode no difference can show: take at least 6."},
		{"enough for a test, too few for an interval of the base", []timed{{serial, 1, spread(100, 1)}, {"goroutine", 2, spread(50, 6)}, {"process", 2, spread(80, 6)}},
			"goroutine wins, 2.00× serial; process takes 1.60× as long (95 % CI 1.60–1.60, p=0.002, n=6+6); with 6 samples a mode there is no 95 % interval: take at least 6."},
		{"without serial", []timed{{"goroutine", 2, spread(50, 6)}, {"process", 2, spread(80, 6)}},
			"goroutine wins, at 50.1 µs (95 % CI 50.0–50.2) a unit; process takes 1.60× as long (95 % CI 1.60–1.60, p=0.002, n=6+6)."},
		{"one mode", []timed{base, {"process", 2, spread(80, 6)}},
			"process, the only mode measured, 1.25× serial (95 % CI 1.25–1.25)."},
		{"slower than serial", []timed{base, {"goroutine", 2, spread(120, 6)}, {"process", 2, spread(200, 6)}},
			"serial is faster than all; of the others, goroutine wins, 0.83× serial (95 % CI 0.83–0.84); process takes 1.67× as long (95 % CI 1.66–1.67, p=0.002, n=6+6)."},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := suiteOf(t, c.samples...).Findings()
			if len(found) != 1 {
				t.Fatalf("%d findings, want one", len(found))
			}
			want := "work (size=1KiB), 2 workers: " + c.want
			if d := gocmp.Diff(want, strings.ReplaceAll(found[0].String(), wording.NBSP, " ")); d != "" {
				t.Errorf("the sentence differs:\n%s", d)
			}
		})
	}
}

func TestHeadlineIsAtTheMostWorkersWithACPUEach(t *testing.T) {
	s := suiteOf(t, timed{serial, 1, spread(100, 6)},
		timed{"goroutine", 1, spread(100, 6)}, timed{"goroutine", 2, spread(50, 6)}, timed{"goroutine", 8, spread(49, 6)})
	if w := s.Findings()[0].Workers; w != 2 {
		t.Errorf("the finding is at %d workers on 2 CPUs, want 2", w)
	}
	s.CPUs = 0
	if w := s.headline(s.Rows[0]); w != 8 {
		t.Errorf("with unknown CPUs the headline is at %d workers, want 8", w)
	}
	s.CPUs = 64
	if w := s.headline(s.Rows[0]); w != 8 {
		t.Errorf("on 64 CPUs the headline is at %d workers, want 8", w)
	}
}

// Six modes that are all alike, in samples as small as tell them apart at all:
// in at most 5 % of the runs may any of them be called slower. Were the p-values
// corrected for the number of rivals only, it would be 7 to 8 %.
func TestAlikeModesAreRarelyToldApart(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: thousands of draws")
	}
	const runs = 4000
	wrong := 0
	rng := newNoise(1)
	for range runs {
		samples := make([][]float64, len(modeOrder)-1)
		for i := range samples {
			samples[i] = rng.around(50, 6)
		}
		slices.SortFunc(samples, func(a, b []float64) int {
			return cmp.Compare(summarise(a).Center, summarise(b).Center)
		})
		var rivals []Rival
		for _, s := range samples[1:] {
			rivals = append(rivals, Rival{Time: ratioOf(s, samples[0])})
		}
		judge(rivals)
		if slices.ContainsFunc(rivals, func(v Rival) bool { return v.Blind }) {
			t.Fatal("samples of 6 are too few to tell six modes apart")
		}
		if slices.ContainsFunc(rivals, func(v Rival) bool { return !v.Tied }) {
			wrong++
		}
	}
	// Three standard deviations of a count of which 5 % are expected.
	if most := alpha*runs + 3*math.Sqrt(alpha*(1-alpha)*runs); float64(wrong) > most {
		t.Errorf("in %d of %d runs a mode was called slower that is not, want at most %.0f", wrong, runs, most)
	}
	t.Logf("a mode was called slower in %d of %d runs", wrong, runs)
}

func TestRowsDifferBySettingsThatNamesLack(t *testing.T) {
	var b strings.Builder
	for _, dir := range []string{"/tmp", "/mnt"} {
		fmt.Fprintf(&b, "dir: %s\n", dir)
		for _, m := range []string{serial, "process"} {
			fmt.Fprintf(&b, "BenchmarkWorkload/workload=file/mode=%s/workers=1 10 100 ns/op\n", m)
		}
	}
	var labels []string
	for _, r := range suiteOfLines(t, b.String()).Rows {
		labels = append(labels, r.Label())
	}
	if d := gocmp.Diff([]string{"file (dir=/tmp)", "file (dir=/mnt)"}, labels); d != "" {
		t.Errorf("rows differ:\n%s", d)
	}
}

func TestSummarySaysWhatTheSamplesSay(t *testing.T) {
	text := strings.ReplaceAll(strings.Join(madeUp(t).Summary(), "\n"), wording.NBSP, " ")
	for _, want := range []string{
		"where the CPU is the limit (hash)", "where workers wait (sleep)", "Go needs no processes to use the CPUs",
		"Bringing the workers up takes", "A process for each unit (spawn)", "At its peak, the memory is", "the CPU time in process",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the summary lacks %q:\n%s", want, text)
		}
	}
	// With the modes exchanged, what it says must turn around.
	samples := fakeSamples(fakeOptions{seed: 1, rounds: 8, workers: []int{1, 2}, works: fakeWorks()[:3]})
	samples = strings.NewReplacer("mode=process", "mode=goroutine", "mode=goroutine", "mode=process").Replace(samples)
	text = strings.Join(load(t, samplesFile(t, samples)).Summary(), "\n")
	if !strings.Contains(text, "process is faster than goroutine in 2") || strings.Contains(text, "needs no processes") {
		t.Errorf("where processes are faster, the summary says:\n%s", text)
	}
}

func TestUnitsHaveQuantities(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit string
		want string
	}{
		{62.1e-6, results.SecPerOp, "62.1 µs"}, {1.5, results.StartupSec, "1.50 s"}, {0, results.SecPerOp, "0 s"},
		{3 << 20, results.PeakPSS, "3.00 MiB"}, {2.5e9, results.BytesPerSec, "2.33 GiB/s"},
		{0.25, results.VoluntaryOp, "0.25"}, {12345, results.AllocsPerOp, "12.3 k"}, {24, results.AllocBytesOp, "24.0 B"},
	} {
		if got := strings.ReplaceAll(quantity(c.v, c.unit), wording.NBSP, " "); got != c.want {
			t.Errorf("quantity(%v, %s) = %q, want %q", c.v, c.unit, got, c.want)
		}
	}
}

func TestFactorsStayReadable(t *testing.T) {
	for v, want := range map[float64]string{1.974: "1.97", 12.34: "12.3", 3394.2: "3394", 0.41: "0.41", 0.0023: "0.0023", 0.000067: "0.000067", 0: "0.00"} {
		if got := factor(v); got != want {
			t.Errorf("factor(%v) = %q, want %q", v, got, want)
		}
	}
}

// TestIntervalsStayInOnePiece looks for places where a line may break between
// the level of an interval and what it is the level of.
func TestIntervalsStayInOnePiece(t *testing.T) {
	if testing.Short() {
		t.Skip("draws a page")
	}
	page := twoWorks(t)
	if !strings.Contains(string(page), "95\u00a0%\u00a0CI") {
		t.Error("the page has no interval")
	}
	if i := strings.Index(string(page), "95 %"); i >= 0 {
		t.Errorf("the page may break %q", page[i-40:i+20])
	}
	if i := strings.Index(string(page), "%\u00a0CI "); i >= 0 && !strings.HasPrefix(string(page)[i+len("%\u00a0CI "):], "(") {
		t.Errorf("the page may break %q", page[i-40:i+20])
	}
	r := madeUp(t)
	for _, width := range []int{60, 72, 80} {
		var b strings.Builder
		if err := r.WriteText(&b, TextOptions{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if line = strings.TrimSpace(line); strings.HasSuffix(line, "95") || strings.HasSuffix(line, "95 %") || strings.HasSuffix(line, "95 % CI") {
				t.Errorf("at %d: an interval is broken after %q", width, line)
			}
		}
	}
}
