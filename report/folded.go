package report

import "slices"

// folded reports whether a row is one of a series: a size of tasks of a workload
// that was measured with so many of them that a section of its own says what they
// do. Charts of each would be many, and say it less well; all figures of each are
// kept in a table.
func (s *Suite) folded(r *Row) bool { return s.series()[r.Workload] }

// findSeries is what series does the first time: the workloads whose rows are
// folded.
func (s *Suite) findSeries() map[string]bool {
	sizes := make(map[string]int)
	for _, r := range s.Rows {
		sizes[r.Workload]++
	}
	d, _ := s.Decision()
	found := make(map[string]bool)
	for workload, n := range sizes {
		if n < LeastSizes {
			continue
		}
		found[workload] = slices.ContainsFunc(d.Lines, func(l DecisionLine) bool { return l.Workload == workload }) ||
			slices.ContainsFunc(s.Granularities(), func(g Granularity) bool { return g.Workload == workload })
	}
	return found
}
