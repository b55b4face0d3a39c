package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gvp-bench/gvp/report/gate"
	"github.com/gvp-bench/gvp/runner/check"
)

// selfTestModule is the module that a self-test builds: benchmarks of a few
// milliseconds that compute, of which one can be made slower.
//
//go:embed selftest/kernels_test.go.txt
var selfTestModule string

// selfTestSlowed is the benchmark that a self-test makes slower, and by how much.
const (
	selfTestSlowed = "Kernel3"
	selfTestBy     = 0.10
)

// selfTest finds out whether the gate can be trusted on this machine: it has to
// let a binary pass that is compared with itself, and to find a slowdown that was
// put in.
func (t *tool) selfTest(ctx context.Context, f *checkFlags) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", check.TempPrefix+"selftest-")
	if err != nil {
		return fmt.Errorf("no place for the self-test: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	same, err := t.buildKernels(ctx, filepath.Join(dir, "same"), 0)
	if err != nil {
		return unmeasured(err)
	}
	slow, err := t.buildKernels(ctx, filepath.Join(dir, "slow"), selfTestBy)
	if err != nil {
		return unmeasured(err)
	}
	result := gate.SelfTest{Benchmark: selfTestSlowed, Injected: selfTestBy}
	for _, c := range []struct {
		base, head string
		to         **gate.Outcome
	}{{same, same, &result.Same}, {same, slow, &result.Slowed}, {slow, same, &result.Swapped}} {
		flags := *f
		flags.base, flags.head, flags.noProfile, flags.out = c.base, c.head, true, filepath.Join(dir, "checks")
		flags.bench, flags.quiet = ".", true
		if *c.to, err = t.compareSides(ctx, &flags, nil, time.Now()); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	result.SlowedStatus = t.exit(ctx, outcomeError(result.Slowed, nil))
	result.Took = time.Since(began)
	if err := result.WriteText(t.stdout, gate.TextOptions{Color: colored(f.color, t.stdout), Width: width(t.stdout)}); err != nil {
		return fmt.Errorf("cannot write to standard output: %w", err)
	}
	switch status := result.Status(); status {
	case gate.StatusFine:
		return nil
	case gate.StatusRegressed:
		return errReported // not by the way of outcomeError, which is under test
	default:
		return statusError{status: status}
	}
}

// buildKernels builds the self-test's benchmarks, with one of them slower.
func (t *tool) buildKernels(ctx context.Context, dir string, slower float64) (binary string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	for name, text := range map[string]string{
		"go.mod":          "module selftest\n\ngo 1.24\n",
		"kernels_test.go": selfTestModule,
		"slower_test.go":  fmt.Sprintf("package selftest\n\nconst slower = %v // of %s\n", slower, selfTestSlowed),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return "", err
		}
	}
	binary = filepath.Join(dir, exeName("kernels.test"))
	// What it builds is not to depend on what is built elsewhere. Flags that are empty
	// are those of go env -w.
	if _, err := t.goCommand(ctx, goCall{dir: dir, env: []string{"GOWORK=off", "GOENV=off", "GOFLAGS="}}, "test", "-c", "-trimpath", "-o", binary, "."); err != nil {
		return "", fmt.Errorf("cannot build the self-test: %w", err)
	}
	return binary, nil
}
