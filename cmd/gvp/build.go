package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime/debug"
	"strings"
)

// buildBench builds the bench binary of a package into a folder of its own, so
// that no other gvp replaces it while it is measured.
func (t *tool) buildBench(ctx context.Context, pkg string) (benchFile, error) {
	// A folder may lie in another module than the current one.
	dir, target := "", pkg
	if info, err := os.Stat(pkg); err == nil && info.IsDir() {
		dir, target = pkg, "."
	}
	found, err := t.goCommand(ctx, goCall{dir: dir}, "list", "-f", "{{.Name}} {{.ImportPath}}", target)
	if err != nil {
		return benchFile{}, fmt.Errorf("cannot build %s: %w", pkg, err)
	}
	kind, name, _ := strings.Cut(strings.TrimSpace(found), " ")
	if strings.Contains(name, "\n") {
		return benchFile{}, usagef("%s is more than one package: name the one to measure", pkg)
	}
	if kind != "main" {
		return benchFile{}, usagef("package %s is no main package: a bench binary is one whose main function calls runner.Main", pkg)
	}
	temp, err := os.MkdirTemp("", "gvp-")
	if err != nil {
		return benchFile{}, fmt.Errorf("cannot build %s: %w", pkg, err)
	}
	built := benchFile{path: filepath.Join(temp, exeName(path.Base(name))), temp: temp}
	t.say("building %s", pkg)
	if _, err := t.goCommand(ctx, goCall{dir: dir}, "build", vcsFlag(ctx, dir), "-o", built.path, target); err != nil {
		return benchFile{}, errors.Join(fmt.Errorf("cannot build %s: %w", pkg, err), built.remove())
	}
	return built, nil
}

// vcsFlag has the go command record the revision of the source in dir, also
// where GOFLAGS says otherwise, since what was measured is to be known; but
// only where git can tell it: go build fails where git does.
func vcsFlag(ctx context.Context, dir string) string {
	for _, args := range [][]string{{"log", "-1", "--format=%H"}, {"status", "--porcelain"}} {
		git := exec.CommandContext(ctx, "git", args...)
		git.Dir = dir
		if git.Run() != nil {
			return "-buildvcs=false"
		}
	}
	return "-buildvcs=auto"
}

// builtinBench builds the bench binary with the built-in workloads: from the
// source that the current folder's module uses or, of a released gvp, from the
// module of the same version.
func (t *tool) builtinBench(ctx context.Context) (benchFile, error) {
	list := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}", benchPackage)
	if _, err := list.Output(); err == nil {
		return t.buildBench(ctx, benchPackage)
	}
	if err := ctx.Err(); err != nil {
		return benchFile{}, err
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == benchModule && released(info.Main.Version) {
		return t.installBench(ctx, info.Main.Version)
	}
	return benchFile{}, fmt.Errorf("no bench binary: %s is not beside gvp, and its source is not in the current module: "+
		"run gvp in its source tree, or name a package or bench binary, as in `gvp run ./mybench`", exeName(benchName))
}

// released reports whether a module version can be fetched.
func released(version string) bool {
	return strings.HasPrefix(version, "v") && !strings.Contains(version, "+dirty")
}

// installBench builds the built-in bench binary of a released version into the
// user's cache, once.
func (t *tool) installBench(ctx context.Context, version string) (benchFile, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return benchFile{}, fmt.Errorf("no place for the bench binary: %w", err)
	}
	dir := filepath.Join(cache, "gvp", version)
	file := benchFile{path: filepath.Join(dir, exeName(benchName))}
	if info, err := os.Stat(file.path); err == nil && executable(info) {
		return file, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return benchFile{}, fmt.Errorf("no place for the bench binary: %w", err)
	}
	t.say("building %s@%s into %s", benchPackage, version, dir)
	if _, err := t.goCommand(ctx, goCall{env: []string{"GOBIN=" + dir}}, "install", benchPackage+"@"+version); err != nil {
		return benchFile{}, fmt.Errorf("cannot build %s@%s: %w; put %s beside gvp, as `make build` does, run gvp in its source tree, or name a bench binary",
			benchPackage, version, err, exeName(benchName))
	}
	return file, nil
}

// A goCall is what a call of the go command has of its own.
type goCall struct {
	dir string   // the folder it runs in, if not the current one
	env []string // variables more, name=value
}

// goCommand runs the go command and returns what it wrote to its
// standard output. Its standard error, compiler errors and all, is passed on;
// one line that says why it failed goes into the error instead.
func (t *tool) goCommand(ctx context.Context, at goCall, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = at.dir
	if len(at.env) > 0 {
		cmd.Env = append(os.Environ(), at.env...)
	}
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	err := cmd.Run()
	line := strings.TrimSpace(talk.String())
	if err != nil && ctx.Err() == nil && line != "" && !strings.Contains(line, "\n") {
		return "", fmt.Errorf("go %s: %s", args[0], strings.TrimPrefix(line, "go: "))
	}
	_, _ = talk.WriteTo(t.stderr) // as say does
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("the go command is not in PATH: install Go from https://go.dev/dl/, or name a bench binary that is already built")
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return out.String(), nil
}
