// Package results is the format in which the two sides of gvp meet: what the
// tool asks a host for and what it answers, the sample lines, and the folder of
// a run. Sample lines are the Go benchmark format
// (https://go.dev/design/14313-benchmark-format), so that any Go tool reads
// them.
package results
