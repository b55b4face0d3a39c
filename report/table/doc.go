// Package table compares samples the way benchstat does, to the last digit:
// medians with confidence intervals, differences with p-values, and geometric
// means, as text, Markdown, CSV, JSON and HTML. Unlike benchstat, it shows which
// differences are improvements.
package table
