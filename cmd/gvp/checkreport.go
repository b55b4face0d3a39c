package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/results/checks"
)

// speak writes the outcome in all the ways that were asked for.
func (t *tool) speak(f *checkFlags, o *gate.Outcome) error {
	format, err := gate.ParseFormat(f.format)
	if err != nil {
		return usageError{err}
	}
	failed := errors.Join(f.reports.write(o), t.onGitHub(format, o))
	if format == gate.Text {
		err = o.WriteText(t.stdout, gate.TextOptions{Color: colored(f.color, t.stdout), Width: width(t.stdout)})
	} else {
		err = o.Write(t.stdout, format)
	}
	if err != nil {
		failed = errors.Join(failed, fmt.Errorf("cannot write to standard output: %w", err))
	}
	return failed
}

func formatNames() []string {
	var names []string
	for _, f := range gate.Formats() {
		names = append(names, string(f))
	}
	return names
}

// reportFiles is the value of the flag that says what else is to be written: a
// file for each format.
type reportFiles map[gate.Format]string

func (r reportFiles) String() string { return "" }
func (r reportFiles) Type() string   { return "format=file" }

func (r reportFiles) Set(s string) error {
	format, file, ok := strings.Cut(s, "=")
	if !ok || file == "" {
		return fmt.Errorf("bad value %q: want format=file, such as junit=check.xml", s)
	}
	f, err := gate.ParseFormat(format)
	if err != nil {
		return unknown("format", format, formatNames())
	}
	if first, ok := r[f]; ok {
		return fmt.Errorf("two files in the form %s, %s and %s: leave one out", f, first, file)
	}
	r[f] = file
	return nil
}

// write writes an outcome to all of the files that can be written.
func (r reportFiles) write(o *gate.Outcome) error {
	var failed error
	for _, format := range slices.Sorted(maps.Keys(r)) {
		var b bytes.Buffer
		if err := o.Write(&b, format); err != nil {
			return err
		}
		if err := checks.Replace(r[format], b.Bytes()); err != nil {
			failed = errors.Join(failed, fmt.Errorf("cannot write %s: %w", r[format], err))
		}
	}
	return failed
}

// onGitHubError says why a check came to nothing where a workflow of GitHub's shows
// it, if this is one, and returns the error.
func onGitHubError(stdout io.Writer, err error) error {
	own, ok := errors.AsType[statusError](err)
	if err == nil || os.Getenv("GITHUB_ACTIONS") != "true" || ok && own.why == nil {
		return err
	}
	// The error goes to standard error, too: it does not matter if this cannot be written.
	_, _ = io.WriteString(stdout, gate.GitHubError(oneLine(err.Error())))
	return err
}

// annotations is where a workflow of GitHub's is told what to show beside the code:
// it reads both outputs of a step. Standard output is for that only where it has
// text for people; all other formats are read by programs, or posted, as they are.
func (t *tool) annotations(format gate.Format) io.Writer {
	if format == gate.Text {
		return t.stdout
	}
	return t.stderr
}

// onGitHub says an outcome where a workflow of GitHub's looks for it, if this is
// one: annotations, where they are not the output itself, and the summary of the
// step in a file
// (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
func (t *tool) onGitHub(format gate.Format, o *gate.Outcome) error {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return nil
	}
	if format != gate.GitHub {
		if err := o.Write(t.annotations(format), gate.GitHub); err != nil {
			return fmt.Errorf("cannot write annotations: %w", err)
		}
	}
	name := os.Getenv("GITHUB_STEP_SUMMARY")
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return fmt.Errorf("cannot write the step's summary: %w", err)
	}
	if err := o.Write(file, gate.Markdown); err != nil {
		_ = file.Close() // the error that led here says more
		return fmt.Errorf("cannot write the step's summary: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("cannot write the step's summary: %w", err)
	}
	return nil
}
