package checks

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// A Record is what a check's folder holds.
type Record struct {
	Check    Check
	Samples  []Sample
	Warnings []string // lines of the log that were skipped, and why
}

// Read reads a check's folder, wherever it was cut off.
func Read(folder string) (*Record, error) {
	name := filepath.Join(folder, File)
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not the folder of a check: it has no %s: %w", folder, File, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the check: %w", err)
	}
	r := new(Record)
	if r.Check, err = parseCheck(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	r.Samples, r.Warnings, err = ReadLog(filepath.Join(folder, LogFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // cut off before the first sample
	}
	return r, err
}

func parseCheck(data []byte) (Check, error) {
	// The version first: the rest of another version may not even parse.
	var version struct{ Format int }
	if err := json.Unmarshal(data, &version); err != nil {
		return Check{}, fmt.Errorf("not the file of a check: %w", err)
	}
	if version.Format != Format {
		return Check{}, fmt.Errorf("format %d, want %d: it was written by another version of gvp: use that version, or check again", version.Format, Format)
	}
	var c Check
	if err := json.Unmarshal(data, &c); err != nil {
		return Check{}, fmt.Errorf("not the file of a check: %w", err)
	}
	return c, nil
}

// ReadLog reads a log of samples. Lines that are not whole, as the last one
// may be, or not samples are left out; warnings name them.
func ReadLog(name string) (samples []Sample, warnings []string, err error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read the log: %w", err)
	}
	samples, warnings = parseLog(data)
	for i, w := range warnings {
		warnings[i] = name + ":" + w
	}
	return samples, warnings, nil
}

// maxWarnings is how many lines are named one by one.
const maxWarnings = 20

func parseLog(data []byte) (samples []Sample, warnings []string) {
	bad := 0
	for n := 1; len(data) > 0; n++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		data = rest
		var err error
		switch {
		case !whole:
			err = errors.New("half-written last line skipped")
		default:
			var s Sample
			if s, err = parseSample(line); err == nil {
				samples = append(samples, s)
			}
		}
		if err != nil {
			if bad++; bad <= maxWarnings {
				warnings = append(warnings, fmt.Sprintf("%d: %v", n, err))
			}
		}
	}
	if bad > maxWarnings {
		warnings = append(warnings, fmt.Sprintf(" %d more lines like these", bad-maxWarnings))
	}
	return samples, warnings
}

// parseSample refuses what no measurement can have written: what a sample says
// decides a verdict.
func parseSample(line []byte) (Sample, error) {
	var s Sample
	if err := json.Unmarshal(line, &s); err != nil {
		return Sample{}, fmt.Errorf("not a sample, skipped: %w", err)
	}
	switch {
	case s.Side != Base && s.Side != Head:
		return Sample{}, fmt.Errorf("sample of the side %q skipped", s.Side)
	case s.Benchmark == "" || s.Round < 0:
		return Sample{}, errors.New("sample without benchmark or round skipped")
	}
	for _, m := range s.Metrics {
		if m.Unit == "" || math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
			return Sample{}, errors.New("sample with a value that is none skipped")
		}
	}
	return s, nil
}
