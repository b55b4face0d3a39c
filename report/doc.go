// Package report says what results mean: tables in the manner of benchstat for
// the Go benchmarks of any project, and, where modes were compared, a sentence
// for each workload, charts, profiles and a page that needs no network.
//
// It reads results and only results. Nothing that it says is known beforehand:
// which mode wins, which workloads compute and which wait, all come from the
// samples.
package report
