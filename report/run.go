package report

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/profiles"
	"github.com/gvp-bench/gvp/results/samples"
)

// A Run is what the folder of a run has beside the samples.
type Run struct {
	results.Run
	Folder   string
	Failures []results.LogEntry // what could not be measured, in the order of the log
	Profiles []Profile          // by name of mode
}

// A Profile is the merged CPU profile of a mode.
type Profile struct {
	profiles.File
	Data *profile.Profile
}

// readRun reads the folder that a file of samples lies in, if it is that of a
// run; else there is no run.
func readRun(f samples.File) (*Run, []samples.Warning) {
	folder := filepath.Dir(f.Path)
	if filepath.Base(f.Path) != results.SamplesFile {
		return nil, nil
	}
	if _, err := os.Stat(filepath.Join(folder, results.RunFile)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var warnings []samples.Warning
	warn := func(file string, err error) {
		if err != nil {
			warnings = append(warnings, samples.Warning{File: filepath.Join(folder, file), Msg: err.Error()})
		}
	}
	info, err := results.ReadRun(folder)
	if err != nil {
		warn(results.RunFile, err)
		return nil, warnings
	}
	run := &Run{Run: info, Folder: folder}
	entries, err := results.ReadLog(folder)
	warn(results.LogFile, err)
	for _, e := range entries {
		if e.Event != results.LogStop && e.Error != "" && !e.OK {
			run.Failures = append(run.Failures, e)
		}
	}
	files, err := profiles.List(folder)
	warn(results.ProfilesDir, err)
	for _, p := range files {
		data, err := profiles.Read(p.Path)
		if err != nil {
			warn(filepath.Join(results.ProfilesDir, filepath.Base(p.Path)), err)
			continue
		}
		run.Profiles = append(run.Profiles, Profile{p, data})
	}
	return run, warnings
}

// cpus returns how many CPUs the run could use: those that are online or, if
// fewer, what affinity and control groups leave; 0 if that is not known.
func (r *Run) cpus() int {
	m := r.Machine
	n := m.CPUs
	if m.UsableCPUs > 0 && (n == 0 || m.UsableCPUs < n) {
		n = m.UsableCPUs
	}
	if limit := int(m.CPULimit + 0.5); m.CPULimit > 0 && limit < n {
		n = max(1, limit)
	}
	return n
}

// about returns what the bench binary says of a workload: what a unit is, and
// what a reader of its figures has to know.
func (r *Run) about(workload string) []string {
	if r == nil {
		return nil
	}
	for _, w := range r.Workloads {
		if w.Name == workload {
			return slices.DeleteFunc([]string{sentence("A unit: " + w.Help), sentence(w.Note)}, func(s string) bool { return s == "" })
		}
	}
	return nil
}

// sentence ends a text with a full stop; nothing stays nothing.
func sentence(text string) string {
	if text == "" || strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
