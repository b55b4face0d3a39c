package results

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gvp-bench/gvp/results/internal/lines"
)

// A SampleWriter appends samples to the sample file of a run.
type SampleWriter struct {
	out     *lines.Appender
	head    int64           // bytes of the configuration lines
	units   map[string]bool // whose Unit line is written
	samples []written
}

// A written is a sample in the file: its line and the Unit lines before it.
type written struct {
	name  string // [Cell.Name]
	units []string
	end   int64 // size of the file up to there
}

// OpenSamples opens the sample file of the run in folder. A new one begins
// with the configuration lines; in an old one, a last line that is only half
// there is cut off.
func OpenSamples(folder string, config [][2]string) (*SampleWriter, error) {
	out, err := lines.Open(filepath.Join(folder, SamplesFile))
	if err != nil {
		return nil, err
	}
	w := &SampleWriter{out: out, units: make(map[string]bool)}
	if err := w.recall(config); err != nil {
		_ = out.Close() // the error that led here says more
		return nil, err
	}
	return w, nil
}

// recall reads what the file holds already, and writes the configuration lines
// if they are not whole.
func (w *SampleWriter) recall(config [][2]string) error {
	data, err := os.ReadFile(w.out.Name())
	if err != nil {
		return fmt.Errorf("cannot read the samples: %w", err)
	}
	head := configLines(config)
	if old := configLines(withoutSettings(config)); bytes.HasPrefix(data, old) {
		head = old
	}
	if !bytes.HasPrefix(data, head) && !bytes.HasPrefix(head, data) {
		return fmt.Errorf("%s does not begin as this run's sample file does: it is not one, or was edited", w.out.Name())
	}
	w.head = int64(len(head))
	if len(data) < len(head) {
		if err := w.out.Cut(0); err != nil {
			return fmt.Errorf("cannot write the samples: %w", err)
		}
		return w.out.Append(head)
	}
	size := w.head
	var units []string
	for line := range bytes.Lines(data[w.head:]) {
		size += int64(len(line))
		fields := strings.Fields(string(line))
		switch {
		case line[len(line)-1] != '\n': // half a line
		case len(fields) > 1 && fields[0] == "Unit":
			units = append(units, fields[1])
		case len(fields) > 0 && strings.HasPrefix(fields[0], "Benchmark"):
			w.add(written{strings.TrimPrefix(fields[0], "Benchmark"), units, size})
			units = nil
		}
	}
	return w.Keep(len(w.samples))
}

// add notes a sample that is in the file.
func (w *SampleWriter) add(s written) {
	for _, u := range s.units {
		w.units[u] = true
	}
	w.samples = append(w.samples, s)
}

// configLines returns the head of a sample file.
func configLines(config [][2]string) []byte {
	var b bytes.Buffer
	for _, kv := range config {
		// A line break would begin another line of the file.
		fmt.Fprintf(&b, "%s: %s\n", kv[0], strings.Join(strings.Fields(kv[1]), " "))
	}
	b.WriteByte('\n')
	return b.Bytes()
}

// withoutSettings returns the configuration lines that a run was begun with by a gvp
// that did not write settings of the runtime and of the build yet: such a run is
// completed as it was begun.
func withoutSettings(config [][2]string) [][2]string {
	return slices.DeleteFunc(slices.Clone(config), func(kv [2]string) bool {
		switch kv[0] {
		case "gogc", "gomemlimit", "godebug", "goexperiment", "goarm":
			return true
		}
		_, level := defaultLevels[strings.ToUpper(kv[0])]
		return level
	})
}

// Write appends one sample, at once. Each metric's Unit line comes before its
// first sample: what is never measured is never mentioned.
func (w *SampleWriter) Write(c Cell, units uint64, metrics []Metric) error {
	var b bytes.Buffer
	var news []string
	for _, u := range Units() {
		measured := slices.ContainsFunc(metrics, func(m Metric) bool { return m.Unit == u.Name })
		if measured && !w.units[u.Name] {
			news = append(news, u.Name)
			fmt.Fprintf(&b, "Unit %s better=%s\n", u.Name, better(u.Better))
		}
	}
	fmt.Fprintf(&b, "Benchmark%s %d", c.Name(), units)
	for _, m := range metrics {
		b.WriteString(" " + strconv.FormatFloat(m.Value, 'g', -1, 64) + " " + m.Unit)
	}
	b.WriteByte('\n')
	if err := w.out.Append(b.Bytes()); err != nil {
		return err
	}
	w.add(written{c.Name(), news, w.out.Size()})
	return nil
}

func better(direction int) string {
	if direction > 0 {
		return "higher"
	}
	return "lower"
}

// Names returns the names ([Cell.Name]) of the samples in the file, in order.
func (w *SampleWriter) Names() []string {
	names := make([]string, len(w.samples))
	for i, s := range w.samples {
		names[i] = s.name
	}
	return names
}

// Keep cuts off what comes after the first n samples.
func (w *SampleWriter) Keep(n int) error {
	size := w.head
	if n > 0 {
		size = w.samples[n-1].end
	}
	if size == w.out.Size() {
		return nil
	}
	if err := w.out.Cut(size); err != nil {
		return fmt.Errorf("cannot cut off the end of %s: %w", w.out.Name(), err)
	}
	for _, s := range w.samples[n:] {
		for _, u := range s.units {
			delete(w.units, u)
		}
	}
	w.samples = w.samples[:n]
	return nil
}

// Close closes the file.
func (w *SampleWriter) Close() error { return w.out.Close() }

// CheckMetrics refuses what must not stand in a sample file: a unit that gvp
// does not have or that stands there twice, a value that is no number, and a
// sample without its wall time.
func CheckMetrics(metrics []Metric) error {
	seen := make(map[string]bool, len(metrics))
	for _, m := range metrics {
		known := slices.ContainsFunc(Units(), func(u Unit) bool { return u.Name == m.Unit })
		switch {
		case !known:
			return fmt.Errorf("unknown metric %q", m.Unit)
		case seen[m.Unit]:
			return fmt.Errorf("metric %s stands there twice", m.Unit)
		case math.IsNaN(m.Value) || math.IsInf(m.Value, 0) || m.Value < 0:
			return fmt.Errorf("metric %s is %v", m.Unit, m.Value)
		}
		seen[m.Unit] = true
	}
	if !seen[SecPerOp] {
		return fmt.Errorf("metric %s is missing", SecPerOp)
	}
	return nil
}
