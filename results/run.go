package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The files of a run's folder.
const (
	RunFile     = "run.json"    // a [Run]
	SamplesFile = "samples.txt" // the samples, in the Go benchmark format
	LogFile     = "log.jsonl"   // a [LogEntry] a line
	ProfilesDir = "profiles"    // merged CPU profiles, per mode
)

// RunFormat is the version of the folder's files.
const RunFormat = 1

// ChunkKey is the key of the configuration line that says how many units a worker
// was handed at once, if that was fixed.
const ChunkKey = "chunk"

// A Run is everything about a run but its samples: what is needed to
// understand it and to complete it.
type Run struct {
	Format  int       `json:"format"`
	Started time.Time `json:"started"`

	// Finished says that every sample was taken or has failed. A run that is
	// not finished can be completed.
	Finished bool `json:"finished"`

	Command []string `json:"command,omitempty"` // what the tool was called with

	Seed        uint64        `json:"seed"` // fixes the order of the cells in each round
	Rounds      int           `json:"rounds"`
	Target      time.Duration `json:"target"`                // wall time aimed at for a sample, ns
	Timeout     time.Duration `json:"timeout"`               // of a host, ns
	Chunk       uint64        `json:"chunk,omitempty"`       // see [Spec]
	ProfileTime time.Duration `json:"profileTime,omitempty"` // of each profile, ns; absent without a profiling pass

	// Workloads are what the bench binary says of those that are measured.
	Workloads []CatalogWorkload `json:"workloads,omitempty"`

	// Cells are what is measured, in the order of the plan; the control
	// kernel is the last.
	Cells []RunCell `json:"cells"`

	Machine Machine `json:"machine"`
	Bench   Binary  `json:"bench"`
}

// A RunCell is a cell of a run.
type RunCell struct {
	Cell

	// Units is the length of the cell's samples, found by calibration; absent
	// until then, and where calibration failed.
	Units uint64 `json:"units,omitempty"`
}

// ReadRun reads the run file of a folder.
func ReadRun(folder string) (Run, error) {
	name := filepath.Join(folder, RunFile)
	data, err := os.ReadFile(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !exists(folder):
		return Run{}, fmt.Errorf("there is no folder %s", folder)
	case errors.Is(err, fs.ErrNotExist):
		return Run{}, fmt.Errorf("%s is not the folder of a run: it has no %s", folder, RunFile)
	case err != nil:
		return Run{}, fmt.Errorf("cannot read the run: %w", err)
	}
	run, err := parseRun(data)
	if err != nil {
		return Run{}, fmt.Errorf("%s: %w", name, err)
	}
	return run, nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return !errors.Is(err, fs.ErrNotExist)
}

// parseRun reads a run file and refuses one that no campaign can have written:
// what it says decides what a resumed run starts.
func parseRun(data []byte) (Run, error) {
	// The version first: the rest of another version may not even parse.
	var version struct{ Format int }
	if err := json.Unmarshal(data, &version); err != nil {
		return Run{}, fmt.Errorf("not a run file: %w", err)
	}
	if version.Format != RunFormat {
		return Run{}, fmt.Errorf("format %d, want %d: it was written by another version of gvp: use that version, or make a new run", version.Format, RunFormat)
	}
	var run Run
	if err := json.Unmarshal(data, &run); err != nil {
		return Run{}, fmt.Errorf("not a run file: %w", err)
	}
	if run.Rounds < 1 || run.Target <= 0 || run.Timeout <= 0 || run.ProfileTime < 0 || len(run.Cells) == 0 {
		return Run{}, errors.New("not a run file: rounds, target, timeout or cells are missing")
	}
	for i, c := range run.Cells {
		if c.Workload == "" || c.Mode == "" || c.Workers < 1 {
			return Run{}, fmt.Errorf("not a run file: cell %d lacks its workload, mode or workers", i)
		}
	}
	return run, nil
}

// Write writes the run file into folder: beside the old one first, then in its
// place, so that there is a whole one at every moment.
func (r Run) Write(folder string) (err error) {
	data, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return fmt.Errorf("cannot encode %s: %w", RunFile, err)
	}
	name := filepath.Join(folder, RunFile)
	temp := name + ".new"
	defer func() {
		if err != nil {
			_ = os.Remove(temp) // the error that led here says more
		}
	}()
	if err := os.WriteFile(temp, append(data, '\n'), 0o666); err != nil {
		return fmt.Errorf("cannot write the run: %w", err)
	}
	if err := os.Rename(temp, name); err != nil {
		return fmt.Errorf("cannot write the run: %w", err)
	}
	return nil
}
