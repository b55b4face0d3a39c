package runner

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/multiproc"
)

// abandon ends what a host has started, when its tool is gone, and leaves the
// cleaning up to a process that outlives it: workers in goroutines of the host
// hold what they have until the host itself ends.
func (r *Runner) abandon(spec results.Spec) error {
	multiproc.KillChildren()
	job, err := r.job(spec.Cell.Workload, spec.Cell.Values())
	if err != nil || job.Cleanup == nil {
		return err
	}
	arg, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	// The writing end closes when this process ends: the cleaner's signal.
	in, lifeline, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	_, err = os.StartProcess(exe, []string{os.Args[0], results.CleanupCommand, string(arg)}, &os.ProcAttr{
		Files: []*os.File{in, os.Stdout, os.Stderr},
	})
	if err != nil {
		return fmt.Errorf("clean up: %w", err)
	}
	runtime.KeepAlive(lifeline)
	return nil
}

// cleanup removes what the workers of a host left behind, once stdin ends.
func (r *Runner) cleanup(stdin io.Reader, arg string) error {
	if _, err := io.Copy(io.Discard, stdin); err != nil {
		return err
	}
	var spec results.Spec
	if err := json.Unmarshal([]byte(arg), &spec); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	job, err := r.job(spec.Cell.Workload, spec.Cell.Values())
	if err != nil || job.Cleanup == nil {
		return err
	}
	if err := job.Cleanup(); err != nil {
		return fmt.Errorf("clean up after %s: %w", spec.Cell.Workload, err)
	}
	return nil
}
