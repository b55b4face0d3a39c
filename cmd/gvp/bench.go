package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gvp-bench/gvp/results"
	"github.com/gvp-bench/gvp/runner/campaign"
)

const (
	benchName    = "gvp-bench"
	benchModule  = "github.com/gvp-bench/gvp"
	benchPackage = benchModule + "/cmd/" + benchName
)

// A benchFile is the file of a bench binary.
type benchFile struct {
	path string
	temp string // the folder that it was built into and that goes with it, if any
}

// remove removes the file if it was built for this call of gvp.
func (b benchFile) remove() error {
	if b.temp == "" {
		return nil
	}
	return os.RemoveAll(b.temp)
}

// findBench returns the bench binary that a command's argument means: an
// executable file, or a package, which it builds. Without an argument it is the
// built-in one.
func (t *tool) findBench(ctx context.Context, args []string) (benchFile, error) {
	arg := ""
	if len(args) > 0 {
		if arg = args[0]; arg == "" {
			return benchFile{}, usagef("the name of the package or bench binary is empty")
		}
	}
	path, err := readyBench(arg)
	switch {
	case err != nil:
		return benchFile{}, err
	case path != "":
		return benchFile{path: path}, nil
	case arg != "":
		return t.buildBench(ctx, arg)
	}
	return t.builtinBench(ctx)
}

// readyBench returns the bench binary that an argument means, if it is there
// and need not be built.
func readyBench(arg string) (string, error) {
	if arg == "" {
		return besideTool(), nil
	}
	info, err := os.Stat(arg)
	switch {
	case err != nil && looksLikePath(arg):
		return "", usagef("no package and no bench binary at %s: %w", arg, cause(err))
	case info == nil || info.IsDir():
		return "", nil // a package
	case !executable(info):
		return "", usagef("%s is neither the folder of a package nor an executable file", arg)
	}
	path, err := filepath.Abs(arg)
	if err != nil {
		return "", fmt.Errorf("cannot use %s: %w", arg, err)
	}
	return path, nil
}

// looksLikePath reports whether the argument can only be a place in the file
// system, and not the import path of a package.
func looksLikePath(arg string) bool {
	return filepath.IsAbs(arg) || strings.HasPrefix(arg, ".") || !strings.ContainsAny(arg, "/.")
}

// cause returns what went wrong with a file, without its name.
func cause(err error) error {
	if of, ok := errors.AsType[*os.PathError](err); ok {
		return of.Err
	}
	return err
}

func executable(info os.FileInfo) bool {
	if runtime.GOOS == "windows" {
		return info.Mode().IsRegular() && strings.EqualFold(filepath.Ext(info.Name()), ".exe")
	}
	return info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// besideTool returns the built-in bench binary beside gvp's own file, or
// nothing if there is none.
func besideTool() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(self); err == nil {
		self = real
	}
	path := filepath.Join(filepath.Dir(self), exeName(benchName))
	if info, err := os.Stat(path); err != nil || !executable(info) {
		return ""
	}
	return path
}

func exeName(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// describe asks the bench binary at path what it can measure.
func describe(ctx context.Context, path string) (results.Catalog, error) {
	bench, err := campaign.Identify(path)
	if err != nil {
		return results.Catalog{}, err
	}
	return campaign.Describe(ctx, bench)
}

// withBench calls f with the path of the bench binary that a command's
// arguments mean.
func (t *tool) withBench(ctx context.Context, args []string, f func(path string) error) error {
	bench, err := t.findBench(ctx, args)
	if err != nil {
		return err
	}
	return errors.Join(f(bench.path), bench.remove())
}
