package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gvp-bench/gvp/results/internal/lines"
)

// What a log entry can be about.
const (
	LogStart     = "start"     // the tool began, or went on with, the run
	LogCalibrate = "calibrate" // a host calibrated a cell
	LogSample    = "sample"    // a host took a sample
	LogProfile   = "profile"   // a host was profiled
	LogStop      = "stop"      // the tool ended, the run finished or not
)

// A LogEntry is one line of a run's log: something that happened. For each
// host that was started there is one entry, save for those that an
// interruption cut off.
type LogEntry struct {
	Event string    `json:"event"`
	Time  time.Time `json:"time"` // when it began

	Round int    `json:"round,omitempty"` // of a sample, from 1
	Order int    `json:"order,omitempty"` // the place in the round, from 1
	Cell  string `json:"cell,omitempty"`  // [Cell.Name]

	// OK says that the host did what it was asked to; if not, Error says why,
	// and Stderr is the end of what the host wrote to its standard error.
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
	Stderr string `json:"stderr,omitempty"`

	// Samples is, of a start, how many samples of the sample file were kept:
	// those of the first so many entries of samples that are OK.
	Samples int `json:"samples,omitempty"`

	PID       int       `json:"pid,omitempty"`
	Wall      float64   `json:"wall,omitempty"` // seconds, from the host's start to its end
	Units     uint64    `json:"units,omitempty"`
	Digest    *Fold     `json:"digest,omitempty"`
	Processes []Process `json:"processes,omitempty"`
	Noise     []Metric  `json:"noise,omitempty"`
}

// A LogWriter appends to the log of a run.
type LogWriter struct{ out *lines.Appender }

// OpenLog opens the log of the run in folder, and makes it if there is none. It
// returns the entries in it; a last line that is only half there is cut off.
func OpenLog(folder string) (*LogWriter, []LogEntry, error) {
	out, err := lines.Open(filepath.Join(folder, LogFile))
	if err != nil {
		return nil, nil, err
	}
	entries, size, err := readLog(out.Name())
	if err == nil && size < out.Size() {
		err = out.Cut(size)
	}
	if err != nil {
		_ = out.Close() // the error that led here says more
		return nil, nil, err
	}
	return &LogWriter{out}, entries, nil
}

// Write appends one entry, at once.
func (w *LogWriter) Write(e LogEntry) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("cannot encode a log entry: %w", err)
	}
	return w.out.Append(append(data, '\n'))
}

// Close closes the log.
func (w *LogWriter) Close() error { return w.out.Close() }

// ReadLog reads the log of the run in folder, without a last line that is only
// half there.
func ReadLog(folder string) ([]LogEntry, error) {
	entries, _, err := readLog(filepath.Join(folder, LogFile))
	return entries, err
}

func readLog(name string) (entries []LogEntry, size int64, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, 0, fmt.Errorf("cannot read the log: %w", err)
	}
	entries, size, err = parseLog(data)
	if err != nil {
		return nil, 0, fmt.Errorf("%s:%w", name, err)
	}
	return entries, size, nil
}

// parseLog returns the entries of whole lines and the length of those.
func parseLog(data []byte) (entries []LogEntry, size int64, err error) {
	for {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			return entries, size, nil
		}
		var e LogEntry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, 0, fmt.Errorf("%d: not a log entry (remove that line and those below it, or make a new run): %w", len(entries)+1, err)
		}
		entries = append(entries, e)
		size += int64(len(line) + 1)
		data = rest
	}
}
