package report

import (
	"fmt"
	"slices"

	"github.com/gvp-bench/gvp/report/table"
	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/results/samples"
)

// A Report is what can be said about some results.
type Report struct {
	Set *samples.Set

	// Suites are the files in which modes were compared, one for each label.
	// Results of other projects usually have none, and then the report is its
	// tables.
	Suites []*Suite

	// Primitives are those of the files that have some.
	Primitives []*Primitives

	// Warnings must be shown with whatever is made of the report.
	Warnings []samples.Warning

	// TableOptions say which samples to put where in the tables. Those that are
	// empty are chosen by what the results are.
	TableOptions table.Options
}

// Load reads files of Go benchmark output, from whatever project, and folders
// of runs, each as [samples.ReadFiles] does. In the folder of a run, it also
// reads the run file, the log and the profiles; what is wrong with those is a
// warning, since the samples stand without them.
func Load(paths []string) (*Report, error) {
	set, err := samples.ReadFiles(paths)
	if err != nil {
		return nil, err
	}
	r := &Report{Set: set, Warnings: set.Warnings}
	for _, f := range set.Files {
		if slices.ContainsFunc(r.Primitives, func(p *Primitives) bool { return p.Label == f.Label }) || r.suite(f.Label) != nil {
			continue
		}
		if p := primitivesOf(set, f.Label); p != nil {
			r.Primitives = append(r.Primitives, p)
		}
		run, warnings := readRun(f)
		r.Warnings = append(r.Warnings, warnings...)
		if s := newSuite(set, f.Label, run); s != nil {
			r.Suites = append(r.Suites, s)
		}
	}
	return r, nil
}

func (r *Report) suite(label string) *Suite {
	for _, s := range r.Suites {
		if s.Label == label {
			return s
		}
	}
	return nil
}

// Folder returns the folder of the run if the report is about one run, and else
// nothing. It is where the report's page belongs.
func (r *Report) Folder() string {
	if len(r.Set.Files) == 1 && len(r.Suites) == 1 && r.Suites[0].Run != nil {
		return r.Suites[0].Run.Folder
	}
	return ""
}

// Findings returns what the samples say about each workload: one for each row
// of each suite, at the largest number of workers that the machine has CPUs
// for.
func (r *Report) Findings() []Finding {
	var all []Finding
	for _, s := range r.Suites {
		all = append(all, s.Findings()...)
	}
	return all
}

// Summary returns the sentences about all workloads together: what becomes of
// "threads for I/O, processes for CPU", and what starting and keeping processes
// costs.
func (r *Report) Summary() []string {
	var all []string
	for _, s := range r.Suites {
		all = append(all, r.named(s, s.Summary())...)
	}
	return all
}

// Noise returns what made the runs noisy: warnings that belong next to their
// numbers.
func (r *Report) Noise() []string {
	var all []string
	for _, s := range r.Suites {
		all = append(all, r.named(s, s.Noise())...)
	}
	return all
}

// named puts the label of a suite before its sentences, where there are several.
func (r *Report) named(s *Suite, sentences []string) []string {
	if len(r.Suites) < 2 {
		return sentences
	}
	named := make([]string, len(sentences))
	for i, text := range sentences {
		named[i] = fmt.Sprintf("%s: %s", s.Label, text)
	}
	return named
}

// Failures returns what could not be measured, of all runs.
func (r *Report) Failures() []results.LogEntry {
	var all []results.LogEntry
	for _, s := range r.Suites {
		if s.Run != nil {
			all = append(all, s.Run.Failures...)
		}
	}
	return all
}
